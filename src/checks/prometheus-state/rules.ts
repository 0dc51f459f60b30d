/** Are the rules that should warn loaded, healthy, and what the checklist says they are? */
import type { Instant } from '../../core/units.ts'
import { parseDuration } from '../../core/plan/duration.ts'
import { counted, type Finding, listed } from '../parts/finding.ts'
import { oneLine, sayMillis } from '../parts/say.ts'
import { found, type Rule, staleBy } from './api.ts'

/** One rule as the checklist has it; what is not said is not compared. */
export interface WantedRule {
  readonly alert?: string | undefined
  readonly record?: string | undefined
  readonly expr?: string | undefined
  /** Parts of the expression, such as `> 0.05`. */
  readonly 'expr-has'?: readonly string[] | undefined
  readonly for?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

/** null = all there are, at least one. */
export function ruleFindings(
  rules: readonly Rule[],
  wanted: readonly WantedRule[] | null,
  now: Instant,
): readonly Finding[] {
  if (wanted === null) {
    const facts = { rules: rules.length, rules_missing: [] }
    if (rules.length === 0) return [found('bad', 'no rule is loaded', facts)]
    const sick = sickRules(rules, now)
    return [sick ?? found('good', `${counted(rules.length, 'rule')} loaded and healthy`, facts, rules.map(lineOf))]
  }
  const matches = wanted.map((one) => ({ one, ...matchOf(one, rules) }))
  const missing = matches.filter(({ rule }) => rule === null)
  const facts = { rules: matches.length - missing.length, rules_missing: missing.map(({ one }) => nameOf(one)) }
  if (missing.length > 0) return [found('bad', missing.map(({ why }) => why).join('; '), facts)]
  const these = matches.flatMap(({ rule }) => (rule === null ? [] : [rule]))
  return [
    sickRules(these, now) ??
      found(
        'good',
        `${counted(these.length, 'rule')} loaded: ${listed(matches.map(({ one }) => nameOf(one)))}`,
        facts,
        these.map(lineOf),
      ),
  ]
}

/** Rules that cannot be evaluated, or are not any more: they would not warn. */
export function sickRules(rules: readonly Rule[], now: Instant): Finding | null {
  const sick = rules.filter(({ health }) => health !== 'ok' && health !== 'unknown')
  const [first] = sick
  if (first !== undefined)
    return found(
      'bad',
      `${counted(sick.length, 'rule')} cannot be evaluated: ${listed(sick.map(({ name }) => name))} (${oneLine(first.lastError ?? first.health, 120)})`,
      { rules_sick: sick.map(({ name }) => name) },
    )
  const late = rules.find(
    (rule) => rule.health === 'unknown' || staleBy(rule.lastEvaluation, rule.everyMs, now) !== null,
  )
  if (late === undefined) return null
  const ageMs = staleBy(late.lastEvaluation, late.everyMs, now)
  const since =
    ageMs === null || !Number.isFinite(ageMs) || late.health === 'unknown' ? 'yet' : `for ${sayMillis(ageMs)}`
  return found('unknown', `rule ${late.name} was not evaluated ${since}`, {})
}

function matchOf(wanted: WantedRule, rules: readonly Rule[]): { readonly rule: Rule | null; readonly why: string } {
  const [type, name] = wanted.record === undefined ? ['alerting', wanted.alert] : ['recording', wanted.record]
  const named = rules.filter((rule) => rule.type === type && (name === undefined || rule.name === name))
  if (named.length === 0) return { rule: null, why: `there is no ${type} rule ${name ?? ''}`.trim() }
  const differences = named.map((rule) => ({ rule, why: differenceOf(wanted, rule) }))
  const same = differences.find(({ why }) => why === null)
  return same === undefined
    ? { rule: null, why: `rule ${nameOf(wanted)}: ${differences[0]?.why ?? ''}` }
    : { rule: same.rule, why: '' }
}

function differenceOf(wanted: WantedRule, rule: Rule): string | null {
  const label = Object.entries(wanted.labels ?? {}).find(([name, value]) => (rule.labels?.[name] ?? '') !== value)
  if (label !== undefined) return `${label[0]} is ${rule.labels?.[label[0]] ?? 'not set'}, expected ${label[1]}`
  if (wanted.expr !== undefined && pressed(wanted.expr) !== pressed(rule.query))
    return `its expression is ${oneLine(rule.query, 160)}, expected ${oneLine(wanted.expr, 160)}`
  const part = wanted['expr-has']?.find((each) => !pressed(rule.query).includes(pressed(each)))
  if (part !== undefined) return `its expression ${oneLine(rule.query, 160)} does not have ${oneLine(part, 80)}`
  const forMs = (rule.duration ?? 0) * 1_000
  const read = wanted.for === undefined ? null : parseDuration(wanted.for)
  return read?.ok === true && read.value !== forMs ? `it waits for ${sayMillis(forMs)}, expected ${wanted.for}` : null
}

const piece = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\s+|[\s\S]/g

/** An expression without spaces outside of its texts, which are all written in double quotes. */
function pressed(expression: string): string {
  return Array.from(expression.trim().matchAll(piece), ([text]) => {
    if (/^\s+$/.test(text)) return ''
    return /^['`]/.test(text) && text.length > 1 ? quoted(text) : text
  }).join('')
}

function quoted(text: string): string {
  const inner = text.slice(1, -1)
  return text.startsWith('`') ? JSON.stringify(inner) : `"${inner.replaceAll("\\'", "'").replaceAll('"', '\\"')}"`
}

function nameOf({ alert, record, labels }: WantedRule): string {
  const name = alert ?? record
  const said = Object.entries(labels ?? {}).map(([label, value]) => `${label}=${value}`)
  return [name, ...said].filter((one) => one !== undefined).join(' ')
}

function lineOf(rule: Rule): string {
  return `${rule.health}\t${rule.type}\t${rule.name}\t${oneLine(rule.query, 500)}`
}

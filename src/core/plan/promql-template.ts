/** `{{ name }}` in PromQL: only inside a string literal, as a duration, or as `{{arm}}` for the label matchers of an arm. */
import { parseDuration } from './duration.ts'
import { quotePattern } from './pattern.ts'

export type RenderedQuery = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string }

/** One piece of a query: a string literal, a slot outside of one, a comment, or anything else. */
const piece =
  /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|`[^`]*`|\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}|#[^\n]*|[\s\S]/g
const slot = /\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}/g

/**
 * Nothing a value holds can change the shape of the query. `arm` gives the labels that `{{arm}}` becomes matchers for;
 * `matchers`, such as `pod=~"a|b"`, stand behind them.
 */
export function renderPromql(
  query: string,
  variables: Readonly<Record<string, string>>,
  arm: Readonly<Record<string, string>> | null = null,
  matchers = '',
): RenderedQuery {
  const problems: string[] = []
  let before = ''
  let text = ''
  for (const [whole, name] of query.matchAll(piece)) {
    const rendered =
      name === undefined
        ? renderLiteral(whole, before, variables, problems)
        : renderBare(name, before, variables, arm, matchers, problems)
    if (!/^\s$/.test(whole)) before = `${before.slice(-8)}${whole.length === 1 ? whole : ' '}`
    text += rendered
  }
  return problems.length === 0 ? { ok: true, text } : { ok: false, why: problems[0] ?? '' }
}

/** Values inside a string literal are escaped for its quotes, and as plain text of a pattern after `=~` and `!~`. */
function renderLiteral(
  whole: string,
  before: string,
  variables: Readonly<Record<string, string>>,
  problems: string[],
): string {
  const quote = whole.length > 1 ? whole[0] : undefined
  if (quote !== '"' && quote !== "'" && quote !== '`') return whole
  const isPattern = /[=!]~$/.test(before)
  return whole.replace(slot, (_slot, name: string) => {
    const value = valueOf(name, variables, problems)
    const wanted = isPattern ? quotePattern(value) : value
    if (quote !== '`') return escapeIn(wanted)
    if (value.includes('`')) problems.push(`{{ ${name} }} holds a backtick, which a literal in backticks cannot`)
    return wanted
  })
}

function renderBare(
  name: string,
  before: string,
  variables: Readonly<Record<string, string>>,
  arm: Readonly<Record<string, string>> | null,
  matchers: string,
  problems: string[],
): string {
  if (name === 'arm' && arm !== null) {
    const own = Object.entries(arm).map(([label, value]) => `${label}="${escapeIn(value)}"`)
    return [...own, ...(matchers === '' ? [] : [matchers])].join(',')
  }
  const value = valueOf(name, variables, problems)
  const duration = parseDuration(value)
  if (/[[:]$|offset$/.test(before) && duration.ok && duration.value > 0) return `${duration.value}ms`
  problems.push(
    `{{ ${name} }} stands outside of a string literal, where only a duration in [...] is put in; write it inside quotes`,
  )
  return ''
}

function valueOf(name: string, variables: Readonly<Record<string, string>>, problems: string[]): string {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined
  if (value === undefined) problems.push(`{{ ${name} }} has no value`)
  return value ?? ''
}

function escapeIn(value: string): string {
  return value
    .replace(/[\\"']/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
}

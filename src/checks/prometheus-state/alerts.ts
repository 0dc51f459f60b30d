/** Which alerts of a Prometheus fire: none where none may, each that should. */
import type { Instant } from '../../core/units.ts'
import { counted, type Finding, listed } from '../parts/finding.ts'
import { found, type Rule } from './api.ts'
import { sickRules } from './rules.ts'

/** By label the values that are meant. */
export type Where = Readonly<Record<string, readonly string[]>>

export interface AskedAlerts {
  /** null = none may fire; else each of these does. */
  readonly firing: readonly string[] | null
  readonly where: Where
  /** Those that may always fire, such as a Watchdog. */
  readonly except: readonly string[]
  /** An alert that still waits counts as well. */
  readonly pending: boolean
  /** Names of labels that series have: one that a rule does not set may come from there. */
  readonly seriesLabels: ReadonlySet<string>
}

export function alertFindings(rules: readonly Rule[], asked: AskedAlerts, now: Instant): readonly Finding[] {
  const { firing, where, except, pending, seriesLabels } = asked
  const alerting = rules.filter(({ type, name }) => type === 'alerting' && !except.includes(name))
  const active = alerting.flatMap(({ name, alerts = [] }) =>
    alerts
      .filter(({ state }) => state === 'firing' || (pending && state === 'pending'))
      .filter(({ labels }) => isMeant(where, labels))
      .map(({ labels, state }) => ({ name, state, labels })),
  )
  const names = [...new Set(active.map(({ name }) => name))]
  const facts = { firing: names }
  const lines = active.map(({ name, state, labels }) => `${state}\t${name}\t${JSON.stringify(labels)}`)
  if (firing === null) {
    if (names.length > 0)
      return [found('bad', `${counted(names.length, 'alert')} active: ${listed(names)}`, facts, lines)]
    // Nothing that could warn, or that cannot: silence proves nothing then.
    const able = alerting.filter(({ labels }) => couldBeMeant(where, labels ?? {}, seriesLabels))
    if (able.length === 0)
      return [found('unknown', `no alerting rule${saysWhere(where)} is loaded that could fire`, facts)]
    const sick = sickRules(able, now)
    if (sick !== null) return [{ ...sick, state: 'unknown', facts: { ...facts, ...sick.facts } }]
    return [found('good', `no alert${saysWhere(where)} fires (${counted(able.length, 'rule')})`, facts)]
  }
  const quiet = firing.filter((name) => !names.includes(name))
  if (quiet.length > 0)
    return [found('bad', `${listed(quiet)} ${quiet.length === 1 ? 'does' : 'do'} not fire`, facts, lines)]
  return [found('good', `${listed(firing)} ${firing.length === 1 ? 'fires' : 'fire'}`, facts, lines)]
}

function isMeant(where: Where, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(where).every(([name, values]) => values.includes(labels[name] ?? ''))
}

/** A label that the rule does not set comes out of its series, where any has it. */
function couldBeMeant(
  where: Where,
  labels: Readonly<Record<string, string>>,
  seriesLabels: ReadonlySet<string>,
): boolean {
  return Object.entries(where).every(([name, values]) => {
    const set = labels[name]
    return set === undefined ? seriesLabels.has(name) : values.includes(set)
  })
}

function saysWhere(where: Where): string {
  const words = Object.entries(where).map(([name, values]) => `${name} ${values.join(' or ')}`)
  return words.length === 0 ? '' : ` of ${words.join(', ')}`
}

/** What can be done about a judge that turns back healthy versions more often than it promises, or that says too little. */
import type { JudgePlan } from '../../plan/plan.ts'
import type { Millis } from '../../units.ts'
import { quantileName } from '../sentences.ts'
import { trialsToShow } from './chance.ts'
import type { FalseRollback } from './replay.ts'
import type { Calibration } from './tally.ts'

type Found = Omit<Calibration, 'advice'>

const hourMs: Millis = 3_600_000
const dayMs = 24 * hourMs
/** From here on a part of the instances is told apart from chance. */
const roughly = 4

/** Best first; empty = nothing is to be done. */
export function adviceFor(found: Found, judge: JudgePlan): readonly string[] {
  const { standing } = found
  if (standing === 'nothing') return forNothing(found)
  if (standing === 'within') return forFewWindows(found)
  return [
    ...(standing === 'doubtful' ? [chanceSay(found)] : []),
    ...instanceSay(found),
    ...hourSay(found),
    ...limitSay(found),
    ...historySay(found, judge),
    ...scatterSay(found),
    `ask for more evidence: \`false-alarm: ${percent(lessThan(found))}\` instead of ${percent(found.promise)}`,
  ]
}

function forNothing({ fits, windowMs, historyMs, from, to, splitBy, unread }: Found): readonly string[] {
  if (fits === 0)
    return [
      `look back further: a window of ${span(windowMs)} and ${span(historyMs)} of history before it do not fit into ${span(to - from)}`,
    ]
  const why = unread[0]?.why ?? ''
  if (/has one .* only/.test(why))
    return [`run two or more instances of stable, or split by a label that has several values: \`split-by\``]
  if (/has the label/.test(why))
    return [
      `name the label that tells instances apart, such as \`history: { for: 1h, split-by: pod }\`, not ${splitBy}`,
    ]
  return []
}

/** No news is good news only if there was enough to hear. */
function forFewWindows({ high, promise, runs }: Found): readonly string[] {
  const needed = trialsToShow(promise)
  if (high <= promise || runs >= needed) return []
  return [
    `${runs} windows show at most ${percent(high)}; to show ${percent(promise)} takes ${needed} without a rollback: more \`--runs\`, more \`--days\``,
  ]
}

function chanceSay({ rolledBack, runs, promise, low }: Found): string {
  return `${rolledBack} of ${runs} may still be chance (at least ${percent(low)}, promised ${percent(promise)}): look at more windows with more \`--runs\` or \`--days\``
}

/** One instance that played the canary nearly every time is unlike the others. */
function instanceSay({ rollbacks, splitBy }: Found): readonly string[] {
  const played = mostOften(rollbacks.flatMap(({ canary }) => [...new Set(canary)]))
  if (played === null || played.count < 2 || played.count < 0.6 * rollbacks.length) return []
  return [
    `the ${splitBy} ${played.value} played the canary in ${played.count} of ${rollbacks.length}: it is unlike the others, look at it`,
  ]
}

function hourSay({ rollbacks, from, to }: Found): readonly string[] {
  if (rollbacks.length < 2 || to - from < 6 * hourMs) return []
  const hour = mostOften(rollbacks.map(({ at }) => new Date(Math.floor(at / hourMs) * hourMs).toISOString()))
  if (hour === null || hour.count < 2 || hour.count < rollbacks.length / 2) return []
  return [
    `${hour.count} of ${rollbacks.length} lie in the hour of ${hour.value.slice(0, 16).replace('T', ' ')} UTC: find out what happened to stable then`,
  ]
}

function limitSay({ rollbacks }: Found): readonly string[] {
  const cause = mostOften(rollbacks.map(nameOf))
  if (cause === null) return []
  const rule = rollbacks.find((one) => nameOf(one) === cause.value && one.rule !== null)?.rule
  const which = rule == null ? 'its limits' : `its limit, \`${rule}\` now`
  return [`${cause.value} caused ${cause.count} of ${rollbacks.length}: raise ${which}, or judge it as a dry run`]
}

function nameOf({ metric, quantile }: FalseRollback): string {
  return quantile === null ? metric : `${metric} ${quantileName(quantile)}`
}

function historySay({ withoutHistory, runs, historyMs }: Found, judge: JudgePlan): readonly string[] {
  if (judge.history == null)
    return ['let the judge learn how much instances of stable differ: `history: 1h` instead of none']
  if (withoutHistory > 0) return [`${withoutHistory} of ${runs} windows had no history to learn from`]
  if (historyMs >= dayMs) return []
  return [`a longer history sees more of how stable scatters: \`history: ${span(4 * historyMs)}\``]
}

function scatterSay({ dispersion, splitBy }: Found): readonly string[] {
  return dispersion
    .filter(({ worst }) => worst >= roughly)
    .map(
      ({ metric, quantile, worst }) =>
        `${quantile === null ? metric : `${metric} ${quantileName(quantile)}`} scatters up to ${worst.toFixed(1)} times more than independent requests: another label than ${splitBy} may cut stable into parts that are alike`,
    )
}

/** As much less as was seen too much, one digit. */
function lessThan({ promise, rate }: Found): number {
  const wanted = rate === null || rate === 0 ? promise : (promise * promise) / rate
  return Number(Math.max(1e-6, wanted).toPrecision(1))
}

function mostOften(values: readonly string[]): { readonly value: string; readonly count: number } | null {
  const counted = [...Map.groupBy(values, (value) => value)].map(([value, group]) => ({ value, count: group.length }))
  return counted.toSorted((a, b) => b.count - a.count)[0] ?? null
}

/** Two digits: `3.5%`, as a checklist has it. */
function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))}%`
}

function span(ms: Millis): string {
  if (ms % dayMs === 0) return `${ms / dayMs}d`
  if (ms % hourMs === 0) return `${ms / hourMs}h`
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${Math.round(ms / 1000)}s`
}

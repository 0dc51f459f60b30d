/** The sentences of a verdict of the statistical judge: what turned it back, or what it waits for and how long. */
import { count, grouped, number } from '../sentences.ts'
import type { MetricReading } from '../verdict.ts'
import { type Missing, type Part, patience } from './decide.ts'
import type { PolicyState } from './policy.ts'
import { type Known, readingsOf } from './telling.ts'

export function rollbackSay(known: Known): { readonly say: string; readonly rule: string | null } {
  const { by, evidence, needed } = known.decision
  if (by === null) return { say: 'roll back', rule: null }
  const reading = readingsOf(known).find(
    (one) => one.metric === by.metric && (by.quantile === null || one.quantile === by.quantile),
  )
  const rule = ruleOf(by, reading)
  const limit = by.aspect === 'outage' ? outageSay(known, by.metric) : beyondSay(by.beyond, rule)
  return {
    say: `${reading?.say ?? by.metric} · ${limit}; evidence ${count(evidence)} of ${count(needed)} needed to roll back`,
    rule,
  }
}

function beyondSay(beyond: Part['beyond'], rule: string | null): string {
  const its = beyond === 'stable' ? 'its limit versus stable' : 'its rollback limit'
  return `beyond ${rule === null ? 'its limit' : `${its} (${rule})`}`
}

function outageSay({ settings }: Known, metric: string): string {
  const own = settings.metrics.find(({ name }) => name === metric)
  const share = own?.kind === 'share' ? own.outage : null
  return share === null ? 'an outage' : `an outage (more than ${number(share, 'ratio')})`
}

function ruleOf({ aspect, beyond }: Part, reading: MetricReading | undefined): string | null {
  if (reading === undefined || aspect === 'outage') return reading?.limits.rollback ?? null
  return beyond === 'stable' ? reading.limits.versusStable : (reading.limits.rollback ?? reading.limits.versusStable)
}

/** The first thing that is missing, with all that a person wants to know about it. */
export function holdSay(known: Known, first: Missing): string {
  const readings = readingsOf(known)
  const reading =
    first.why === 'certificate'
      ? slowest(readings)
      : readings.find(
          (one) => one.metric === first.metric && (first.quantile === null || one.quantile === first.quantile),
        )
  const beside = reading?.say ?? first.metric ?? ''
  switch (first.why) {
    case 'no-canary':
      return `no request has reached the canary for over ${patience(known.settings)} s: is traffic routed to it?`
    case 'traffic-share':
      return trafficSay(known.state)
    case 'no-reference':
      return `${first.metric}: too few requests yet to know how fast stable usually is`
    case 'suspicion':
      return `${beside} · ${suspicionSay(reading)}`
    case 'recent':
      return `${beside} · beyond the go limit in the last ${known.settings.tuning.recentSeconds / 60} minutes: it goes on once they are within it`
    case 'shared-breach':
      return `${beside} · ${beyondSay('limit', reading?.limits.rollback ?? null)}, and not shown to be the canary's doing${backSay(reading)}`
    case 'certificate':
      return `${beside}${evidenceSay(reading)}`
  }
}

/** Both arms of the last minutes, beside what the weight says. */
function trafficSay({ traffic }: PolicyState): string {
  let [all, canary, expected] = [0, 0, 0]
  for (const block of traffic) {
    all += block[1] + block[2]
    canary += block[1]
    expected += block[3]
  }
  if (!(all > 0)) return 'no requests on either side yet'
  const share = (part: number): string => number(part / all, 'ratio')
  return `the canary got ${share(canary)} of the requests, and its weight says ${share(expected)}: is traffic routed to it?`
}

function suspicionSay(reading: MetricReading | undefined): string {
  const evidence = reading?.evidence
  if (evidence != null && evidence.rollback >= evidence.rollbackNeeded)
    return 'worse than stable beyond doubt, and not yet clear whether by more than its limit allows'
  return `worse than stable, and not yet clear whether by more than its limit allows${backSay(reading)}`
}

function backSay(reading: MetricReading | undefined): string {
  const evidence = reading?.evidence
  if (evidence == null) return ''
  return `; evidence ${count(evidence.rollback)} of ${count(evidence.rollbackNeeded)} needed to roll back`
}

/** What keeps it longest; what nobody can foresee is longer than anything. */
function slowest(readings: readonly MetricReading[]): MetricReading | undefined {
  const isMissing = ({ evidence, dryRun }: MetricReading): boolean =>
    evidence?.go != null && evidence.go < evidence.goNeeded && dryRun !== true
  const left = (one: MetricReading): number => one.evidence?.moreMs ?? Number.MAX_SAFE_INTEGER
  return readings.filter(isMissing).toSorted((a, b) => left(b) - left(a))[0]
}

/** `; evidence 6 of 100 needed to roll back, 3 of 20 needed to go on; at this traffic about 14 more minutes (4,200 requests)`. */
function evidenceSay(reading: MetricReading | undefined): string {
  const evidence = reading?.evidence
  if (evidence?.go == null) return ''
  const { rollback, rollbackNeeded, isBeyondLimit, go, goNeeded, moreMs, moreRequests } = evidence
  // However much of it there is, evidence of a difference turns nothing back within the limit.
  const isWithin = rollback >= rollbackNeeded && !isBeyondLimit
  const back = isWithin
    ? 'worse than stable, and not shown to be beyond its limit; evidence'
    : `evidence ${count(rollback)} of ${count(rollbackNeeded)} needed to roll back,`
  const so = `; ${back} ${count(go)} of ${count(goNeeded)} needed to go on`
  if (moreMs === null) return `${so}; how much longer cannot be told yet`
  const requests = moreRequests === null ? '' : ` (${grouped(moreRequests)} requests)`
  return `${so}; at this traffic about ${span(moreMs)}${requests}`
}

function span(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  if (seconds < 90) return `${seconds} more ${seconds === 1 ? 'second' : 'seconds'}`
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} more minutes`
  return `${Math.ceil(seconds / 3600)} more hours`
}

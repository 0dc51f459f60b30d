/** One metric of the policy `mann-whitney`: the points of both arms, tested, and the sentence that says so. */
import type { MetricLimits, MetricPlan, RelativeLimit } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { rankSumChance, shiftBetween, type Shift } from './rank-sum.ts'
import { limitsAt, worseOf } from './reading.ts'
import { distance, number, quantileName } from './sentences.ts'
import type { MetricReading, Verdict, Zone } from './verdict.ts'

/** With fewer in an arm no order of them is unlikely enough. */
export const leastPoints = 5

/** Confidence of the interval; half of what is left on each side is the chance of one false alarm at one look. */
const level = 0.98

/** Plain JSON: a point for each interval; null where an arm had none. `canary`, `stable`: why the newest has none. */
export interface Points {
  readonly past: readonly { readonly to: Instant; readonly canary: number | null; readonly stable: number | null }[]
  readonly canary: string | null
  readonly stable: string | null
}

export interface Compared {
  readonly reading: MetricReading
  readonly rule: string | null
}

interface Question {
  readonly metric: MetricPlan
  readonly limits: MetricLimits
  readonly quantile: number | null
  readonly stableMayBeGone: boolean
}

export function comparePoints(points: Points, question: Question): Compared {
  const canary = points.past.flatMap((point) => point.canary ?? [])
  const stable = points.past.flatMap((point) => point.stable ?? [])
  const told = (zone: Zone, why: Verdict['why'], words: string, rule: string | null = null): Compared => ({
    rule,
    reading: readingOf(question, { canary, stable }, zone, why, words),
  })
  if (points.canary !== null) return told('hold', 'no-data', `no data from the canary: ${points.canary}`)
  const isGone = stable.length < leastPoints || points.stable !== null
  if (isGone && question.stableMayBeGone) return told('go', 'healthy', 'stable has no traffic left to compare with')
  if (points.stable !== null) return told('hold', 'no-data', `no data from stable: ${points.stable}`)
  const short = canary.length < leastPoints ? canary : stable.length < leastPoints ? stable : null
  if (short !== null) {
    const arm = short === canary ? '' : ' of stable'
    return told('hold', 'too-few', `${short.length} of ${leastPoints} intervals${arm} to compare`)
  }
  return decided(canary, stable, question, told)
}

type Told = (zone: Zone, why: Verdict['why'], words: string, rule?: string | null) => Compared

/** High, Low or Pass: high and further than allowed turns back, and a distance that must be excluded to go holds. */
function decided(canary: readonly number[], stable: readonly number[], question: Question, told: Told): Compared {
  const { metric, quantile } = question
  const { versusStable, goVersusStable = [] } = limitsAt(question.limits, quantile)
  const shift = shiftBetween(canary, stable, level)
  const damage = worseOf(metric) === 'lower' ? turned(shift) : shift
  const centre = medianOf(stable)
  const isHigh = damage.low > 0
  const broken = versusStable.find((limit) => isHigh && damage.estimate > allowedBy(limit, centre))
  const words = shiftWords(shift, metric.unit, rankSumChance(canary, stable))
  if (broken)
    return told('rollback', 'breach', `${words}: worse than stable ${distance(broken, metric.unit)}`, broken.text)
  const open = goVersusStable.find((limit) => !(damage.high < allowedBy(limit, centre)))
  if (open) return told('hold', 'grey', `${words}: stable ${distance(open, metric.unit)} cannot be excluded`, open.text)
  const standing = isHigh
    ? 'worse within what is allowed'
    : damage.high < 0
      ? 'better than stable'
      : 'no difference shown'
  return told('go', 'healthy', `${words}: ${standing}`)
}

function turned({ estimate, low, high }: Shift): Shift {
  return { estimate: -estimate, low: -high, high: -low }
}

function allowedBy({ relative, points }: RelativeLimit, centre: number): number {
  return points === null ? Math.abs(centre) * Math.abs(relative ?? 0) : Math.abs(points)
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const last = sorted.length - 1
  return ((sorted[Math.floor(last / 2)] ?? Number.NaN) + (sorted[Math.ceil(last / 2)] ?? Number.NaN)) / 2
}

/** `shifted by +0.8 pp (98 %: +0.2 pp to +1.4 pp, p 0.004)`. */
function shiftWords(shift: Shift, unit: MetricPlan['unit'], chance: number): string {
  const by = (points: number): string => distance({ quantile: null, relative: null, points, text: '' }, unit)
  return `shifted by ${by(shift.estimate)} (98 %: ${by(shift.low)} to ${by(shift.high)}, p ${Number(chance.toPrecision(2))})`
}

function readingOf(
  { metric, limits, quantile }: Question,
  { canary, stable }: { readonly canary: readonly number[]; readonly stable: readonly number[] },
  zone: Zone,
  why: Verdict['why'],
  words: string,
): MetricReading {
  const here = limitsAt(limits, quantile)
  const texts = (list: readonly { readonly text: string }[]): string | null =>
    list.length === 0 ? null : [...new Set(list.map((limit) => limit.text))].join(', ')
  const centre = (values: readonly number[]): number | null => (values.length === 0 ? null : medianOf(values))
  const subject = quantile === null ? metric.name : `${metric.name} ${quantileName(quantile)}`
  const value = centre(canary)
  const stood = centre(stable)
  const beside = stood === null ? '' : ` · stable ${number(stood, metric.unit)}`
  const say = `${subject} ${value === null ? '' : `${number(value, metric.unit)} `}${words}${beside}`
  return {
    metric: metric.name,
    quantile,
    unit: metric.unit,
    canary: value,
    stable: stood,
    samples: canary.length,
    zone,
    why,
    limits: { go: texts(here.go), rollback: texts(here.rollback), versusStable: texts(here.versusStable) },
    say: metric.dryRun ? `${say} (dry run)` : say,
    ...(metric.dryRun && { dryRun: true }),
  }
}

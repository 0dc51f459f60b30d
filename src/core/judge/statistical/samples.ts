/** A stored batch as the counts of both arms, and what of it cannot be used. */
import type { MetricPlan } from '../../plan/plan.ts'
import { noTotal, type Numbers, numbersOf } from '../arm-window.ts'
import type { SampleBatch } from '../verdict.ts'
import type { Arms } from './policy.ts'
import type { Counts } from './share.ts'

export interface Counted {
  readonly arms: Arms
  /** Why an arm cannot be used; null = it can. */
  readonly doubts: { readonly canary: string | null; readonly stable: string | null }
}

/** `weight`: share of the traffic that the canary has, for counts that bring no total of their own; null = unknown. */
export function countedOf(batch: SampleBatch, metric: MetricPlan, weight: number | null): Counted {
  const sample = batch.samples.find((one) => one.metric === metric.name)
  const canary = numbersOf(sample?.canary, metric.kind)
  const stable = numbersOf(sample?.stable, metric.kind)
  const seconds = (batch.to - batch.from) / 1000
  const doubts = { canary: doubtOf(canary), stable: doubtOf(stable) }
  if (metric.kind === 'histogram') return { arms: histogramArms(canary, stable), doubts }
  const own = (numbers: Numbers, part: number | null): Counts | null =>
    countsOf(numbers, part === null ? null : part * seconds)
  return {
    arms: { kind: 'share', canary: own(canary, weight), stable: own(stable, weight === null ? null : 1 - weight) },
    doubts,
  }
}

function doubtOf(numbers: Numbers): string | null {
  return numbers.kind === 'doubt' ? numbers.why : null
}

/** Counts without a total are compared by the traffic that each arm had: `exposure`, in any unit common to both. */
function countsOf(numbers: Numbers, exposure: number | null): Counts | null {
  if (numbers.kind === 'doubt') return null
  const [x = 0, total = noTotal] = numbers.n
  if (total !== noTotal) return { x, n: total }
  return exposure === null ? null : { x, n: exposure }
}

function histogramArms(canary: Numbers, stable: Numbers): Arms {
  const first = canary.kind === 'numbers' ? canary : stable
  const le = (first.kind === 'numbers' ? first.le : null) ?? []
  const fits = (numbers: Numbers): readonly number[] | null =>
    numbers.kind === 'numbers' && sameEdges(numbers.le ?? [], le) ? numbers.n : null
  return { kind: 'latency', le, canary: fits(canary), stable: fits(stable) }
}

/** Two builds with other buckets cannot be compared edge by edge. */
function sameEdges(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((edge, i) => edge === other[i])
}

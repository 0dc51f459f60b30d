/** Reads whether traffic is low, over all the time it has to have been low. A reading that is missing is not low. */
import { hash } from 'node:crypto'
import { formatDuration } from '../../core/plan/duration.ts'
import type { LowTraffic, MetricCapture } from '../../core/plan/plan.ts'
import type { Captured } from '../../core/ports/engine.ts'
import type { Effect } from '../../core/release/effects.ts'
import { gridOf } from '../../core/series/summary.ts'
import { contextOf } from '../work.ts'
import type { Handler } from '../work.ts'
import { described } from './attempts.ts'

/** The time is read in so many parts, and every one has to be there; none shorter than a second. */
const parts = 10
const leastApartMs = 1000

export const readWindow: Handler<Extract<Effect, { kind: 'ReadWindow' }>> = async ({ effect, desk, signal }) => {
  const { window, lowTraffic } = effect
  const observedAt = desk.now()
  const context = contextOf(desk, effect.key, desk.lease.epoch, signal)
  const read = await desk.ports.observer.capture(captureOf(lowTraffic), observedAt, context)
  const kept = 'evidence' in read ? read.evidence : undefined
  await desk.submit(
    {
      kind: 'RecordWindowReading',
      window,
      ...told(read, lowTraffic),
      observedAt,
      evidence: kept ? [described(kept, hash('sha256', kept.bytes))] : [],
    },
    { evidence: kept ? [kept.bytes] : [] },
  )
}

/** The highest value of the time; without a time, the value now. */
function captureOf({ source, query, forMs }: LowTraffic): MetricCapture {
  if (forMs === 0) return { source, query }
  const everyMs = Math.max(leastApartMs, Math.round(forMs / parts))
  const minSamples = gridOf(0, forMs, everyMs).length
  return { source, query, window: { overMs: forMs, everyMs, agoMs: 0, minSamples, take: 'highest' } }
}

function told(read: Captured, { below, forMs }: LowTraffic): { readonly isLow: boolean; readonly say: string } {
  if ('noData' in read) return { isLow: false, say: `traffic is not known to be low: ${read.noData}` }
  const isLow = Number.isFinite(read.value) && read.value < below
  const over = forMs === 0 ? 'now' : `the highest in ${formatDuration(forMs)}`
  return { isLow, say: `${short(read.value)} ${isLow ? '<' : '≥'} ${below}, ${over}` }
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}

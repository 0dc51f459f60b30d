/** Reads whether traffic is low, over all the time it has to have been low. A reading that is missing is not low. */
import { hash } from 'node:crypto'
import { weeksAgo } from '../../core/calendar/weeks-ago.ts'
import { formatDuration } from '../../core/plan/duration.ts'
import type { LowTraffic, MetricCapture } from '../../core/plan/plan.ts'
import type { EvidenceBytes } from '../../core/ports/check.ts'
import type { Captured } from '../../core/ports/engine.ts'
import type { Effect } from '../../core/release/effects.ts'
import { gridOf, medianOf } from '../../core/series/summary.ts'
import type { Instant, Millis } from '../../core/units.ts'
import { contextOf } from '../work.ts'
import type { Handler } from '../work.ts'
import { described } from './attempts.ts'

/** The time is read in so many parts, and every one has to be there; none shorter than a second. */
const parts = 10
const leastApartMs = 1000

interface Told {
  readonly isLow: boolean
  readonly say: string
}

export const readWindow: Handler<Extract<Effect, { kind: 'ReadWindow' }>> = async ({ effect, desk, signal }) => {
  const { window, lowTraffic } = effect
  const observedAt = desk.now()
  const context = contextOf(desk, effect.key, desk.lease.epoch, signal)
  const kept: EvidenceBytes[] = []
  const read = async (capture: MetricCapture): Promise<Captured> => {
    const captured = await desk.ports.observer.capture(capture, observedAt, context)
    if ('evidence' in captured && captured.evidence) kept.push(captured.evidence)
    return captured
  }
  const told: Told[] = []
  if (lowTraffic.below !== undefined)
    told.push(nowTold(await read(captureOf(lowTraffic, 0)), lowTraffic.below, lowTraffic))
  if (lowTraffic.usual !== undefined && told.every(({ isLow }) => isLow)) {
    const zone = desk.state().plan.windows[window]?.zone ?? 'UTC'
    const past: Captured[] = []
    for (const agoMs of usualTimes(zone, observedAt, lowTraffic)) past.push(await read(captureOf(lowTraffic, agoMs)))
    told.push(usualTold(past, lowTraffic.usual.below))
  }
  await desk.submit(
    {
      kind: 'RecordWindowReading',
      window,
      isLow: told.length > 0 && told.every(({ isLow }) => isLow),
      say: told.map(({ say }) => say).join('; '),
      observedAt,
      evidence: kept.map((each) => described(each, hash('sha256', each.bytes))),
    },
    { evidence: kept.map(({ bytes }) => bytes) },
  )
}

/** How long ago each of the times ended that began at this time of the week and took as long as it has to be low. */
function usualTimes(zone: string, now: Instant, { usual, forMs }: LowTraffic): readonly Millis[] {
  const weeks = Array.from({ length: usual?.weeks ?? 0 }, (_, index) => index + 1)
  return weeks.map((week) => now - weeksAgo(zone, now, week) - forMs)
}

/** The highest value of a time that ended so long ago; without a time, the value now. */
function captureOf({ source, query, forMs }: LowTraffic, agoMs: Millis): MetricCapture {
  if (forMs === 0 && agoMs === 0) return { source, query }
  const overMs = Math.max(forMs, leastApartMs)
  const everyMs = Math.max(leastApartMs, Math.round(overMs / parts))
  const minSamples = gridOf(0, overMs, everyMs).length
  return { source, query, window: { overMs, everyMs, agoMs, minSamples, take: 'highest' } }
}

function nowTold(read: Captured, below: number, { forMs }: LowTraffic): Told {
  if ('noData' in read) return { isLow: false, say: `traffic is not known to be low: ${read.noData}` }
  const isLow = Number.isFinite(read.value) && read.value < below
  const over = forMs === 0 ? 'now' : `the highest in ${formatDuration(forMs)}`
  return { isLow, say: `${short(read.value)} ${isLow ? '<' : '≥'} ${below}, ${over}` }
}

/** Every week has to be there: what is usual is not known from a part of them. */
function usualTold(read: readonly Captured[], below: number): Told {
  const values: number[] = []
  for (const [index, each] of read.entries()) {
    const ago = index === 0 ? 'a week ago' : `${index + 1} weeks ago`
    if ('noData' in each)
      return { isLow: false, say: `what is usual at this time is not known: ${ago}, ${each.noData}` }
    values.push(each.value)
  }
  const usual = medianOf(values.toSorted((one, other) => one - other))
  const isLow = Number.isFinite(usual) && usual < below
  return { isLow, say: `usually ${short(usual)} ${isLow ? '<' : '≥'} ${below} at this time of the week` }
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}

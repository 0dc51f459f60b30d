/** Which pieces of stable's past a calibration replays, and in which order. */
import type { Instant, Millis } from '../../units.ts'

export interface Period {
  readonly from: Instant
  readonly to: Instant
}

/** One rollout that never was: everything on it is stable. Its history lies before `startsAt`. */
export interface ReplayWindow {
  readonly startsAt: Instant
  readonly endsAt: Instant
  /** Draws the instances that play the canary; no two windows have the same. */
  readonly seed: string
}

export interface WindowLengths {
  /** Length of the rollout as planned. */
  readonly liveMs: Millis
  readonly historyMs: Millis
  readonly everyMs: Millis
}

/**
 * At most `wanted` windows, spread over the whole period, none of which shares a moment of its rollout with another: only
 * then does each say something of its own. The newest comes first and the rest in halves, so that whoever stops early has
 * still seen the whole period.
 */
export function windowsIn(
  period: Period,
  { liveMs, historyMs, everyMs }: WindowLengths,
  wanted: number,
): { readonly windows: readonly ReplayWindow[]; readonly fits: number } {
  const room = period.to - period.from - historyMs
  const fits = Math.max(0, Math.floor(room / liveMs))
  const count = Math.min(wanted, fits)
  const apart = count < 2 ? 0 : Math.floor((room - liveMs) / (count - 1) / everyMs) * everyMs
  const windows = inHalves(count).map((place): ReplayWindow => {
    const endsAt = period.to - place * Math.max(apart, liveMs)
    return { startsAt: endsAt - liveMs, endsAt, seed: `calibrate ${place}` }
  })
  return { windows, fits }
}

/** 0, 1/2, 1/4, 3/4, ... of the numbers below `count`, each once. */
function inHalves(count: number): readonly number[] {
  const bits = Math.ceil(Math.log2(Math.max(count, 2)))
  return Array.from({ length: 2 ** bits }, (_, i) => reversed(i, bits)).filter((place) => place < count)
}

function reversed(value: number, bits: number): number {
  let result = 0
  for (let bit = 0; bit < bits; bit += 1) if ((value >> bit) & 1) result += 2 ** (bits - 1 - bit)
  return result
}

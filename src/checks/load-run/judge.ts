/** What a run of load says about a service: its errors, whether the load was reached, and whether the generator could keep time. */
import type { Json } from '../../core/units.ts'
import { millisOf } from '../parts/fields.ts'
import { sayMillis, sayNumber } from '../parts/say.ts'
import type { LoadTold } from './script.ts'
import type { LoadGiven } from './settings.ts'

export interface Verdict {
  readonly outcome: 'failed' | 'inconclusive' | 'errored'
  readonly say: string
}

/** Of the load asked for; a run that ends between two looks misses a little. */
const reachedShare = 0.95

/** Why the run is no pass, before any limit of time is looked at; null = it was a sound run under the full load. */
export function unsound(told: LoadTold, given: LoadGiven): Verdict | null {
  if (told.broken !== null) return { outcome: 'errored', say: told.broken }
  if (told.requests === 0) return { outcome: 'inconclusive', say: 'not one request was made after the ramp' }
  if (told.ownFaults > 0)
    return { outcome: 'inconclusive', say: `the machine that asks ran out of sockets or files ${told.ownFaults} times` }
  const share = told.errors / told.requests
  const most = Number(given['max-errors'].slice(0, -1)) / 100
  if (share > most)
    return {
      outcome: 'failed',
      say: `${percent(share)} of ${told.requests} requests failed (${worst(told)}), at most ${given['max-errors']}`,
    }
  if (told.lagMs > millisOf(given['max-lag']))
    return {
      outcome: 'inconclusive',
      say: `the machine that asks was ${sayMillis(told.lagMs)} late itself, at most ${given['max-lag']}`,
    }
  return notReached(told, given)
}

function notReached(told: LoadTold, { rate, users }: LoadGiven): Verdict | null {
  if (rate !== undefined && told.rate < rate * reachedShare)
    return { outcome: 'failed', say: `${sayNumber(told.rate)} answers a second, ${rate} expected` }
  if (rate === undefined && told.connections < Math.floor(users * reachedShare))
    return { outcome: 'failed', say: `${told.connections} connections at once, ${users} expected` }
  return null
}

/** `100 users for 1m: 5321 requests, 0% errors, p95 112ms`. */
export function sayRun(told: LoadTold, { rate, users }: LoadGiven, forMs: number): string {
  const load = rate === undefined ? `${users} users` : `${rate} requests a second`
  const p95 = told.latency === null ? '' : `, p95 ${sayMillis(told.latency.p95)}`
  return `${load} for ${sayMillis(forMs)}: ${told.requests} requests, ${percent(told.errors / told.requests)} errors${p95}`
}

/** What `expect` may name. */
export function loadFacts(told: LoadTold): Record<string, Json> {
  return {
    requests: told.requests,
    errors: told.requests === 0 ? 0 : told.errors / told.requests,
    rate: told.rate,
    connections: told.connections,
    lag_ms: told.lagMs,
    ...(told.latency && { latency: { ...told.latency } }),
  }
}

/** Of `loadFacts`; `latency` has p50, p90, p95, p99 and max in milliseconds. */
export const loadFactTypes = {
  requests: 'int',
  errors: 'double',
  rate: 'double',
  connections: 'int',
  lag_ms: 'double',
  latency: 'map',
} as const

function percent(share: number): string {
  return `${sayNumber(Math.round(share * 10_000) / 100)}%`
}

function worst({ outcomes }: LoadTold): string {
  const bad = Object.entries(outcomes).filter(([outcome]) => !/^[23]/.test(outcome))
  return bad
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([outcome, count]) => `${outcome} ${count} times`)
    .join(', ')
}

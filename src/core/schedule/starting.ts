/** Whether a time of a schedule is to be started by the server now: a function of how it stands, what was tried and the clock. */
import type { Instant, Millis } from '../units.ts'
import type { Standing } from './occurrences.ts'
import type { Occurrence, SchedulePlan } from './schedule.ts'

/** What became of starting one time. */
export interface StartTried {
  /** `refused`: it is tried again at `until`. `given-up` and `started` are final. */
  readonly state: 'started' | 'refused' | 'given-up'
  readonly release: string | null
  /** Why it was refused or given up; empty when it was started. */
  readonly why: string
  readonly at: Instant
  readonly tries: number
  readonly until: Instant
}

export type StartStep =
  | { readonly kind: 'none' }
  | { readonly kind: 'try' }
  | { readonly kind: 'give-up'; readonly why: string }

const none: StartStep = { kind: 'none' }
/** A server that looked within that time after its hour was there. */
const ON_TIME_MS = 600_000

export function startStep(
  { start }: Pick<SchedulePlan, 'start'>,
  { at }: Pick<Occurrence, 'at'>,
  { state }: Pick<Standing, 'state'>,
  tried: StartTried | null,
  now: Instant,
): StartStep {
  if (start === undefined || now < at) return none
  if (tried?.state === 'started' || tried?.state === 'given-up') return none
  if (state === 'done' || state === 'skipped') return none
  if (state === 'missed') return tried === null ? none : { kind: 'give-up', why: tried.why }
  if (start.missed === 'skip' && tried === null && now > at + ON_TIME_MS)
    return { kind: 'give-up', why: 'no server ran at its time, and times that were missed are skipped' }
  if (now > at + start.giveUpMs) return { kind: 'give-up', why: tried?.why ?? 'no server ran in its time' }
  return tried !== null && now < tried.until ? none : { kind: 'try' }
}

/** How long until it is tried again after so many refusals: half a minute at first, ten minutes in the end. */
export function startAgainMs(tries: number): Millis {
  return Math.min(15_000 * 2 ** tries, 600_000)
}

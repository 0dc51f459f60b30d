/** A command that waits for a worker, or is with one: its states and what leads from one to the next. Pure. */
import type { CommandPlace, CommandRequest, CommandResult } from '../../core/ports/launcher.ts'
import type { ClaimOf, WorkerId } from '../../core/ports/work.ts'
import type { Instant, Millis } from '../../core/units.ts'

/** Small outputs lie in the result, larger ones among the evidence. */
export type KeptBytes = { readonly base64: string } | { readonly sha256: string }
export type KeptResult = Omit<CommandResult, 'stdout' | 'stderr'> & {
  readonly stdout: KeptBytes
  readonly stderr: KeptBytes
}

interface Held {
  readonly claim: string
  readonly worker: WorkerId
}

export type JobState =
  | { readonly kind: 'queued' }
  /** Given to a worker that has not said yet that it begins; afterwards it is as if queued. */
  | ({ readonly kind: 'offered'; readonly until: Instant } & Held)
  | ({ readonly kind: 'running'; readonly until: Instant; readonly isCancelled: boolean } & Held)
  /** `held` is null when no worker had it. `isGivenUp` = the end is the server's word, not the worker's. */
  | {
      readonly kind: 'finished'
      readonly held: Held | null
      readonly result: KeptResult
      readonly isGivenUp: boolean
    }
  /** Handed over and recorded: only a trace is left, so that it never runs again. */
  | { readonly kind: 'over'; readonly held: Held | null; readonly isGivenUp: boolean }

export interface Job {
  readonly attempt: string
  readonly place: CommandPlace
  readonly request: CommandRequest
  readonly queuedAt: Instant
  readonly state: JobState
}

/** Left where an engine asked about an attempt that was never here: whoever brings it now comes too late. */
export interface GivenUp {
  readonly attempt: string
  readonly state: { readonly kind: 'never' }
}

export type Kept = Job | GivenUp

export function isJob(kept: Kept): kept is Job {
  return kept.state.kind !== 'never'
}

export function isHolder(held: Held | null, { claim, worker }: ClaimOf): boolean {
  return (
    held !== null && held.claim === claim && held.worker.machine === worker.machine && held.worker.name === worker.name
  )
}

/** Whether a worker may be offered it now. */
export function isFree({ state }: Job, now: Instant): boolean {
  return state.kind === 'queued' || (state.kind === 'offered' && state.until <= now)
}

export function fits({ place }: Pick<Job, 'place'>, environments: readonly string[] | null, labels: readonly string[]) {
  return (
    (environments === null || environments.includes(place.environment)) &&
    place.labels.every((label) => labels.includes(label))
  )
}

/** Where a job is after its worker said that it lives; null = it is not this worker's any more. */
export function afterHeartbeat(job: Job, of: ClaimOf, until: Instant): Job | null {
  const { state } = job
  if ((state.kind !== 'offered' && state.kind !== 'running') || !isHolder(state, of)) return null
  const isCancelled = state.kind === 'running' && state.isCancelled
  return { ...job, state: { kind: 'running', claim: of.claim, worker: of.worker, until, isCancelled } }
}

/** What becomes of a job that an engine does not want any more. */
export function afterCancel(job: Job, now: Instant): Job {
  const { state } = job
  if (state.kind === 'running') return { ...job, state: { ...state, isCancelled: true } }
  if (state.kind === 'finished' || state.kind === 'over') return job
  return givenUp(job, emptyResult('not-started', 'it was cancelled before a worker began it', now))
}

/** What time alone makes of a job; null = nothing yet. `aliveSince`: no lease runs out while nobody could have renewed it. */
export function afterTime(job: Job, now: Instant, aliveSince: Instant, leaseMs: Millis): Job | null {
  const { state, place, request, queuedAt } = job
  if (state.kind === 'running') {
    if (now <= Math.max(state.until, aliveSince + leaseMs)) return null
    const why = `the worker ${nameOf(state.worker)} was not heard of for ${seconds(leaseMs)}`
    return givenUp(job, { ...emptyResult('lost', why, now) }, state)
  }
  if (!isFree(job, now) || now - queuedAt <= request.timeoutMs) return null
  const why = `no worker of ${placeWords(place)} took it within ${seconds(request.timeoutMs)}`
  return givenUp(job, emptyResult('not-started', why, now))
}

function givenUp(job: Job, result: KeptResult, held: Held | null = null): Job {
  const holder = held === null ? null : { claim: held.claim, worker: held.worker }
  return { ...job, state: { kind: 'finished', held: holder, result, isGivenUp: true } }
}

/** The trace of a job whose result was recorded: without what it ran. */
export function overOf(job: Job): Job {
  const { state, request } = job
  const held = state.kind === 'finished' || state.kind === 'over' ? state.held : null
  const isGivenUp = state.kind === 'finished' || state.kind === 'over' ? state.isGivenUp : true
  const release = request.env['HOLDPOINT_RELEASE']
  const env: Record<string, string> = release === undefined ? {} : { HOLDPOINT_RELEASE: release }
  return { ...job, request: { ...request, script: '', env, secrets: {} }, state: { kind: 'over', held, isGivenUp } }
}

export function emptyResult(ended: CommandResult['ended'], why: string, at: Instant): KeptResult {
  const nothing = { base64: '' }
  return {
    ended,
    exitCode: null,
    signal: null,
    stdout: nothing,
    stderr: nothing,
    truncated: false,
    output: {},
    startedAt: at,
    endedAt: at,
    why,
  }
}

/** What a live view says of a job without output; null = nothing new. */
export function wordsOf(job: Job, now: Instant): string | null {
  const { state } = job
  if (isFree(job, now)) return `waits for a worker of ${placeWords(job.place)}`
  if (state.kind === 'running') return `runs on the worker ${nameOf(state.worker)}`
  return null
}

/** `production (labels gpu, eu-1)` */
export function placeWords({ environment, labels }: CommandPlace): string {
  const wanted = labels.length === 0 ? '' : ` (${labels.length === 1 ? 'label' : 'labels'} ${labels.join(', ')})`
  return `${environment}${wanted}`
}

export function nameOf({ machine, name }: WorkerId): string {
  return `${machine} on ${name}`
}

function seconds(ms: Millis): string {
  return `${Math.round(ms / 100) / 10} s`
}

/** What workers do with the queue: take, say that they live, show output, hand in what came of it. */
import type { CommandPlace, CommandResult } from '../../core/ports/launcher.ts'
import type {
  ClaimAsked,
  ClaimOf,
  Finished,
  HeartbeatAnswer,
  KnownWorker,
  Offer,
  WorkPool,
} from '../../core/ports/work.ts'
import type { Instant, Millis } from '../../core/units.ts'
import { afterHeartbeat, fits, isFree, isHolder, type Job } from './job.ts'
import type { KnownWorkers } from './known-workers.ts'
import { type PoolParts, QUEUE } from './pool-launcher.ts'
import type { Waiting } from './shelves.ts'

/** A worker that was offered a command and does not begin within this time does not get it. */
const OFFER_MS: Millis = 10_000
/** Output is kept at most this often, and so much of it. */
const OUTPUT_EVERY_MS: Millis = 500
const OUTPUT_CHARACTERS = 16_384
const MOST_REMEMBERED = 10_000

export interface WorkPoolParts extends PoolParts {
  readonly known: KnownWorkers
  readonly runsHere: (environment: string) => boolean
}

export class StoreWorkPool implements WorkPool {
  readonly #parts: WorkPoolParts
  readonly #outputAt = new Map<string, Instant>()

  constructor(parts: WorkPoolParts) {
    this.#parts = parts
  }

  get leaseMs(): Millis {
    return this.#parts.leaseMs
  }

  async claim(asked: ClaimAsked): Promise<Offer | null> {
    const { clock, wakes, pollMs } = this.#parts
    const deadline = clock.now() + asked.waitMs
    for (;;) {
      const offer = await this.#offer(asked)
      const left = deadline - clock.now()
      if (offer !== null || left <= 0 || asked.signal.aborted) return offer
      await wakes.sleep(QUEUE, Math.min(pollMs, left), asked.signal)
    }
  }

  async #offer(asked: ClaimAsked): Promise<Offer | null> {
    for (const waiting of await this.#parts.shelves.waiting(asked.environments)) {
      if (asked.signal.aborted) return null
      const isWanted = fits(waiting, asked.environments, asked.labels) && (!asked.urgentOnly || waiting.place.isUrgent)
      if (!isWanted || !(await asked.mayTake(waiting.place))) continue
      const offer = await this.#take(waiting, asked)
      if (offer !== null) return offer
    }
    return null
  }

  /** Of several who want it, one sees the revision that it changes. */
  async #take(waiting: Waiting, { claim, worker }: ClaimAsked): Promise<Offer | null> {
    const { shelves, clock, wakes } = this.#parts
    const issuedAt = clock.now()
    const expires = issuedAt + Math.min(OFFER_MS, this.#parts.leaseMs)
    const job = await shelves.change(waiting.attempt, (one) => {
      const isLate = issuedAt - one.queuedAt > one.request.timeoutMs
      if (!isFree(one, issuedAt) || isLate) return null
      return { ...one, state: { kind: 'offered', claim, worker, until: expires } }
    })
    if (job === null || (job.state.kind !== 'queued' && job.state.kind !== 'offered')) await shelves.unlist(waiting)
    if (job?.state.kind !== 'offered' || job.state.claim !== claim) return null
    wakes.wake(waiting.attempt)
    return { attempt: job.attempt, request: job.request, issuedAt, expires }
  }

  async placeOf(attempt: string): Promise<CommandPlace | null> {
    return (await this.#parts.shelves.job(attempt))?.place ?? null
  }

  async heartbeat(of: ClaimOf, waitMs: Millis, signal: AbortSignal): Promise<HeartbeatAnswer> {
    const { shelves, clock, wakes, pollMs, leaseMs, known } = this.#parts
    await known.touch(of.worker)
    let began = false
    const renewed = await shelves.change(of.attempt, (job, now) => {
      began = job.state.kind === 'offered'
      return afterHeartbeat(job, of, now + leaseMs)
    })
    if (began && renewed !== null && isWith(renewed, of)) {
      await shelves.unlist(renewed)
      wakes.wake(of.attempt)
    }
    const deadline = clock.now() + Math.min(waitMs, leaseMs / 3)
    for (let job = renewed; ; job = await shelves.job(of.attempt)) {
      const answer = answerOf(job, of, leaseMs)
      const left = deadline - clock.now()
      if (!answer.go || answer.cancel || left <= 0 || signal.aborted) return answer
      await wakes.sleep(of.attempt, Math.min(pollMs, left), signal)
    }
  }

  async output(of: ClaimOf, text: string): Promise<void> {
    const { shelves, clock } = this.#parts
    const now = clock.now()
    if (now - (this.#outputAt.get(of.attempt) ?? -Infinity) < OUTPUT_EVERY_MS) return
    const job = await shelves.job(of.attempt)
    if (job === null || !isWith(job, of)) return
    this.#remember(of.attempt, now)
    await shelves.putOutput(of.attempt, text.slice(-OUTPUT_CHARACTERS))
  }

  #remember(attempt: string, now: Instant): void {
    this.#outputAt.delete(attempt)
    this.#outputAt.set(attempt, now)
    const [oldest] = this.#outputAt.keys()
    if (this.#outputAt.size > MOST_REMEMBERED && oldest !== undefined) this.#outputAt.delete(oldest)
  }

  async finish(of: ClaimOf, given: CommandResult): Promise<Finished> {
    const { shelves, clock, wakes } = this.#parts
    const before = await shelves.job(of.attempt)
    const result = await shelves.keep(withinTime(given, before?.queuedAt ?? 0, clock.now()))
    let kind = 'late' as Finished['kind']
    await shelves.change(of.attempt, (job) => {
      const { state } = job
      kind = meaningOf(job, of, given)
      if (kind === 'back-in-queue') return { ...job, state: { kind: 'queued' } }
      if (kind !== 'kept' || (state.kind !== 'running' && state.kind !== 'offered')) return null
      const held = { claim: state.claim, worker: state.worker }
      return { ...job, state: { kind: 'finished', held, result, isGivenUp: false } }
    })
    this.#outputAt.delete(of.attempt)
    wakes.wake(of.attempt)
    if (kind === 'back-in-queue') wakes.wake(QUEUE)
    if (kind !== 'late') return { kind }
    const evidence = [
      ...(await this.#keepLate('stdout.txt', given.stdout)),
      ...(await this.#keepLate('stderr.txt', given.stderr)),
    ]
    return { kind, release: before?.request.env['HOLDPOINT_RELEASE'] ?? null, evidence }
  }

  async #keepLate(name: string, bytes: Uint8Array) {
    return bytes.byteLength === 0 ? [] : [{ name, ...(await this.#parts.shelves.keepEvidence(bytes)) }]
  }

  saw(worker: Omit<KnownWorker, 'lastSeen' | 'running'>): Promise<void> {
    return this.#parts.known.saw(worker)
  }

  async workers(): Promise<readonly KnownWorker[]> {
    const { known, shelves } = this.#parts
    return known.all(await shelves.held())
  }

  runsHere(environment: string): boolean {
    return this.#parts.runsHere(environment)
  }
}

function isWith({ state }: Job, of: ClaimOf): boolean {
  return state.kind === 'running' && isHolder(state, of)
}

function answerOf(job: Job | null, of: ClaimOf, leaseMs: Millis): HeartbeatAnswer {
  if (job !== null && job.state.kind === 'running' && isHolder(job.state, of))
    return { go: true, cancel: job.state.isCancelled, leaseMs }
  // Its own result has arrived: nothing to do, and nothing to stop.
  const isHandedIn =
    (job?.state.kind === 'finished' || job?.state.kind === 'over') &&
    !job.state.isGivenUp &&
    isHolder(job.state.held, of)
  return { go: false, cancel: !isHandedIn, leaseMs }
}

function meaningOf({ state }: Job, of: ClaimOf, { ended }: CommandResult): Finished['kind'] {
  if ((state.kind === 'running' || state.kind === 'offered') && isHolder(state, of))
    // A worker that came back and knows that it never began.
    return state.kind === 'offered' && ended === 'not-started' ? 'back-in-queue' : 'kept'
  const isOwn = (state.kind === 'finished' || state.kind === 'over') && isHolder(state.held, of)
  return isOwn && !state.isGivenUp ? 'already' : 'late'
}

/** Whatever a worker's clock says, nothing ended before it was queued, or later than now. */
function withinTime(result: CommandResult, least: Instant, now: Instant): CommandResult {
  const within = (at: Instant) => Math.round(Math.max(least, Math.min(at, now)))
  return { ...result, startedAt: within(result.startedAt), endedAt: within(result.endedAt) }
}

/** A worker in another network: asks its server for commands, runs them, and ends in an orderly way. */
import { randomBytes } from 'node:crypto'
import type { CommandRequest } from '../../core/ports/launcher.ts'
import { type NextAnswer, WorkServerFault } from '../../core/ports/work-server.ts'
import type { Millis } from '../../core/units.ts'
import { faultOfOffer, type SignedOffer } from '../../core/work/assignment.ts'
import { attend, type AttendanceParts, resume } from './attendance.ts'

export interface RemoteWorkerOptions {
  /** Signs assignments; the same that the server sees. */
  readonly secret: string
  /** Commands at once. What leads a release back gets a place besides. */
  readonly jobs: number
  /** How long commands may go on after the worker was asked to end. */
  readonly graceMs: Millis
}

const ASK_FOR_MS: Millis = 20_000
/** How long a worker that ends waits for a server that takes its results: longer than the launcher's own grace. */
const HAND_IN_MS: Millis = 15_000
const PAUSES_MS = [500, 1_000, 2_000, 5_000]

export class RemoteWorker {
  readonly #parts: AttendanceParts
  readonly #options: RemoteWorkerOptions
  readonly #attended = new Map<string, Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #hurrying = new AbortController()
  readonly #leaving = new AbortController()
  #freed: () => void = () => {}
  #told: string | null = null

  constructor(parts: Omit<AttendanceParts, 'leaving'>, options: RemoteWorkerOptions) {
    this.#parts = { ...parts, leaving: this.#leaving.signal }
    this.#options = options
  }

  /** Resolves when it was asked to end and nothing is left to hand in. Rejects when the server will never give it work. */
  async run(): Promise<void> {
    for (const claim of this.#parts.claims.all()) this.#attend(claim.attempt, resume(claim, this.#parts))
    while (!this.#stopping.signal.aborted) await this.#next()
    await this.#end()
  }

  /**
   * First: takes nothing new, commands have the grace to end. Second: they are stopped now. Third: leaves at once;
   * what still runs is found again by the next worker in this folder.
   */
  stop(): void {
    if (this.#hurrying.signal.aborted) this.#leaving.abort()
    if (this.#stopping.signal.aborted) this.#hurrying.abort()
    this.#stopping.abort()
  }

  async #next(): Promise<void> {
    const { server, clock, log } = this.#parts
    const { jobs, secret } = this.#options
    const { signal } = this.#stopping
    // One place besides, so that the way back is never held up by what goes forward.
    if (this.#attended.size > jobs) return this.#someEnd(signal)
    const claim = randomBytes(24).toString('base64url')
    const askedAt = clock.now()
    const asked = { claim, urgentOnly: this.#attended.size >= jobs, waitMs: ASK_FOR_MS }
    // A place that becomes free is worth another question, with more in it.
    const freed = new AbortController()
    this.#freed = () => asked.urgentOnly && freed.abort()
    const answer = await this.#ask(() => server.next(asked, AbortSignal.any([signal, freed.signal])), freed.signal)
    if (answer === null) return
    if (answer.told !== null && answer.told !== this.#told) log(answer.told)
    this.#told = answer.told
    if (answer.offer === null) return
    const elapsedMs = clock.now() - askedAt
    const fault = faultOfOffer(answer.offer, { secret, claim, elapsedMs, waitMs: ASK_FOR_MS })
    if (fault === null) this.#begin(answer.offer)
    else log(`an assignment of ${answer.offer.attempt} was refused: ${fault}`)
  }

  #begin({ attempt, claim, request }: SignedOffer): void {
    if (this.#attended.has(attempt)) return this.#parts.log(`${attempt} was assigned again while it is here: refused`)
    const kept = { attempt, claim, timeoutMs: request.timeoutMs }
    this.#attend(attempt, attend(request as CommandRequest, kept, this.#parts))
  }

  #attend(attempt: string, attending: Promise<void>): void {
    const done = attending
      .catch((cause: unknown) =>
        this.#parts.log(`bug with ${attempt}: ${cause instanceof Error ? cause.stack : String(cause)}`),
      )
      .finally(() => {
        this.#attended.delete(attempt)
        this.#freed()
      })
    this.#attended.set(attempt, done)
  }

  /** null = nobody answered, or the answer is not wanted any more. */
  async #ask(question: () => Promise<NextAnswer>, freed: AbortSignal): Promise<NextAnswer | null> {
    const { clock, log } = this.#parts
    try {
      const answer = await question()
      this.#faults = 0
      return answer
    } catch (fault) {
      if (this.#stopping.signal.aborted || freed.aborted) return null
      if (!(fault instanceof WorkServerFault)) throw fault
      // A wrong token or a foreign environment: no patience mends it before anything is under way.
      if (isRefusal(fault) && this.#attended.size === 0) throw fault
      if (this.#faults === 0) log(`${fault.message} Asking again.`)
      const pauseMs = PAUSES_MS[Math.min(this.#faults, PAUSES_MS.length - 1)] ?? 5_000
      this.#faults += 1
      await clock.sleep(pauseMs, this.#stopping.signal)
      return null
    }
  }
  #faults = 0

  async #someEnd(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#freed = resolve
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
  }

  async #end(): Promise<void> {
    const { launcher, clock, log } = this.#parts
    const { promise: left, resolve: leave } = Promise.withResolvers<void>()
    this.#leaving.signal.addEventListener('abort', () => leave(), { once: true })
    const all = () => Promise.race([Promise.all(this.#attended.values()), left])
    if (this.#attended.size > 0)
      log(`ending; ${this.#attended.size} commands have ${this.#options.graceMs / 1_000} s to end by themselves`)
    const grace = clock.sleep(this.#options.graceMs, this.#hurrying.signal)
    await Promise.race([all(), grace])
    this.#hurrying.abort()
    for (const attempt of this.#attended.keys()) {
      log(`${attempt}: stopped, because its worker ends`)
      launcher.cancel(attempt).catch((cause: unknown) => log(String(cause)))
    }
    const waiting = new AbortController()
    await Promise.race([all(), clock.sleep(HAND_IN_MS, waiting.signal)])
    waiting.abort()
    if (this.#attended.size > 0) log('ends with results that no server took; the next worker here hands them in')
    this.#leaving.abort()
  }
}

function isRefusal({ code }: WorkServerFault): boolean {
  return code === 'not-signed-in' || code === 'forbidden' || code === 'bad-body'
}

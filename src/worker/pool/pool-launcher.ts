/** A launcher whose commands are run by workers: puts them into the queue and waits for what comes of them. */
import type { Clock } from '../../core/ports/clock.ts'
import type { CommandRequest, CommandResult, Launcher, Telling } from '../../core/ports/launcher.ts'
import type { Instant, Millis } from '../../core/units.ts'
import { afterCancel, afterTime, emptyResult, isFree, type Job, type KeptResult, overOf, wordsOf } from './job.ts'
import type { Shelves } from './shelves.ts'
import type { StorePatience } from './store-patience.ts'
import type { Wakes } from './wakes.ts'

export interface PoolParts {
  readonly shelves: Shelves
  readonly wakes: Wakes
  readonly clock: Clock
  readonly patience: StorePatience
  readonly leaseMs: Millis
  /** How often is looked at what another replica may have changed. */
  readonly pollMs: Millis
  readonly closing: AbortSignal
}

export const QUEUE = 'the queue'
/** A hint of the queue that got lost is written again after so long. */
const LIST_AGAIN_MS: Millis = 5_000

export class PoolLauncher implements Launcher {
  readonly #parts: PoolParts

  constructor(parts: PoolParts) {
    this.#parts = parts
  }

  async run(request: CommandRequest, tell?: Telling): Promise<CommandResult> {
    const { shelves, patience, clock, wakes } = this.#parts
    const { place, attempt } = request
    if (place === undefined) throw new Error(`bug: the command of ${attempt} does not say where it may run`)
    const job: Job = { attempt, place, request, queuedAt: clock.now(), state: { kind: 'queued' } }
    if (await patience.ask(() => shelves.add(job))) {
      await patience.ask(() => shelves.list(job))
      wakes.wake(QUEUE)
    }
    return this.#restored(await this.#ended(attempt, tell))
  }

  async attach(attempt: string, tell?: Telling): Promise<CommandResult | null> {
    if (!(await this.#isKnown(attempt))) return null
    return this.#restored(await this.#ended(attempt, tell))
  }

  async cancel(attempt: string): Promise<void> {
    const { shelves, patience, wakes } = this.#parts
    if (!(await this.#isKnown(attempt))) return
    const job = await patience.ask(() => shelves.change(attempt, afterCancel))
    wakes.wake(attempt)
    if (job?.state.kind === 'running') await this.#ended(attempt)
    else if (job !== null) await patience.ask(() => shelves.unlist(job))
  }

  async forget(attempt: string): Promise<void> {
    const { shelves } = this.#parts
    const job = await shelves.job(attempt)
    if (job?.state.kind !== 'finished') return
    await shelves.dropOutput(attempt)
    await shelves.unlist(job)
    // A read may start again: nothing has to be remembered of it.
    if (job.request.effect === 'read') await shelves.remove(attempt)
    else await shelves.change(attempt, overOf)
  }

  peek(attempt: string): Promise<string> {
    return this.#parts.shelves.output(attempt)
  }

  /** Values of a terminal stay on its machine. */
  lend(): Promise<void> {
    return Promise.resolve()
  }

  /** Whether anything is kept of the attempt, without leaving a trace. */
  async knows(attempt: string): Promise<boolean> {
    const { patience, shelves } = this.#parts
    return (await patience.ask(() => shelves.get(attempt))) !== null
  }

  /** What is not known is given up here and now: an engine that wakes up late cannot queue it any more. */
  async #isKnown(attempt: string): Promise<boolean> {
    const { shelves, patience } = this.#parts
    const trace = { attempt, state: { kind: 'never' } } as const
    const isNew = await patience.ask(() => shelves.add(trace))
    return !isNew && (await patience.ask(() => shelves.job(attempt))) !== null
  }

  async #ended(attempt: string, tell?: Telling): Promise<KeptResult> {
    const { patience, shelves, clock, wakes, leaseMs, pollMs, closing } = this.#parts
    const tellNew = onlyNew(tell)
    let listedAt = clock.now()
    for (;;) {
      if (closing.aborted) throw new Error('this server ends; another one waits for the command from here on')
      const job = await patience.ask(() => shelves.job(attempt))
      const now = clock.now()
      const result = resultOf(job, now)
      if (job === null || result !== null) return result ?? gone(now)
      if (afterTime(job, now, patience.aliveSince, leaseMs) !== null) {
        await patience.ask(() => shelves.change(attempt, (one, at) => afterTime(one, at, patience.aliveSince, leaseMs)))
        await patience.ask(() => shelves.unlist(job))
        wakes.wake(attempt)
        continue
      }
      tellNew(wordsOf(job, now))
      if (isFree(job, now) && now - listedAt > LIST_AGAIN_MS) {
        listedAt = now
        await patience.ask(() => shelves.list(job))
      }
      await wakes.sleep(attempt, pollMs, closing)
    }
  }

  #restored(result: KeptResult): Promise<CommandResult> {
    const { patience, shelves } = this.#parts
    return patience.ask(() => shelves.restore(result))
  }
}

/** Only where another engine asked first, which leaves a trace that is no job. */
function gone(now: Instant): KeptResult {
  return emptyResult('not-started', 'it comes too late: another engine has given this attempt up', now)
}

/** null = it has not ended. */
function resultOf(job: Job | null, now: Instant): KeptResult | null {
  if (job === null) return null
  if (job.state.kind === 'finished') return job.state.result
  if (job.state.kind === 'over')
    return emptyResult('lost', 'it ran before, and its result was handed over and forgotten', now)
  return null
}

function onlyNew(tell: Telling | undefined): (say: string | null) => void {
  let told: string | null = null
  return (say) => {
    if (say === null || say === told) return
    told = say
    tell?.(say)
  }
}

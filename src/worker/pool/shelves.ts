/** Where jobs lie in the store: one entry each, changed only by who saw its newest revision, and a short list of those that wait. */
import type { Clock } from '../../core/ports/clock.ts'
import type { CommandPlace, CommandResult } from '../../core/ports/launcher.ts'
import type { Entry, Store } from '../../core/ports/store.ts'
import type { WorkerId } from '../../core/ports/work.ts'
import type { Instant, Millis } from '../../core/units.ts'
import { isJob, type Job, type Kept, type KeptBytes, type KeptResult } from './job.ts'

const WORK = 'work'
/** What waits, by environment: a hint that lists less than all jobs. */
const QUEUE = 'work-queue'
const OUTPUT = 'work-output'

/** A trace stays for as long as an engine could still believe in an attempt of before. */
const TRACE_MS: Millis = 7 * 86_400_000
/** What nobody ever asked about again. */
const LONGEST_MS: Millis = 30 * 86_400_000
/** Larger output lies among the evidence. */
const INLINE_BYTES = 16_384
const HOPELESS_CONFLICTS = 100

export interface Waiting {
  readonly attempt: string
  readonly place: CommandPlace
  readonly queuedAt: Instant
}

export interface Seen {
  readonly kept: Kept
  readonly revision: number
}

export class Shelves {
  readonly #store: Store
  readonly #clock: Clock

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async get(attempt: string): Promise<Seen | null> {
    const entry = await this.#store.getEntry(WORK, attempt)
    return entry === null ? null : { kept: JSON.parse(entry.json) as Kept, revision: entry.revision }
  }

  async job(attempt: string): Promise<Job | null> {
    const seen = await this.get(attempt)
    return seen !== null && isJob(seen.kept) ? seen.kept : null
  }

  /** False = something is kept under this attempt already. */
  async add(kept: Kept): Promise<boolean> {
    return this.#put(kept, 0)
  }

  /** `change` may run several times; null from it = nothing to write. Resolves to what is kept now, or null when nothing is. */
  async change(attempt: string, change: (job: Job, now: Instant) => Job | null): Promise<Job | null> {
    for (let conflicts = 0; conflicts < HOPELESS_CONFLICTS; conflicts += 1) {
      const seen = await this.get(attempt)
      if (seen === null || !isJob(seen.kept)) return null
      const next = change(seen.kept, this.#clock.now())
      if (next === null || next === seen.kept) return seen.kept
      if (await this.#put(next, seen.revision)) return next
    }
    throw new Error(`bug: the attempt ${attempt} was changed by others ${HOPELESS_CONFLICTS} times in a row`)
  }

  async remove(attempt: string): Promise<void> {
    await this.#store.putEntry(WORK, attempt, null)
  }

  async #put(kept: Kept, expected: number): Promise<boolean> {
    const isTrace = kept.state.kind === 'over' || kept.state.kind === 'never'
    const expires = this.#clock.now() + (isTrace ? TRACE_MS : LONGEST_MS)
    return (await this.#store.putEntry(WORK, kept.attempt, JSON.stringify(kept), { expected, expires })) !== null
  }

  async list({ attempt, place, queuedAt }: Job): Promise<void> {
    const waiting: Waiting = { attempt, place, queuedAt }
    await this.#store.putEntry(QUEUE, queueKey(place.environment, attempt), JSON.stringify(waiting), {
      expires: this.#clock.now() + LONGEST_MS,
    })
  }

  async unlist({ attempt, place }: Pick<Waiting, 'attempt' | 'place'>): Promise<void> {
    await this.#store.putEntry(QUEUE, queueKey(place.environment, attempt), null)
  }

  /** What leads back first, then the oldest. */
  async waiting(environments: readonly string[] | null): Promise<readonly Waiting[]> {
    const prefixes = environments === null ? [''] : environments.map((name) => queueKey(name, ''))
    const found = await Promise.all(prefixes.map((prefix) => this.#store.entries(QUEUE, prefix)))
    return found
      .flat()
      .map(({ json }: Entry) => JSON.parse(json) as Waiting)
      .toSorted((a, b) => Number(b.place.isUrgent) - Number(a.place.isUrgent) || a.queuedAt - b.queuedAt)
  }

  async putOutput(attempt: string, text: string): Promise<void> {
    await this.#store.putEntry(OUTPUT, attempt, JSON.stringify(text), { expires: this.#clock.now() + TRACE_MS })
  }

  async output(attempt: string): Promise<string> {
    const entry = await this.#store.getEntry(OUTPUT, attempt)
    return entry === null ? '' : (JSON.parse(entry.json) as string)
  }

  async dropOutput(attempt: string): Promise<void> {
    if ((await this.#store.getEntry(OUTPUT, attempt)) !== null) await this.#store.putEntry(OUTPUT, attempt, null)
  }

  async keep(result: CommandResult): Promise<KeptResult> {
    return { ...result, stdout: await this.#keepBytes(result.stdout), stderr: await this.#keepBytes(result.stderr) }
  }

  async restore(kept: KeptResult): Promise<CommandResult> {
    return { ...kept, stdout: await this.#bytesOf(kept.stdout), stderr: await this.#bytesOf(kept.stderr) }
  }

  keepEvidence(bytes: Uint8Array): Promise<{ sha256: string; size: number }> {
    return this.#store.putEvidence(bytes)
  }

  /** Which attempts are with which worker. */
  async held(): Promise<readonly { readonly attempt: string; readonly worker: WorkerId }[]> {
    const all = await this.#store.entries(WORK)
    return all.flatMap(({ json }) => {
      const { attempt, state } = JSON.parse(json) as Kept
      return state.kind === 'running' || state.kind === 'offered' ? [{ attempt, worker: state.worker }] : []
    })
  }

  async #keepBytes(bytes: Uint8Array): Promise<KeptBytes> {
    if (bytes.byteLength <= INLINE_BYTES) return { base64: Buffer.from(bytes).toString('base64') }
    return { sha256: (await this.#store.putEvidence(bytes)).sha256 }
  }

  async #bytesOf(kept: KeptBytes): Promise<Uint8Array> {
    if ('base64' in kept) return Buffer.from(kept.base64, 'base64')
    const bytes = await this.#store.getEvidence(kept.sha256)
    if (bytes === null) throw new Error(`the output ${kept.sha256} of a command is gone from the store`)
    return bytes
  }
}

function queueKey(environment: string, attempt: string): string {
  return `${encodeURIComponent(environment)}/${encodeURIComponent(attempt)}`
}

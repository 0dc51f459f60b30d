/**
 * A signed checkpoint of the whole log in a file outside the store. An older backup of the store, or a log that was
 * rewritten, is found by it at the next start: then the store is only read, until a person decides.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { MerkleHead } from '../core/log/merkle.ts'
import type { Clock } from '../core/ports/clock.ts'
import { type Store, StoreFault } from '../core/ports/store.ts'
import type { Signer } from './signer.ts'
import { checkpointOf, isCheckpointOf } from './statement.ts'

/** The origin of the checkpoint: the log of all streams in their one order. A leaf is the hash of an event. */
const origin = 'log'
const everyMs = 5_000
const pageSize = 5_000

export interface CheckpointGiven {
  readonly file: string
  readonly signer: Signer
  readonly clock: Clock
  readonly log: (line: string) => void
}

/** The store to go on with: the same, kept in step with the file, or one that refuses to write, which `log` is told. */
export async function checkpointed(store: Store, given: CheckpointGiven): Promise<Store> {
  const head = new MerkleHead()
  const why = await mismatch(store, head, given)
  if (why !== null) {
    given.log(`read-only: ${why}`)
    return readOnly(store, why)
  }
  const keeper = new Keeper(store, head, given)
  await keeper.keep()
  const keeping = keeper.run()
  return over(store, {
    close: async () => {
      await keeper.stop()
      await keeping
      await store.close()
    },
  })
}

/** Reads the log up to where the checkpoint was made; what is wrong, in words, or null. */
async function mismatch(store: Store, head: MerkleHead, { file, signer }: CheckpointGiven): Promise<string | null> {
  const text = textIn(file)
  if (text === null) return null
  const size = Number(/^[^\n]*\n(\d{1,15})\n/.exec(text)?.[1] ?? Number.NaN)
  const decide = `If this state is to be gone on from, move ${file} away and start again.`
  if (Number.isNaN(size)) return `${file} is no checkpoint. ${decide}`
  while (head.size < size) {
    const page = await store.tail(head.size, Math.min(pageSize, size - head.size))
    if (page.length === 0)
      return `the checkpoint in ${file} was made of ${size} events, and the log has ${head.size}: an older state was restored, or events are gone. ${decide}`
    for (const { hash } of page) head.add(hash)
  }
  if (isCheckpointOf(text, origin, { version: size, hash: head.root }, signer.publicKeyPem)) return null
  return `the first ${size} events are not those that the checkpoint in ${file} was made of, or another key signed it. ${decide}`
}

/** Takes in what was appended, and writes the file anew when anything was. */
class Keeper {
  readonly #store: Store
  readonly #head: MerkleHead
  readonly #given: CheckpointGiven
  readonly #ending = new AbortController()
  #written = -1
  #trouble = ''

  constructor(store: Store, head: MerkleHead, given: CheckpointGiven) {
    this.#store = store
    this.#head = head
    this.#given = given
  }

  async run(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      await this.#given.clock.sleep(everyMs, signal)
      await this.keep()
    }
  }

  async stop(): Promise<void> {
    this.#ending.abort()
  }

  /** Never throws: trouble is told once, and the next round tries again. */
  async keep(): Promise<void> {
    try {
      for (;;) {
        const page = await this.#store.tail(this.#head.size, pageSize)
        for (const { hash } of page) this.#head.add(hash)
        if (page.length < pageSize) break
      }
      this.#write()
      this.#trouble = ''
    } catch (cause) {
      const trouble = `the checkpoint ${this.#given.file} is not kept: ${cause instanceof Error ? cause.message : String(cause)}`
      if (trouble !== this.#trouble) this.#given.log(trouble)
      this.#trouble = trouble
    }
  }

  #write(): void {
    const { file, signer } = this.#given
    const { size, root } = this.#head
    if (size === this.#written) return
    // Whole or not at all, whenever the machine stops.
    writeFileSync(`${file}.new`, checkpointOf(origin, { version: size, hash: root }, signer), {
      mode: 0o600,
      flush: true,
    })
    renameSync(`${file}.new`, file)
    this.#written = size
  }
}

/** Everything can be looked at, people can sign in; nothing is decided, started or attended. */
function readOnly(store: Store, why: string): Store {
  const refuse = () => Promise.reject(new StoreFault(`this server only reads: ${why}`, { retryable: false }))
  return over(store, {
    append: refuse,
    putBatch: refuse,
    putEvidence: refuse,
    addRecord: refuse,
    claim: () => Promise.resolve([]),
    claimStream: () => Promise.resolve(null),
    renew: () => Promise.resolve([]),
  })
}

function over(store: Store, changed: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const found: unknown = Reflect.get(Object.hasOwn(changed, name) ? changed : target, name)
      return typeof found === 'function' ? (found.bind(target) as unknown) : found
    },
  })
}

/** null = there is none yet. */
function textIn(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw cause
  }
}

/** Checks a whole store: every chain is hashed again from its first event, every piece of evidence against its name. */
import { LogCheck } from '../core/log/check-log.ts'
import type { StreamId } from '../core/ports/store.ts'
import { inPages } from './pages.ts'
import type { Readable } from './sqlite-reader.ts'

export interface StoreReport {
  readonly events: number
  readonly streams: number
  readonly evidence: number
  /** What is wrong, in words; nothing = the store is sound. */
  readonly problems: readonly string[]
  /** Over the last hash of every stream, in their order: two stores with the same one hold the same events. */
  readonly heads: readonly (readonly [StreamId, number, string])[]
}

const PAGE = 500
/** One damaged file may make thousands of lines; the first ones tell enough. */
const MOST_PROBLEMS = 50

export async function checkStore(
  store: Pick<Readable, 'tail' | 'evidenceHashes' | 'getEvidence'>,
  tell: (what: string, done: number) => void = () => {},
): Promise<StoreReport> {
  const problems: string[] = []
  const wrong = (what: string) => {
    if (problems.length < MOST_PROBLEMS) problems.push(what)
  }
  const log = new LogCheck()
  for (;;) {
    const page = await store.tail(log.position, PAGE)
    if (page.length === 0) break
    for (const event of page)
      for (const { stream, say } of log.take(event)) wrong(stream === null ? say : `${stream}: ${say}`)
    tell('events', log.position)
  }
  const evidence = await checkEvidence(store, wrong, tell)
  const heads = [...log.ends].map(([stream, { version, hash }]) => [stream, version, hash] as const)
  return {
    events: log.position,
    streams: log.ends.size,
    evidence,
    problems,
    heads: heads.toSorted(([a], [b]) => (a < b ? -1 : 1)),
  }
}

async function checkEvidence(
  store: Pick<Readable, 'evidenceHashes' | 'getEvidence'>,
  wrong: (what: string) => void,
  tell: (what: string, done: number) => void,
): Promise<number> {
  let count = 0
  for await (const sha256 of inPages<string>((last) => store.evidenceHashes(last ?? '', PAGE))) {
    count += 1
    try {
      if ((await store.getEvidence(sha256)) === null) wrong(`evidence ${sha256} is gone`)
    } catch (cause) {
      wrong(cause instanceof Error ? cause.message : `evidence ${sha256} cannot be read`)
    }
    if (count % PAGE === 0) tell('pieces of evidence', count)
  }
  return count
}

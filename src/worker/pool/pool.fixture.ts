/** A pool over a store in memory with a clock that tests move, and workers that ask it. */
import type { Clock } from '../../core/ports/clock.ts'
import type { CommandRequest, CommandResult } from '../../core/ports/launcher.ts'
import type { ClaimAsked, ClaimOf, Offer, WorkPool } from '../../core/ports/work.ts'
import { MemoryStore } from '../../store/memory.ts'
import { createPool, type Pool, type PoolOptions } from './pool.ts'

export interface BentClock extends Clock {
  /** Jumps, as for a process that was stopped. Sleeps take real time, and little of it. */
  skip(ms: number): void
  /** Goes on by so much, so slowly that whoever looks regularly does look. */
  pass(ms: number): Promise<void>
}

export function bentClock(): BentClock {
  let now = 1_700_000_000_000
  return {
    now: () => now,
    skip: (ms) => void (now += ms),
    pass: async (ms) => {
      for (let left = ms; left > 0; left -= 2_000) {
        now += Math.min(left, 2_000)
        await new Promise((resolve) => setTimeout(resolve, 7))
      }
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(done, Math.min(ms, 5))
        function done() {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        if (signal?.aborted) done()
        else signal?.addEventListener('abort', done)
      }),
  }
}

export interface PoolWorld extends Pool {
  readonly clock: BentClock
  readonly store: MemoryStore
  /** Another replica on the same store. */
  readonly other: () => Pool
}

export function poolWorld(options: PoolOptions = {}): PoolWorld {
  const clock = bentClock()
  const store = new MemoryStore()
  const settings = { leaseMs: 30_000, pollMs: 5, ...options }
  return { ...createPool(store, clock, settings), clock, store, other: () => createPool(store, clock, settings) }
}

export function requestOf(attempt: string, changes: Partial<CommandRequest> = {}): CommandRequest {
  return {
    attempt,
    shell: 'bash',
    script: 'true',
    cwd: '/srv/workspace',
    env: { HOLDPOINT_RELEASE: 'r1' },
    secrets: {},
    epoch: 3,
    timeoutMs: 60_000,
    outputCapBytes: 1_000_000,
    effect: 'change',
    place: placeIn('production'),
    ...changes,
  }
}

export function placeIn(environment: string, labels: readonly string[] = [], isUrgent = false) {
  return { service: 'shop', environment, labels, folder: '', environmentNames: [], isUrgent }
}

let questions = 0

export function asking(name: string, changes: Partial<ClaimAsked> = {}): ClaimAsked {
  questions += 1
  return {
    worker: { machine: 'runner', name },
    claim: `claim-${questions}`,
    environments: null,
    labels: [],
    urgentOnly: false,
    mayTake: () => Promise.resolve(true),
    waitMs: 0,
    signal: new AbortController().signal,
    ...changes,
  }
}

/** Takes the next command and begins it. */
export async function begin(work: WorkPool, asked: ClaimAsked): Promise<ClaimOf & { readonly offer: Offer }> {
  const offer = await until(() => work.claim(asked))
  const of = { attempt: offer.attempt, claim: asked.claim, worker: asked.worker }
  const { go } = await beat(work, of)
  if (!go) throw new Error('the worker may not begin')
  return { ...of, offer }
}

export function beat(work: WorkPool, of: ClaimOf) {
  return work.heartbeat(of, 0, new AbortController().signal)
}

/** What the engine queues is there a moment later. */
export async function until<T>(ask: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < 2_000; tries += 1) {
    const answer = await ask()
    if (answer !== null) return answer
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error('it did not come')
}

export function exited(changes: Partial<CommandResult> = {}): CommandResult {
  return {
    ended: 'exit',
    exitCode: 0,
    signal: null,
    stdout: Buffer.from('done\n'),
    stderr: new Uint8Array(0),
    truncated: false,
    output: { image: 'sha256:1' },
    startedAt: 1_700_000_000_000,
    endedAt: 1_700_000_000_000,
    why: null,
    ...changes,
  }
}

/** Reads the time before the first observation, beside the first interval, so that judging never waits for it. */
import type { SampleBatch } from '../core/judge/verdict.ts'
import type { StoredEvent } from '../core/ports/store.ts'
import type { Effect } from '../core/release/effects.ts'
import type { ReleaseEvent } from '../core/release/events.ts'
import type { Instant, Millis } from '../core/units.ts'
import { releaseStream } from './lane.ts'
import { contextOf } from './work.ts'
import type { Work } from './work.ts'

type Observe = Extract<Effect, { kind: 'Observe' }>

const longestMs: Millis = 10_000
const shortestMs: Millis = 500
/** More intervals say little more, and every one of them is stored. */
const mostIntervals = 1000

export interface LookBack {
  /** What has been read, to be stored before the first sample; what comes later is dropped, and that is said. Once only. */
  take(): readonly SampleBatch[]
  stop(): void
}

/** Does the judge learn from the time before, and can anybody be compared with stable here? */
export function looksBack({ judge, stage }: Observe): boolean {
  const counts = judge.metrics.some(({ kind }) => kind !== 'gauge')
  return judge.policy === 'statistical' && judge.history != null && counts && (stage !== null || judge.arms !== null)
}

/** `firstSampleAt`: when the first interval ends; what is not known by then is left out. */
export function lookBack(work: Work<Observe>, firstSampleAt: Instant): LookBack {
  const { signal, effect } = work
  const controller = new AbortController()
  const stop = (): void => {
    controller.abort()
    signal.removeEventListener('abort', stop)
  }
  signal.addEventListener('abort', stop, { once: true })
  let read: readonly SampleBatch[] | null = null
  let isTaken = false
  void readAll(work, firstSampleAt, controller.signal)
    .catch((error: unknown) => [without(effect, error instanceof Error ? error.message : String(error))])
    .then((batches) => (read = batches))
  return {
    take: () => {
      if (isTaken) return []
      isTaken = true
      stop()
      return read ?? [without(effect, 'it came later than the first sample')]
    },
    stop,
  }
}

async function readAll(
  work: Work<Observe>,
  firstSampleAt: Instant,
  signal: AbortSignal,
): Promise<readonly SampleBatch[]> {
  const { effect, desk } = work
  const { step, stage, stagePlan, judge } = effect
  if (judge.history == null) return []
  const endsAt = await startOf(work)
  const request = {
    step,
    stage,
    judge,
    endsAt,
    forMs: Math.min(judge.history.forMs, mostIntervals * judge.everyMs),
    splitBy: judge.history.splitBy,
    // A watch has no weight, and at 100 % nobody is left to compare with: then halves tell most.
    weightPercent: stagePlan === null || stagePlan.weightPercent >= 100 ? 50 : stagePlan.weightPercent,
    seed: `${desk.release} ${step}`,
    budgetMs: Math.min(longestMs, Math.max(shortestMs, firstSampleAt - desk.now())),
  }
  const context = contextOf(desk, `${effect.key}/history`, desk.lease.epoch, signal)
  const batches = await desk.ports.observer.history(request, context)
  return batches
    .filter(({ to }) => to <= endsAt)
    .map((batch): SampleBatch => ({ ...batch, step, stage, history: true }))
    .toSorted((a, b) => a.to - b.to)
}

/** A watch looks back beyond the rollout: in between stable was on its way out. */
async function startOf({ effect, desk }: Work<Observe>): Promise<Instant> {
  if (effect.stage !== null) return effect.startedAt
  const events = (await desk.ports.store.read(releaseStream(desk.release))) as readonly StoredEvent<ReleaseEvent>[]
  return events.find(({ event }) => event.kind === 'SoakStarted')?.at ?? effect.startedAt
}

/** One batch without numbers tells why there is no past, and keeps the next engine from asking again. */
function without({ step, stage, judge, startedAt }: Observe, why: string): SampleBatch {
  const none = { kind: 'no-data', why } as const
  const counting = judge.metrics.filter(({ kind }) => kind !== 'gauge')
  const samples = counting.map(({ name }) => ({ metric: name, canary: none, stable: none }))
  return { step, stage, history: true, from: startedAt - judge.everyMs, to: startedAt, samples, weights: [] }
}

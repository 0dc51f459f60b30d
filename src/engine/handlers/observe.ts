/** Takes samples of a stage or watch, interval by interval, stores each, and tells the log what the judge makes of them. */
import type { SampleBatch } from '../../core/judge/verdict.ts'
import type { Effect } from '../../core/release/effects.ts'
import { type Judging, resumeJudging } from '../judging.ts'
import { lookBack, type LookBack, looksBack } from '../look-back.ts'
import { watchNeedsMs } from '../../core/release/watch-times.ts'
import { contextOf, sleepUntil } from '../work.ts'
import type { Desk, Handler, Work } from '../work.ts'

type Observe = Extract<Effect, { kind: 'Observe' }>

export const observe: Handler<Observe> = async (work) => {
  const { observing } = work.desk
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const before = observing.get(work.effect.step)
  observing.set(work.effect.step, ended)
  try {
    await before
    if (!work.signal.aborted) await takeSamples(work)
  } finally {
    end()
  }
}

async function takeSamples(work: Work<Observe>): Promise<void> {
  const { effect, desk, signal } = work
  const { judging, isFirst } = await desk.persist(() => resume(desk, effect))
  const past = isFirst && looksBack(effect) ? lookBack(work, judging.nextEnd(desk.now())) : null
  try {
    // What was stored before a crash but never told is told first; refused, someone else told it, and we read again.
    if (judging.isBehind && !(await tell(work, judging, []))) return
    while (await sleepUntil(desk, judging.nextEnd(desk.now()), signal)) {
      if (!(await takeSample(work, judging, past, desk.now()))) return
    }
  } finally {
    past?.stop()
    desk.observed.delete(effect.key)
    desk.touch()
  }
}

function resume(desk: Desk, effect: Observe): ReturnType<typeof resumeJudging> {
  const upTo = desk.state().observations.get(effect.step)?.upTo ?? null
  return resumeJudging(desk.ports.store, desk.ports.judge, desk.release, effect, neededMs(desk, effect), upTo)
}

function neededMs(desk: Desk, effect: Observe): number {
  if (effect.stagePlan) return effect.stagePlan.soakMs
  const block = desk.state().index.step.get(effect.step)?.block
  return block?.word === 'watch' ? watchNeedsMs(block, desk.state().observations.get(effect.step)) : 0
}

/** One interval. False when the release wants no more of them. */
async function takeSample(work: Work<Observe>, judging: Judging, past: LookBack | null, now: number): Promise<boolean> {
  const to = judging.lastEnd(now)
  const batch = await read(work, to)
  if (work.signal.aborted) return false
  return batch === null ? true : tell(work, judging, [...(past?.take() ?? []), batch])
}

/** null = the observer gave no answer before the next interval began: a gap. */
async function read({ effect, desk, signal }: Work<Observe>, to: number): Promise<SampleBatch | null> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  signal.addEventListener('abort', stop, { once: true })
  const { step, stage, judge, expected, checks } = effect
  const request = { step, stage, judge, from: to - judge.everyMs, to, expected, checks }
  try {
    const sample = desk.ports.observer.sample(
      request,
      contextOf(desk, `${effect.key}/${to}`, desk.lease.epoch, controller.signal),
    )
    const tooLate = desk.ports.clock.sleep(judge.everyMs, controller.signal).then(() => null)
    return await Promise.race([sample.then((batch) => ({ ...batch, step, stage, from: request.from, to })), tooLate])
  } finally {
    stop()
    signal.removeEventListener('abort', stop)
  }
}

/** Stores the batches, alone or together with what the judge concludes from them; a breach is in the log before anything else. */
async function tell(work: Work<Observe>, judging: Judging, batches: readonly SampleBatch[]): Promise<boolean> {
  const { effect, desk } = work
  for (const batch of batches) judging.observe(batch)
  const report = judging.report()
  const { step, stage } = effect
  desk.observed.set(effect.key, {
    step,
    stage,
    report,
    get recent() {
      return judging.recent
    },
  })
  desk.touch()
  if (!judging.isNews(report)) {
    await keep(desk, batches)
    return true
  }
  const command = judging.record(report, effect.step, effect.stage)
  const decision = await desk.submit(command, { batches })
  if (decision.kind === 'refused') return false
  if (decision.events.length === 0) await keep(desk, batches)
  judging.recorded(report)
  return true
}

/** In one append, so that a crash never leaves a part of the past that would pass for all of it. */
async function keep(desk: Desk, batches: readonly SampleBatch[]): Promise<void> {
  const [only, ...more] = batches
  if (!only) return
  const { store } = desk.ports
  if (more.length === 0) return desk.persist(() => store.putBatch(desk.release, only, desk.lease))
  const all = batches.map((batch) => ({ release: desk.release, batch }))
  await desk.persist(() => store.append({ streams: [], lease: desk.lease, batches: all }))
}

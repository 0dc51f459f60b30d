/** Takes samples of a stage or watch, interval by interval, stores each, and tells the log what the judge makes of them. */
import type { SampleBatch } from '../../core/judge/verdict.ts'
import type { Effect } from '../../core/release/effects.ts'
import { Judging, resumeJudging } from '../judging.ts'
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
  const judging = await desk.persist(() => resume(desk, effect))
  try {
    // What was stored before a crash but never told is told first; refused, someone else told it, and we read again.
    if (judging.isBehind && !(await tell(work, judging, null))) return
    while (await sleepUntil(desk, judging.nextEnd(desk.now()), signal)) {
      if (!(await takeSample(work, judging, desk.now()))) return
    }
  } finally {
    desk.observed.delete(effect.key)
    desk.touch()
  }
}

function resume(desk: Desk, effect: Observe): Promise<Judging> {
  const upTo = desk.state().observations.get(effect.step)?.upTo ?? null
  return resumeJudging(desk.ports.store, desk.ports.judge, desk.release, effect, neededMs(desk, effect), upTo)
}

function neededMs(desk: Desk, effect: Observe): number {
  if (effect.stagePlan) return effect.stagePlan.soakMs
  const block = desk.state().index.step.get(effect.step)?.block
  return block?.word === 'watch' ? block.forMs : 0
}

/** One interval. False when the release wants no more of them. */
async function takeSample(work: Work<Observe>, judging: Judging, now: number): Promise<boolean> {
  const to = judging.lastEnd(now)
  const batch = await read(work, to)
  if (work.signal.aborted) return false
  return batch === null ? true : tell(work, judging, batch)
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

/** Stores the batch, alone or together with what the judge concludes from it; a breach is in the log before anything else. */
async function tell({ effect, desk }: Work<Observe>, judging: Judging, batch: SampleBatch | null): Promise<boolean> {
  if (batch) judging.observe(batch)
  const report = judging.report()
  desk.observed.set(effect.key, { step: effect.step, stage: effect.stage, report, recent: judging.recent })
  desk.touch()
  if (!judging.isNews(report)) {
    if (batch) await desk.persist(() => desk.ports.store.putBatch(desk.release, batch, desk.lease))
    return true
  }
  const command = judging.record(report, effect.step, effect.stage)
  const decision = await desk.submit(command, { batches: batch ? [batch] : [] })
  if (decision.kind === 'refused') return false
  if (decision.events.length === 0 && batch)
    await desk.persist(() => desk.ports.store.putBatch(desk.release, batch, desk.lease))
  judging.recorded(report)
  return true
}

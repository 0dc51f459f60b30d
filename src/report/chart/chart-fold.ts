/** Judges the samples of a release once more as they come, so that a chart shows for each interval what was said then. */
import { canaryJudge } from '../../core/judge/policies.ts'
import type { JudgeState, SampleBatch } from '../../core/judge/verdict.ts'
import type { JudgeSubject } from '../../core/ports/judge.ts'
import { observeEffects } from '../../core/release/due-traffic.ts'
import { soaksBefore, subjectOf } from '../../core/release/earlier-soaks.ts'
import type { Effect } from '../../core/release/effects.ts'
import type { Recorded } from '../../core/release/events.ts'
import { evolve } from '../../core/release/evolve.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import type { Instant } from '../../core/units.ts'
import type { ChartHarm } from './chart.ts'
import { type Point, pointOf, type Series, seriesPlans } from './chart-point.ts'
import { HarmCount } from './harm.ts'

type Observe = Extract<Effect, { kind: 'Observe' }>

/** Stored samples of one stage or watch, ascending; `after` leaves out those up to an interval's end. */
export type LoadSamples = (step: string, stage: number | null, after?: Instant) => Promise<readonly SampleBatch[]>

/** One stage or watch from its beginning to its end, with everything that was measured in it. */
export interface JudgedSoak {
  readonly step: string
  readonly stage: number | null
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  /** By the plan that stands, or stood when it ended. */
  readonly subject: JudgeSubject
  readonly points: readonly Point[]
}

/** Ten metrics are judged in a quarter of a millisecond: an engine beside this waits ten at most. */
const IN_ONE_GO = 40

interface Soak extends JudgedSoak {
  endedAt: Instant | null
  /** Samples after this are of the next stage; null = none has begun. */
  upTo: Instant | null
  effect: Observe
  subject: JudgeSubject
  series: readonly Series[]
  /** null = to be judged from the beginning: nothing was yet, or the plan was amended. */
  state: JudgeState | null
  /** End of the last interval that the state has seen. */
  seen: Instant | null
  /** The plan was amended then: what was said before stays said. */
  toldUpTo: Instant | null
  /** Plans that samples after their time are judged by, from the beginning of the stage. */
  readonly amendments: { readonly at: Instant; readonly effect: Observe }[]
  /** No more samples can come. */
  isWhole: boolean
  readonly points: Point[]
}

export class ChartFold {
  #state: ReleaseState | null = null
  /** The few events that earlier stages are found by. */
  readonly #marks: Recorded[] = []
  readonly #soaks: Soak[] = []
  readonly #harm = new Map<string, HarmCount>()

  /** Version of the last event that was heard. */
  get version(): number {
    return this.#state?.version ?? 0
  }

  get soaks(): readonly JudgedSoak[] {
    return this.#soaks
  }

  harmOf(step: string): readonly ChartHarm[] {
    return this.#harm.get(step)?.told() ?? []
  }

  /** The next events, in their order. */
  hear(events: readonly Recorded[]): void {
    for (const recorded of events) {
      this.#state = evolve(this.#state, recorded)
      this.#mark(recorded)
    }
  }

  /** Judges every sample that is stored and was not judged yet; `rest` lets others work in between. */
  async advance(load: LoadSamples, rest: () => Promise<void> = async () => {}): Promise<void> {
    for (const soak of this.#soaks) if (!soak.isWhole) await this.#judge(soak, load, rest)
  }

  #mark(recorded: Recorded): void {
    const { event, at } = recorded
    switch (event.kind) {
      case 'ReleaseStarted':
        this.#marks.push(recorded)
        return
      case 'ReleaseAmended':
        this.#marks.push(recorded)
        for (const effect of this.#effects()) this.#amend(effect, at)
        return
      case 'SoakStarted':
        this.#marks.push(recorded)
        this.#begin(event.rollout, at)
        return
      case 'WatchStarted':
        this.#begin(event.step, at)
        return
      case 'WatchRestarted':
        this.#end(event.step, at)
        this.#begin(event.step, at)
        return
      case 'StageLeft':
        this.#end(event.rollout, at)
        return
      case 'WatchEnded':
        this.#end(event.step, at)
        return
      case 'RollbackStarted':
      case 'ReleaseLeft':
        for (const { step } of this.#soaks) this.#end(step, at)
        return
      default:
    }
  }

  #effects(): readonly Observe[] {
    return this.#state === null ? [] : observeEffects(this.#state).filter((one) => one.kind === 'Observe')
  }

  #begin(step: string, at: Instant): void {
    const effect = this.#effects().find((one) => one.step === step)
    if (effect === undefined) return
    const before = this.#soaks.findLast((soak) => soak.step === step)
    if (before !== undefined) before.upTo = at
    const { stage, startedAt } = effect
    const subject = subjectOf(effect)
    this.#soaks.push({
      step,
      stage,
      startedAt,
      endedAt: null,
      upTo: null,
      effect,
      subject,
      series: seriesPlans(subject),
      state: null,
      seen: null,
      toldUpTo: null,
      amendments: [],
      isWhole: false,
      points: [],
    })
  }

  #amend(effect: Observe, at: Instant): void {
    const soak = this.#soaks.findLast(({ step }) => step === effect.step)
    if (soak === undefined || soak.startedAt !== effect.startedAt) return
    const last = soak.amendments.at(-1)?.effect ?? soak.effect
    if (last.judge !== effect.judge || last.stagePlan !== effect.stagePlan) soak.amendments.push({ at, effect })
  }

  #end(step: string, at: Instant): void {
    const soak = this.#soaks.findLast((one) => one.step === step)
    if (soak !== undefined) soak.endedAt ??= at
  }

  async #judge(soak: Soak, load: LoadSamples, rest: () => Promise<void>): Promise<void> {
    // What is known now may be all there is: samples that come while they are read belong to the next look.
    const isLast = soak.upTo !== null || (soak.endedAt !== null && !this.#isOpen())
    soak.state ??= canaryJudge.start(soak.subject, await this.#before(soak, load))
    const news = await load(soak.step, soak.stage, soak.seen ?? undefined)
    for (const [at, batch] of ofSoak(news, soak).entries()) {
      const [amendment] = soak.amendments
      if (amendment !== undefined && batch.to > amendment.at) {
        beginAnew(soak, amendment.effect)
        return this.#judge(soak, load, rest)
      }
      if (at % IN_ONE_GO === IN_ONE_GO - 1) await rest()
      soak.state = canaryJudge.observe(soak.state, batch, soak.subject)
      soak.seen = Math.max(soak.seen ?? batch.to, batch.to)
      if (soak.toldUpTo === null || batch.to > soak.toldUpTo) this.#tell(soak, soak.state, batch)
    }
    soak.isWhole = isLast
  }

  #tell(soak: Soak, state: JudgeState, batch: SampleBatch): void {
    const isHistory = batch.history === true
    // A stage that soaks once more has told the time before the rollout already.
    if (isHistory && this.#soaks.find(({ step }) => step === soak.step) !== soak) return
    const verdict = isHistory ? null : canaryJudge.report(state, soak.subject).verdict
    soak.points.push(pointOf(batch, verdict, soak.series))
    const harm = this.#harm.get(soak.step) ?? new HarmCount()
    this.#harm.set(soak.step, harm)
    harm.add(batch, soak.subject.judge.metrics)
  }

  #isOpen(): boolean {
    return observeEffects(this.#state as ReleaseState).length > 0
  }

  /** What the judge knew when the stage began. */
  async #before(soak: Soak, load: LoadSamples): Promise<JudgeState | null> {
    const at = this.#soaks.indexOf(soak)
    const previous = this.#soaks.findLast((one, index) => index < at && one.step === soak.step)
    if (previous === undefined) return null
    if (previous.effect.judge === soak.effect.judge && previous.state !== null) return previous.state
    let before: JudgeState | null = null
    for (const { stage, subject, endedAt } of soaksBefore(this.#marks, soak.effect)) {
      let state = canaryJudge.start(subject, before)
      const batches = ofSoak(await load(soak.step, stage), { startedAt: subject.startedAt, upTo: endedAt })
      for (const batch of batches) state = canaryJudge.observe(state, batch, subject)
      before = state
    }
    return before
  }
}

function ofSoak(
  batches: readonly SampleBatch[],
  { startedAt, upTo }: { readonly startedAt: Instant; readonly upTo: Instant | null },
): readonly SampleBatch[] {
  return batches.filter(({ history, to }) => history === true || (to > startedAt && (upTo === null || to <= upTo)))
}

/** What an amended plan says it says of the whole stage; what was told stays told. */
function beginAnew(soak: Soak, effect: Observe): void {
  soak.amendments.shift()
  soak.effect = effect
  soak.subject = subjectOf(effect)
  soak.series = seriesPlans(soak.subject)
  soak.toldUpTo = soak.seen ?? soak.toldUpTo
  soak.state = null
  soak.seen = null
}

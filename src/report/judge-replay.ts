/** Judges the stored samples of a release again, and compares each verdict with the one that the log holds. */
import { decisionOf } from '../core/judge/statistical-judge.ts'
import { canaryJudge } from '../core/judge/policies.ts'
import type { Decision } from '../core/judge/statistical/decide.ts'
import type { JudgeReport, JudgeState, SampleBatch, Verdict } from '../core/judge/verdict.ts'
import { digestOf } from '../core/log/canonical.ts'
import { measurementsDigest } from '../core/log/measurements.ts'
import type { JudgeSubject } from '../core/ports/judge.ts'
import { observeEffects } from '../core/release/due-traffic.ts'
import { soaksBefore, subjectOf } from '../core/release/earlier-soaks.ts'
import type { Effect } from '../core/release/effects.ts'
import type { EventOf, Recorded } from '../core/release/events.ts'
import { evolve } from '../core/release/evolve.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { Instant } from '../core/units.ts'

type Observe = Extract<Effect, { kind: 'Observe' }>

/** One stage or watch as it was judged, from its first sample to its last. */
export interface ObservedReplay {
  readonly step: string
  readonly stage: number | null
  readonly subject: JudgeSubject
  readonly history: readonly SampleBatch[]
  readonly samples: number
  /** Each time another zone, or another reason for it, was reached. The last of them stands. */
  readonly moments: readonly Moment[]
  /** As of the last sample. */
  readonly latest: Moment | null
}

export interface Moment {
  /** The sample that brought it about. */
  readonly batch: SampleBatch
  readonly report: JudgeReport
  /** The evidence behind it; null where the policy has none. */
  readonly decision: Decision | null
}

export interface Replay {
  readonly observed: readonly ObservedReplay[]
  readonly samples: number
  /** Verdicts of the log that were reached again, or not. */
  readonly verdicts: number
  readonly differences: readonly Difference[]
  /** The judge's state was the same to the last digit, each time. */
  readonly isIdentical: boolean
}

export interface Difference {
  /** Version of the event in the log. */
  readonly version: number
  readonly at: Instant
  readonly step: string
  readonly stage: number | null
  readonly what: 'samples' | 'verdict' | 'healthy time'
  readonly recorded: string
  readonly replayed: string
}

export function replay(events: readonly Recorded[], batches: readonly SampleBatch[]): Replay {
  const replaying = new Replaying(events, batches)
  let state: ReleaseState | null = null
  for (const [index, recorded] of events.entries()) {
    if (state !== null) replaying.hear(state, recorded, index)
    state = evolve(state, recorded)
  }
  if (state !== null) replaying.catchUp(state)
  return replaying.result()
}

/** The fold of one stage or watch under one plan. */
interface Fold {
  readonly effect: Observe
  readonly subject: JudgeSubject
  readonly batches: readonly SampleBatch[]
  readonly told: Told
  state: JudgeState
  next: number
}

/** What is told of a stage or watch, also where an amended plan judged it from its beginning again. */
interface Told {
  subject: JudgeSubject
  readonly step: string
  readonly stage: number | null
  readonly history: SampleBatch[]
  upTo: Instant
  samples: number
  readonly moments: Moment[]
  latest: Moment | null
}

class Replaying {
  readonly #events: readonly Recorded[]
  readonly #batches: readonly SampleBatch[]
  readonly #folds = new Map<string, Fold>()
  readonly #told = new Map<string, Told>()
  readonly #differences: Difference[] = []
  #verdicts = 0
  #isIdentical = true

  constructor(events: readonly Recorded[], batches: readonly SampleBatch[]) {
    this.#events = events
    this.#batches = batches.toSorted((a, b) => a.to - b.to)
  }

  hear(state: ReleaseState, { event, at, version }: Recorded, index: number): void {
    if (event.kind !== 'MeasurementsRecorded') return
    const next = this.#events[index + 1]?.event
    const verdict = next?.kind === 'VerdictReached' && next.step === event.step ? next.verdict : null
    const effect = observeEffects(state).find((one) => isObserve(one) && one.step === event.step)
    if (effect === undefined || !isObserve(effect) || effect.stage !== event.stage)
      throw new Error(`event ${version} records samples of ${event.step}, which was not observed then`)
    const fold = this.#foldOf(effect, this.#events.slice(0, index))
    advance(fold, event.to)
    this.#compare(fold, event, verdict, { at, version })
  }

  /** Samples that the log has not heard of yet. */
  catchUp(state: ReleaseState): void {
    for (const effect of observeEffects(state))
      if (isObserve(effect)) advance(this.#foldOf(effect, this.#events), Number.POSITIVE_INFINITY)
  }

  result(): Replay {
    const observed = [...this.#told.values()]
    return {
      observed,
      samples: observed.reduce((sum, { samples }) => sum + samples, 0),
      verdicts: this.#verdicts,
      differences: this.#differences,
      isIdentical: this.#isIdentical && this.#differences.length === 0,
    }
  }

  #foldOf(effect: Observe, events: readonly Recorded[]): Fold {
    const key = JSON.stringify([effect.step, effect.stage, effect.startedAt])
    const known = this.#folds.get(key)
    if (known?.effect.judge === effect.judge && known.effect.stagePlan === effect.stagePlan) return known
    const subject = subjectOf(effect)
    const told = this.#told.get(key) ?? newTold(effect, subject)
    told.subject = subject
    this.#told.set(key, told)
    const fold: Fold = {
      effect,
      subject,
      batches: this.#of(effect.step, effect.stage, effect.startedAt),
      told,
      state: canaryJudge.start(subject, this.#before(effect, events)),
      next: 0,
    }
    this.#folds.set(key, fold)
    return fold
  }

  /** What the judge knew when the stage began. */
  #before(effect: Observe, events: readonly Recorded[]): JudgeState | null {
    let before: JudgeState | null = null
    for (const { stage, subject, endedAt } of soaksBefore(events, effect)) {
      let state = canaryJudge.start(subject, before)
      for (const batch of this.#of(effect.step, stage, subject.startedAt))
        if (batch.to <= endedAt) state = canaryJudge.observe(state, batch, subject)
      before = state
    }
    return before
  }

  #of(step: string, stage: number | null, startedAt: Instant): readonly SampleBatch[] {
    return this.#batches.filter(
      (batch) => batch.step === step && batch.stage === stage && (batch.history === true || batch.to > startedAt),
    )
  }

  #compare(
    { batches, state, subject }: Fold,
    event: EventOf<'MeasurementsRecorded'>,
    verdict: Verdict | null,
    where: { readonly at: Instant; readonly version: number },
  ): void {
    const differs = (what: Difference['what'], recorded: string, replayed: string): void =>
      void this.#differences.push({ ...where, step: event.step, stage: event.stage, what, recorded, replayed })
    const part = batches.filter(({ to }) => to >= event.from && to <= event.to)
    if (part.length !== event.batches || measurementsDigest(part) !== event.digest) {
      differs('samples', sampleWords(event.batches, event.digest), sampleWords(part.length, measurementsDigest(part)))
      return
    }
    const report = canaryJudge.report(state, subject)
    if (report.soakMs !== event.soakMs) differs('healthy time', `${event.soakMs} ms`, `${report.soakMs} ms`)
    if (digestOf(JSON.parse(JSON.stringify(state))) !== event.judgeStateDigest) this.#isIdentical = false
    if (verdict === null) return
    this.#verdicts += 1
    if (standingOf(verdict) !== standingOf(report.verdict))
      differs('verdict', standingOf(verdict), standingOf(report.verdict))
  }
}

function isObserve(effect: Effect): effect is Observe {
  return effect.kind === 'Observe'
}

function newTold({ step, stage }: Observe, subject: JudgeSubject): Told {
  return { step, stage, subject, history: [], upTo: Number.NEGATIVE_INFINITY, samples: 0, moments: [], latest: null }
}

/** Folds all samples up to `to`; what was told already is not told again. */
function advance(fold: Fold, to: Instant): void {
  const { batches, subject, told } = fold
  for (; fold.next < batches.length; fold.next += 1) {
    const batch = batches[fold.next] as SampleBatch
    if (batch.to > to) return
    fold.state = canaryJudge.observe(fold.state, batch, subject)
    if (batch.to > told.upTo) tell(told, fold.state, batch)
  }
}

function tell(told: Told, state: JudgeState, batch: SampleBatch): void {
  if (batch.history === true) {
    told.history.push(batch)
    return
  }
  told.upTo = batch.to
  told.samples += 1
  const report = canaryJudge.report(state, told.subject)
  const before = told.latest?.report.verdict
  told.latest = { batch, report, decision: decisionOf(state, told.subject) }
  if (before?.zone !== report.verdict.zone || before.why !== report.verdict.why) told.moments.push(told.latest)
}

/** What a verdict does; its words may be put better by a later version. */
function standingOf({ zone, why, rule, upTo }: Verdict): string {
  return `${zone} (${why})${rule === null ? '' : `, ${rule}`}, up to ${new Date(upTo).toISOString()}`
}

function sampleWords(count: number, digest: string): string {
  return `${count} ${count === 1 ? 'sample' : 'samples'} with the digest ${digest.slice(0, 12)}`
}

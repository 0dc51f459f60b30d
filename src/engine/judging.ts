/** The judge's fold of one stage or watch: rebuilt from stored batches, so a crash changes nothing in what it says. */
import { measurementsDigest } from '../core/log/measurements.ts'
import { digestOf } from '../core/log/canonical.ts'
import { historyWords } from '../core/judge/history-words.ts'
import type { JudgeReport, JudgeState, SampleBatch } from '../core/judge/verdict.ts'
import type { Judge, JudgeSubject } from '../core/ports/judge.ts'
import type { Store, StoredEvent } from '../core/ports/store.ts'
import type { EngineCommand } from '../core/release/commands.ts'
import { soaksBefore, subjectOf } from '../core/release/earlier-soaks.ts'
import type { Effect } from '../core/release/effects.ts'
import type { ReleaseEvent } from '../core/release/events.ts'
import type { Instant, Millis } from '../core/units.ts'
import { releaseStream } from './lane.ts'
import { RecentBatches } from './recent-batches.ts'

type Observe = Extract<Effect, { kind: 'Observe' }>

/** The log hears of a standing that does not change at least this often: in a short soak several times, in a long one every minute. */
const recordEveryMs = 60_000
const recordsPerSoak = 4

export class Judging {
  readonly subject: JudgeSubject
  readonly #judge: Judge
  readonly #everyMs: Millis
  readonly #neededMs: Millis
  #state: JudgeState
  #cursor: Instant
  #pending: SampleBatch[] = []
  readonly #recent = new RecentBatches()
  #recorded: { to: Instant; standing: string } | null = null

  constructor(judge: Judge, subject: JudgeSubject, before: JudgeState | null, everyMs: Millis, neededMs: Millis) {
    this.#judge = judge
    this.subject = subject
    this.#everyMs = everyMs
    this.#neededMs = neededMs
    this.#state = judge.start(subject, before)
    this.#cursor = subject.startedAt
  }

  /** The newest intervals, oldest first. */
  get recent(): readonly SampleBatch[] {
    return this.#recent.all()
  }

  /** Next interval end on the grid that begins with the stage. Ends that passed unseen are gaps: nobody fills them in. */
  nextEnd(now: Instant): Instant {
    const { startedAt } = this.subject
    const seen = Math.floor((this.#cursor - startedAt) / this.#everyMs)
    const passed = Math.ceil((now - startedAt) / this.#everyMs)
    return startedAt + Math.max(seen + 1, passed) * this.#everyMs
  }

  /** The end of the interval that is to be sampled at `now`. */
  lastEnd(now: Instant): Instant {
    const { startedAt } = this.subject
    return startedAt + Math.floor((now - startedAt) / this.#everyMs) * this.#everyMs
  }

  /** Batches were stored that the log has not heard of. */
  get isBehind(): boolean {
    return this.#pending.some((batch) => batch.history !== true)
  }

  observe(batch: SampleBatch): void {
    this.#state = this.#judge.observe(this.#state, batch, this.subject)
    this.#cursor = Math.max(this.#cursor, batch.to)
    this.#pending.push(batch)
    if (batch.history !== true) this.#recent.add(batch)
  }

  report(): JudgeReport {
    return this.#judge.report(this.#state, this.subject)
  }

  /** Must the log hear of this now? A changed standing, a completed soak, the first sample, or a minute of the same. */
  isNews(report: JudgeReport): boolean {
    if (this.#recorded === null || standingOf(report, this.#neededMs) !== this.#recorded.standing) return true
    return this.#cursor - this.#recorded.to >= Math.min(recordEveryMs, this.#neededMs / recordsPerSoak)
  }

  record(
    report: JudgeReport,
    step: string,
    stage: number | null,
  ): Extract<EngineCommand, { kind: 'RecordMeasurements' }> {
    const first = this.#pending[0]
    if (!first) throw new Error('bug: there is no measurement to record')
    const history = historyWords(this.#pending)
    return {
      kind: 'RecordMeasurements',
      step,
      stage,
      from: first.to,
      to: this.#cursor,
      batches: this.#pending.length,
      digest: measurementsDigest(this.#pending),
      judgeStateDigest: digestOf(JSON.parse(JSON.stringify(this.#state))),
      soakMs: report.soakMs,
      ...(history !== undefined && { history }),
      verdict: report.verdict,
    }
  }

  recorded(report: JudgeReport): void {
    this.#pending = []
    this.#recorded = { to: this.#cursor, standing: standingOf(report, this.#neededMs) }
  }

  /** What the log knows already need not be recorded again. */
  knownUpTo(upTo: Instant): void {
    this.#pending = this.#pending.filter((batch) => batch.to > upTo)
  }

  handOver(): JudgeState {
    return this.#state
  }
}

function standingOf({ verdict, soakMs }: JudgeReport, neededMs: Millis): string {
  return `${verdict.zone} ${verdict.why} ${soakMs >= neededMs}`
}

/** Folds every stored batch of this rollout or watch, stage after stage, up to now. */
export async function resumeJudging(
  store: Store,
  judge: Judge,
  release: string,
  effect: Observe,
  neededMs: Millis,
  upTo: Instant | null,
): Promise<{ readonly judging: Judging; readonly isFirst: boolean }> {
  let before: JudgeState | null = null
  const soaks = effect.stage === null ? [] : soaksBefore(await eventsOf(store, release), effect)
  for (const soak of soaks) {
    const earlier: Judging = new Judging(judge, soak.subject, before, effect.judge.everyMs, 0)
    const batches = await batchesFrom(store, release, effect.step, soak.stage, soak.subject.startedAt)
    for (const batch of batches) if (batch.to <= soak.endedAt) earlier.observe(batch)
    before = earlier.handOver()
  }
  const judging = new Judging(judge, subjectOf(effect), before, effect.judge.everyMs, neededMs)
  const batches = await batchesFrom(store, release, effect.step, effect.stage, effect.startedAt)
  for (const batch of batches) judging.observe(batch)
  if (upTo !== null) judging.knownUpTo(upTo)
  return { judging, isFirst: soaks.length === 0 && batches.length === 0 }
}

/** Those since the stage or watch began, behind those of the time before it. */
async function batchesFrom(
  store: Store,
  release: string,
  step: string,
  stage: number | null,
  startedAt: Instant,
): Promise<readonly SampleBatch[]> {
  const kept = await store.batches(release, step, stage)
  return kept.filter((batch) => batch.history === true || batch.to > startedAt)
}

async function eventsOf(store: Store, release: string): Promise<readonly StoredEvent<ReleaseEvent>[]> {
  return (await store.read(releaseStream(release))) as readonly StoredEvent<ReleaseEvent>[]
}

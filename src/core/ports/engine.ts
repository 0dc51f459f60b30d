/** What the engine needs from outside, all behind ports: the real app and the simulator each hand over their own. */
import type {
  CheckBlock,
  CommandSpec,
  ComponentPlan,
  JudgePlan,
  MetricCapture,
  TriggerPlan,
  WatchCheck,
} from '../plan/plan.ts'
import type { CapturedWindow, Outcome, Purpose } from '../release/events.ts'
import type { Instant, Json, Millis } from '../units.ts'
import type { Split } from '../judge/split.ts'
import type { SampleBatch } from '../judge/verdict.ts'
import type { ReleaseState } from '../release/state.ts'
import type { CheckResult, EvidenceBytes } from './check.ts'
import type { Clock } from './clock.ts'
import type { Judge } from './judge.ts'
import type { Launcher } from './launcher.ts'
import type { ChannelFacts, Message } from './notify.ts'
import type { RosterReader } from './roster.ts'
import type { Store } from './store.ts'
import type { Reached } from './traffic.ts'

export interface EnginePorts {
  readonly store: Store
  readonly clock: Clock
  readonly launcher: Launcher
  readonly judge: Judge
  readonly checks: CheckRunner
  readonly commands: CommandRunner
  readonly observer: Observer
  readonly traffic: TrafficMover
  readonly messenger: Messenger
  /** Absent = no service is asked here, so by such a roster nobody is known to be on call. */
  readonly roster?: RosterReader
}

/** Where an effect comes from; enough to fill variables and fence. */
export interface EffectContext {
  readonly state: ReleaseState
  readonly attempt: string
  readonly epoch: number
  readonly signal: AbortSignal
  readonly progress: (say: string) => void
}

export interface CheckRunner {
  /** Any kind but `command` runs in process; `command` goes through the launcher under the attempt's id. Never throws. */
  run(check: CheckBlock, context: EffectContext): Promise<CheckResult>
}

/** What an attempt came to: all that `FinishAttempt` needs besides the digests of its evidence. */
export interface AttemptResult {
  readonly outcome: Outcome
  /** One sentence with the number beside its limit. */
  readonly say: string
  readonly evidence: readonly EvidenceBytes[]
  readonly captures: Readonly<Record<string, string>>
  readonly facts: Readonly<Record<string, Json>>
  /** When it was observed: the end of the command. */
  readonly observedAt: Instant
}

/** Commands of `run`, `probe` and `undo`, and everything that has to do with an attempt the launcher knows. */
export interface CommandRunner {
  /** Starts the command under the attempt's id, or re-attaches if it was started before. Never throws. */
  run(command: CommandSpec, purpose: Exclude<Purpose, 'check'>, context: EffectContext): Promise<AttemptResult>
  /**
   * The result of an attempt that another engine started, a `command` check included; null = the launcher never heard of it.
   * The same bytes give the same result as `run`, because one function reads them.
   */
  attach(purpose: Purpose, context: EffectContext): Promise<AttemptResult | null>
  /** Resolves when nothing of the attempt's process tree is alive. */
  cancel(attempt: string): Promise<void>
  /** The result was recorded: what the launcher kept of it may go. */
  forget(attempt: string): Promise<void>
  /** Output so far, redacted, for a live view. */
  peek(attempt: string): Promise<string>
}

/** What a field was captured as. Of a window: what it came to, and its samples to keep. */
export type Captured =
  | {
      readonly value: number
      readonly say?: string
      readonly window?: CapturedWindow
      readonly evidence?: EvidenceBytes
    }
  | { readonly noData: string }

/** A time in which stable was alone, and how a part of it is to play the canary. */
export interface HistoryRequest {
  readonly step: string
  readonly stage: number | null
  readonly judge: JudgePlan
  /** A row of intervals of `judge.everyMs` ends here and reaches `forMs` back. */
  readonly endsAt: Instant
  readonly forMs: Millis
  /** The label whose values are the instances: `instance`, `pod`. */
  readonly splitBy: string
  /** What the part that plays the canary should come near to. */
  readonly weightPercent: number
  /** The same seed draws the same part. */
  readonly seed: string
  /** What is not known after so long is `no-data`. */
  readonly budgetMs: Millis
  /** Told for each metric whose stable arm was split. */
  readonly onSplit?: (split: Split) => void
}

export interface Observer {
  /** Reads one interval: metrics of both arms, weights, and checks as gauges of their name. Never throws: what cannot be read is `no-data` or not ok. */
  sample(
    request: {
      readonly step: string
      readonly stage: number | null
      readonly judge: JudgePlan
      readonly from: Instant
      readonly to: Instant
      readonly expected: readonly { readonly component: ComponentPlan; readonly weightPercent: number }[]
      readonly checks: readonly WatchCheck[]
    },
    context: EffectContext,
  ): Promise<SampleBatch>
  /**
   * Reads the past of metrics that count, oldest interval first, as batches with `history: true`. Intervals and metrics
   * without data are left out; of a metric without any the last batch holds `no-data` and the reason, so at least one
   * batch comes back unless no metric counts anything. Never throws.
   */
  history(request: HistoryRequest, context: EffectContext): Promise<readonly SampleBatch[]>
  trigger(
    trigger: TriggerPlan,
    context: EffectContext,
  ): Promise<{ readonly reading: 'quiet' | 'firing' | 'blind'; readonly say: string }>
  capture(capture: MetricCapture, at: Instant, context: EffectContext): Promise<Captured>
}

export interface TrafficMover {
  /** Sets and reads back until reached, refused or out of patience. Never throws. */
  shift(component: ComponentPlan, weightPercent: number, context: EffectContext): Promise<Reached>
  restore(component: ComponentPlan, context: EffectContext): Promise<Reached>
}

export interface Messenger {
  send(
    message: Message,
    channel: string,
    context: EffectContext,
  ): Promise<{
    readonly ok: boolean
    readonly final: boolean
    readonly say: string
    readonly keep?: ChannelFacts
    readonly afterMs?: Millis
  }>
}

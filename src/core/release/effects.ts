/**
 * What the world owes a release now. `due` derives these from the state alone, so a crash, a restart or a second
 * replica just asks again. `key` is the identity under which at most one is worked on at a time.
 */
import type {
  CheckBlock,
  CommandSpec,
  ComponentPlan,
  JudgePlan,
  LowTraffic,
  MetricCapture,
  StagePlan,
  StepId,
  TriggerPlan,
  WatchCheck,
} from '../plan/plan.ts'
import type { RecordWish } from '../records/wish.ts'
import type { Instant, Millis, WeightPercent } from '../units.ts'
import type { Purpose } from './events.ts'
import type { MadeRecord } from './record-making.ts'

export type Effect =
  /** Automatic transitions are due: send `Tick`. */
  | { readonly kind: 'Tick'; readonly key: string }
  /** Start a new attempt: `BeginAttempt`, perform, `FinishAttempt`. */
  | { readonly kind: 'RunCheck'; readonly key: string; readonly step: StepId; readonly check: CheckBlock }
  | {
      readonly kind: 'RunCommand'
      readonly key: string
      readonly step: StepId
      readonly purpose: Exclude<Purpose, 'check'>
      readonly command: CommandSpec
    }
  /**
   * A recorded attempt has no result yet. The engine that started it goes on; any other re-attaches through the launcher,
   * or finishes it: a check whose runner died as `errored` ("tried again" by the rules), an action as `unknown`.
   */
  | {
      readonly kind: 'AwaitAttempt'
      readonly key: string
      readonly step: StepId
      readonly attempt: string
      readonly purpose: Purpose
      readonly epoch: number
    }
  /** The release is going back: stop this live forward attempt, whole tree. */
  | { readonly kind: 'CancelAttempt'; readonly key: string; readonly step: StepId; readonly attempt: string }
  /** `BeginShift`, set, read back, `FinishShift`. */
  | {
      readonly kind: 'ShiftTraffic'
      readonly key: string
      readonly rollout: StepId
      readonly component: ComponentPlan
      readonly weightPercent: WeightPercent
    }
  /** A started shift or restore without a result: repeatable, so it is done again under the same attempt id. */
  | {
      readonly kind: 'RepeatShift'
      readonly key: string
      readonly rollout: StepId
      readonly component: ComponentPlan
      readonly weightPercent: WeightPercent
      readonly attempt: string
      readonly epoch: number
    }
  | {
      readonly kind: 'RestoreTraffic'
      readonly key: string
      readonly rollout: StepId
      readonly component: ComponentPlan
      readonly attempt: string | null
    }
  /** Take samples while this stands: every `judge.everyMs` from `startedAt`. */
  | {
      readonly kind: 'Observe'
      readonly key: string
      readonly step: StepId
      readonly stage: number | null
      readonly stagePlan: StagePlan | null
      /** Length of the whole rollout or watch, as planned. */
      readonly plannedMs: Millis
      readonly judge: JudgePlan
      readonly startedAt: Instant
      /** Weights expected; drift is anything else. Empty in a watch of something without a rollout. */
      readonly expected: readonly { readonly component: ComponentPlan; readonly weightPercent: WeightPercent }[]
      /** Run with every sample; only a watch has any. */
      readonly checks: readonly WatchCheck[]
    }
  /** Read the number of a window of low traffic over the time it has to have been low: `RecordWindowReading`. */
  | { readonly kind: 'ReadWindow'; readonly key: string; readonly window: string; readonly lowTraffic: LowTraffic }
  | { readonly kind: 'ObserveTrigger'; readonly key: string; readonly trigger: TriggerPlan }
  /** Claim these streams in the append of `TakeLock` as soon as nobody holds any; say who is in the way until then. */
  | { readonly kind: 'TakeLock'; readonly key: string; readonly phase: string; readonly streams: readonly string[] }
  | {
      readonly kind: 'LookUpRecord'
      readonly key: string
      readonly step: StepId
      readonly wish: RecordWish
    }
  /** Write into the ledger how a step went, then say so with `NoteRecord`. */
  | { readonly kind: 'WriteRecord'; readonly key: string; readonly step: StepId; readonly record: MadeRecord }
  | {
      readonly kind: 'CaptureField'
      readonly key: string
      readonly step: StepId
      readonly field: string
      readonly capture: MetricCapture
    }
  | {
      readonly kind: 'SendMessage'
      readonly key: string
      readonly message: string
      readonly channel: string
      readonly subject: string
      readonly body: string
      readonly tries: number
      readonly notBefore: Instant
    }

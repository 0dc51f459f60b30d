/** What the engine needs from outside, all behind ports: the real app and the simulator each hand over their own. */
import type { CheckBlock, ComponentPlan, JudgePlan, MetricCapture, TriggerPlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { SampleBatch } from '../judge/verdict.ts'
import type { ReleaseState } from '../release/state.ts'
import type { CheckResult } from './check.ts'
import type { Clock } from './clock.ts'
import type { Judge } from './judge.ts'
import type { Launcher } from './launcher.ts'
import type { Message } from './notify.ts'
import type { Store } from './store.ts'
import type { Reached } from './traffic.ts'

export interface EnginePorts {
  readonly store: Store
  readonly clock: Clock
  readonly launcher: Launcher
  readonly judge: Judge
  readonly checks: CheckRunner
  readonly observer: Observer
  readonly traffic: TrafficMover
  readonly messenger: Messenger
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

export interface Observer {
  /** Reads one interval: metrics of both arms and weights. Never throws: what cannot be read is `no-data` or not ok. */
  sample(
    request: {
      readonly step: string
      readonly stage: number | null
      readonly judge: JudgePlan
      readonly from: Instant
      readonly to: Instant
      readonly expected: readonly { readonly component: ComponentPlan; readonly weightPercent: number }[]
    },
    context: EffectContext,
  ): Promise<SampleBatch>
  trigger(trigger: TriggerPlan, context: EffectContext): Promise<{ readonly reading: 'quiet' | 'firing' | 'blind'; readonly say: string }>
  capture(capture: MetricCapture, at: Instant, context: EffectContext): Promise<{ readonly value: number } | { readonly noData: string }>
}

export interface TrafficMover {
  /** Sets and reads back until reached, refused or out of patience. Never throws. */
  shift(component: ComponentPlan, weightPercent: number, context: EffectContext): Promise<Reached>
  restore(component: ComponentPlan, context: EffectContext): Promise<Reached>
}

export interface Messenger {
  send(message: Message, channel: string, context: EffectContext): Promise<{ readonly ok: boolean; readonly final: boolean; readonly say: string }>
}

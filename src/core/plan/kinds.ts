/** Every kind that exists, handed in: the core knows none of them. */
import type { ActionDefinition } from '../ports/action.ts'
import type { CheckDefinition } from '../ports/check.ts'
import type { MetricSourceDefinition } from '../ports/metrics.ts'
import type { NotifierDefinition } from '../ports/notify.ts'
import type { TrafficDriverDefinition } from '../ports/traffic.ts'

export interface Kinds {
  /** Absent = none. */
  readonly actions?: ReadonlyMap<string, ActionDefinition<never>>
  readonly checks: ReadonlyMap<string, CheckDefinition<never>>
  readonly sources: ReadonlyMap<string, MetricSourceDefinition<never>>
  readonly drivers: ReadonlyMap<string, TrafficDriverDefinition<never>>
  readonly notifiers: ReadonlyMap<string, NotifierDefinition<never>>
}

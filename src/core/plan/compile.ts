/** A checklist becomes a plan. */
import type { CheckDefinition } from '../ports/check.ts'
import type { MetricSourceDefinition } from '../ports/metrics.ts'
import type { NotifierDefinition } from '../ports/notify.ts'
import type { TrafficDriverDefinition } from '../ports/traffic.ts'
import type { Plan, Problem } from './plan.ts'

/** Every kind that exists, handed in: the core knows none of them. */
export interface Kinds {
  readonly checks: ReadonlyMap<string, CheckDefinition<never>>
  readonly sources: ReadonlyMap<string, MetricSourceDefinition<never>>
  /** Kinds of `sources:` that are no metric source (`postgres`, `sqlite`, `http`), with their config schema. */
  readonly drivers: ReadonlyMap<string, TrafficDriverDefinition<never>>
  readonly notifiers: ReadonlyMap<string, NotifierDefinition<never>>
}

export interface Document {
  /** Path as the user gave it; only used in messages. */
  readonly file: string
  readonly bytes: Uint8Array
  /** Contents of holdpoint.yaml beside it, if there is one. */
  readonly shared: { readonly file: string; readonly text: string } | null
}

/** Never throws for a bad document: `plan` is null when a problem is an error. */
export function compile(
  _document: Document,
  _kinds: Kinds,
): { readonly plan: Plan | null; readonly problems: readonly Problem[] } {
  throw new Error('being built')
}

/** A checklist becomes a plan. */
import type { Kinds } from './kinds.ts'
import type { Plan, Problem } from './plan.ts'

export type { Kinds } from './kinds.ts'

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

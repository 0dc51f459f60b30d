/** What changed between two live views of a release, for readers of a stream that asked for `live=changes`. */
import type { PhaseView, ReleaseView, WaitingView } from '../../report/view.ts'

/** Message `view`: the first of every connection, and whatever a change cannot tell. */
export interface NumberedView {
  /** Counts up while the connection lasts; says nothing to another connection. */
  readonly number: number
  readonly view: ReleaseView
}

/** Message `change`: what the view `from` lacks to be the view `to`. A reader that holds another one connects again. */
export interface ViewChange {
  readonly from: number
  readonly to: number
  /** Parts that differ, each whole. */
  readonly parts: Partial<Omit<ReleaseView, 'phases' | 'waitsFor' | 'messages'>>
  /** By `kind`, a space, and `step` (nothing for null). Absent, as all of these: the same. */
  readonly waitsFor?: ListChange<WaitingView>
  /** By `id`. */
  readonly messages?: ListChange<ReleaseView['messages'][number]>
  /** By `id`. */
  readonly phases?: ListChange<PhaseChange>
}

export interface PhaseChange {
  /** Everything but the steps, whole. Always there in a new phase. */
  readonly head?: Omit<PhaseView, 'steps'>
  /** By `id`. */
  readonly steps?: ListChange<PhaseView['steps'][number]>
}

export interface ListChange<Item> {
  /** All that is in the list now, in order; absent = as before. */
  readonly keys?: readonly string[]
  /** New or different. */
  readonly items: readonly (readonly [key: string, item: Item])[]
}

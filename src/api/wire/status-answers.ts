/** Entries of a status page as they travel. */
import type { EntryKind, StatusWord } from '../../core/plan/status-words.ts'
import type { Instant } from '../../core/units.ts'

export interface StatusEntryAnswer {
  readonly id: string
  readonly about: EntryKind
  readonly title: string
  readonly services: readonly string[]
  readonly status: StatusWord
  readonly from: Instant | null
  readonly until: Instant | null
  readonly publishAt: Instant
  readonly endsItself: boolean
  readonly withdrawn: boolean
  /** Strangers see it now, if the page is on. */
  readonly public: boolean
  readonly updates: readonly {
    readonly at: Instant
    /** null = it happened by itself. */
    readonly by: string | null
    readonly status: StatusWord
    readonly text: string
  }[]
}

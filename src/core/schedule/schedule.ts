/** A checklist that comes again and again: when, who hears of it, and which record says that it was done. */
import type { Instant, Millis } from '../units.ts'
import type { Rhythm } from './rhythm.ts'

export interface SchedulePlan {
  readonly every: Rhythm
  /** As it was written: `first monday of quarter 10:00`. */
  readonly words: string
  readonly zone: string
  /** From the time on that it has; after it, it is overdue. */
  readonly dueWithinMs: Millis
  /** How long before its time each reminder comes, the longest first. */
  readonly remindMs: readonly Millis[]
  /** Channels. */
  readonly to: readonly string[]
  readonly escalate: { readonly afterMs: Millis; readonly to: readonly string[] } | null
  readonly owner: string | null
  /** A record of this name, observed in its span, says that it was done. */
  readonly record: string
  /** The server starts it when its time has come; absent = people do. */
  readonly start?: ScheduledStart
}

export interface ScheduledStart {
  /** A `kind: drill` phase, by id or title; null = the whole checklist. */
  readonly drill: string | null
  /** null = the one that the drill names, else the only one declared. */
  readonly environment: string | null
  /** From its time on: a start that was refused until then is given up. */
  readonly giveUpMs: Millis
  /** What becomes of a time at which no server ran: it is started late, or not at all. */
  readonly missed: 'start' | 'skip'
}

/** One time of a schedule. A record counts for it that was observed from `opens` on and before `closes`. */
export interface Occurrence {
  readonly at: Instant
  /** The first reminder: who does it early has done it. */
  readonly opens: Instant
  readonly deadline: Instant
  readonly escalates: Instant | null
  /** Where the next one opens: what was not done by then was missed. */
  readonly closes: Instant
}

/** What the audit page gets from the server: types of answers, and nothing that runs. */
import type { LogFault } from '../../core/log/check-log.ts'

export interface AuditEntry {
  readonly stream: string
  /** Number of the entry in its stream. */
  readonly version: number
  /** In the whole log. */
  readonly position: number
  readonly at: number
  readonly by: { readonly id: string; readonly kind: string; readonly assurance: string }
  readonly kind: string
  /** One sentence. */
  readonly say: string
  /** As `acme/shop/production`. */
  readonly places: readonly string[]
  /** Whom it was done to, if it is somebody. */
  readonly about: string | null
  readonly release: string | null
  /** Of the entry in its chain. */
  readonly hash: string
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[]
  /** `before` of the next page; null = there is nothing before. */
  readonly next: number | null
  /** So far back this answer looked. */
  readonly lookedTo: number | null
}

export interface LogVerdict {
  readonly ok: boolean
  readonly events: number
  readonly streams: number
  /** Of the first and the last entry; null = the log is empty. */
  readonly from: number | null
  readonly to: number | null
  /** The first faults; `faultCount` is all of them. */
  readonly faults: readonly LogFault[]
  readonly faultCount: number
  /** In words: what was verified, and what that shows and does not show. */
  readonly say: readonly string[]
}

/** The audit stream: who came in, who was turned away, what was taken out. Chained like every stream. */
import { auditStream } from '../../core/access/access.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { type Store, VersionConflict } from '../../core/ports/store.ts'
import type { Actor } from '../../core/release/events.ts'

export type AuditEvent =
  | { readonly kind: 'SignedIn'; readonly person: string; readonly how: string; readonly from: string }
  | { readonly kind: 'SignInRefused'; readonly person: string; readonly why: string; readonly from: string }
  | { readonly kind: 'SignedOut'; readonly person: string; readonly sessions: number; readonly how?: 'openid' }
  | { readonly kind: 'PasswordChanged'; readonly person: string; readonly from: string }
  | { readonly kind: 'PasskeyAdded'; readonly person: string; readonly name: string; readonly from: string }
  | { readonly kind: 'PasskeyRemoved'; readonly person: string; readonly from: string }
  | { readonly kind: 'Invited'; readonly person: string }
  | {
      readonly kind: 'RequestRefused'
      readonly code: string
      readonly method: string
      readonly path: string
      readonly from: string
    }
  | {
      readonly kind: 'GateBound' | 'GateUnbound'
      readonly project: string
      readonly repository: string
      readonly environment: string
    }
  | { readonly kind: 'WebhookAdded'; readonly project: string; readonly webhook: string; readonly host: string }
  | { readonly kind: 'ResultKeyMade'; readonly project: string; readonly key: string; readonly machine: string }
  | { readonly kind: 'ResultKeyRemoved'; readonly project: string; readonly key: string }
  | {
      readonly kind: 'EvidenceForgotten'
      readonly release: string
      readonly batches: number
      readonly evidence: number
    }
  | { readonly kind: 'SlackLinked'; readonly person: string; readonly user: string; readonly name: string }
  | { readonly kind: 'SlackUnlinked'; readonly person: string; readonly user: string }
  | { readonly kind: 'WebhookRemoved'; readonly project: string; readonly webhook: string }
  /** Somebody let a release go on without a pass: another is to look at it until `due`. */
  | {
      readonly kind: 'ReviewDue'
      readonly release: string
      readonly version: number
      readonly what: string
      readonly due: number
    }
  | { readonly kind: 'FollowUpKept'; readonly followUp: string; readonly title: string }
  | { readonly kind: 'FollowUpChanged'; readonly followUp: string; readonly changed: readonly string[] }
  | { readonly kind: 'FollowUpClosed'; readonly followUp: string; readonly note: string }
  | { readonly kind: 'ReviewClosed'; readonly release: string; readonly version: number; readonly note: string }
  /** A time of a schedule went by, and nobody did it; or somebody said that it need not be done. */
  | { readonly kind: 'OccurrenceMissed'; readonly checklist: string; readonly time: number }
  | {
      readonly kind: 'OccurrenceSkipped'
      readonly checklist: string
      readonly time: number
      readonly role: string | null
      readonly reason: string
    }
  | { readonly kind: 'AuditExported'; readonly stream: string; readonly format: string }
  | { readonly kind: 'LogVerified'; readonly events: number; readonly streams: number; readonly faults: number }
  | { readonly kind: 'RecordExported'; readonly release: string; readonly format: string }
  /** Of a worker that was given up before: kept as evidence, and nothing else. */
  | {
      readonly kind: 'LateResult'
      readonly release: string | null
      readonly attempt: string
      readonly worker: string
      readonly ended: string
      readonly exitCode: number | null
      readonly evidence: readonly { readonly name: string; readonly sha256: string; readonly size: number }[]
    }
  | { readonly kind: 'ResultReported'; readonly release: string; readonly step: string; readonly outcome: string }

export interface Audit {
  /** Never throws: a log that is full must not keep the gate open, nor hide why something was refused. Resolves when kept or given up. */
  tell(event: AuditEvent, by: Actor): Promise<void>
}

/** Refusals are kept up to this many a minute: a flood of them would be an attack on the log. */
const REFUSALS_PER_MINUTE = 120
const TRIES = 20

export function createAudit(store: Store, clock: Clock, log: (line: string) => void): Audit {
  let version = 0
  let turn: Promise<void> = Promise.resolve()
  let minute = 0
  let refusals = 0
  const isFlood = (event: AuditEvent): boolean => {
    if (event.kind !== 'RequestRefused' && event.kind !== 'SignInRefused') return false
    const now = Math.floor(clock.now() / 60_000)
    if (now !== minute) {
      minute = now
      refusals = 0
    }
    refusals += 1
    return refusals > REFUSALS_PER_MINUTE
  }
  const append = async (event: AuditEvent, { id, kind, assurance }: Actor): Promise<void> => {
    const entry = { at: clock.now(), by: { id, kind, assurance }, event }
    for (let tries = 0; tries < TRIES; tries += 1) {
      try {
        await store.append({ streams: [{ stream: auditStream, expectedVersion: version, events: [entry] }] })
        version += 1
        return
      } catch (cause) {
        if (!(cause instanceof VersionConflict)) throw cause
        version = cause.found
      }
    }
    throw new Error('too many others write to the audit stream')
  }
  return {
    tell(event, by) {
      if (isFlood(event)) return Promise.resolve()
      turn = turn
        .then(() => append(event, by))
        .catch((cause: unknown) =>
          log(`audit: ${event.kind} was not kept: ${cause instanceof Error ? cause.message : String(cause)}`),
        )
      return turn
    },
  }
}

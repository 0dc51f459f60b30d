/** Small things to keep in a store, for tests. */
import type { SampleBatch } from '../../core/judge/verdict.ts'
import type { LedgerRecord, ReleaseSummary } from '../../core/ports/store.ts'
import type { Actor } from '../../core/release/events.ts'

export const ana: Actor = { id: 'ana', kind: 'person', assurance: 'claimed' }

export function note(text: string, at = 1000) {
  return { at, by: ana, event: { kind: 'NoteAdded', note: text } }
}

export function batchTo(to: number, value = 1): SampleBatch {
  const canary = { kind: 'histogram', le: [0.5, Infinity], counts: [value, value] } as const
  const weights = [{ component: 'web', percent: 5, ok: true, say: '5 %' }]
  return {
    step: 'rollout',
    stage: 0,
    from: to - 1000,
    to,
    samples: [{ metric: 'm', canary, stable: { kind: 'no-data', why: 'down' } }],
    weights,
  }
}

export function summaryOf(id: string, startedAt: number, more: Partial<ReleaseSummary> = {}): ReleaseSummary {
  const rest = {
    service: 'shop',
    environment: 'production',
    version: 'v2',
    phase: 'running',
    startedBy: 'ana',
    updatedAt: startedAt,
    open: true,
    bar: '',
  }
  return { id, startedAt, ...rest, ...more }
}

export function recordOf(id: string, name: string, observedAt: number): LedgerRecord {
  return {
    id,
    name,
    observedAt,
    recordedAt: observedAt + 1,
    by: 'ana',
    note: 'restored in 12 minutes',
    evidence: [],
    release: null,
  }
}

/** Which numbers of a record are drawn over time, each with the target that somebody asks of it. */
import type { LedgerRecord } from '../../../../src/api/wire/web.ts'
import { type LedgerLine, millisOf } from './ledger.ts'
import type { Took } from './took-chart.tsx'

export interface FactChart {
  readonly label: string
  readonly points: readonly Took[]
  readonly target: { readonly ms: number; readonly words: string } | null
}

/** Facts that are times in seconds, and what they are called. */
const times: Readonly<Record<string, string>> = {
  took: 'How long it took',
  recovery: 'Recovery time, from the start to verified data',
  data_age: 'Age of the restored data',
}

/** How long it took says nothing more where the recovery time was measured. */
export function chartsOf({ records, needs }: Pick<LedgerLine, 'records' | 'needs'>): readonly FactChart[] {
  const charts = Object.entries(times).flatMap(([name, label]) => {
    const points = records.flatMap((record) => pointOf(record, name))
    return points.length === 0 ? [] : [{ name, label, points, target: targetOf(needs, name) }]
  })
  const isMeasured = charts.some(({ name }) => name === 'recovery')
  return charts.filter(({ name }) => !isMeasured || name !== 'took')
}

function pointOf(record: LedgerRecord, name: string): readonly Took[] {
  const { observedAt, tookMs, facts, outcome } = record
  const seconds = facts?.[name]
  const ms = typeof seconds === 'number' ? seconds * 1000 : name === 'took' ? tookMs : undefined
  return ms === undefined ? [] : [{ at: observedAt, tookMs: ms, failed: outcome === 'failed' }]
}

/** The strictest of all who ask. */
function targetOf(needs: LedgerLine['needs'], name: string): FactChart['target'] {
  const targets = needs.flatMap(({ limits }) => {
    const words = limits?.[name]
    const ms = words === undefined ? null : millisOf(words.replace(/^<=?/, ''))
    return words === undefined || ms === null ? [] : [{ ms, words: words.replace('<=', '≤') }]
  })
  return targets.toSorted((one, other) => one.ms - other.ms)[0] ?? null
}

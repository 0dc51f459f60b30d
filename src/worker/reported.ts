/** Results that came from outside, as the API has put them down: read by the check that waits for them. */
import type { ReportedResult } from '../core/ports/check.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import { type KeptResult, reportedKey, reportedShelf } from '../core/ports/reported.ts'
import type { Store } from '../core/ports/store.ts'
import { countedAttempts, wasLost } from '../core/release/standing.ts'

/** Of this attempt, or of one before it whose runner was lost while it waited. */
export type ReportedReader = (context: EffectContext) => Promise<ReportedResult | null>

export function createReportedReader(store: Pick<Store, 'getEntry'>): ReportedReader {
  return async ({ state, attempt }) => {
    const step = [...state.steps.values()].find(({ attempts }) => attempts.some(({ id }) => id === attempt))
    if (step === undefined) throw new Error('only a step of the checklist can wait for a result from outside')
    const answering = countedAttempts(step).filter((one) => one.id === attempt || wasLost(one))
    for (const { id } of answering.toReversed()) {
      const entry = await store.getEntry(reportedShelf, reportedKey(state.id, id))
      if (entry !== null) return resultIn(entry.json)
    }
    return null
  }
}

function resultIn(json: string): ReportedResult {
  const { evidence, ...kept } = JSON.parse(json) as KeptResult
  const pieces = evidence.map(({ base64, ...piece }) => ({ ...piece, bytes: Buffer.from(base64, 'base64') }))
  return { ...kept, evidence: pieces }
}

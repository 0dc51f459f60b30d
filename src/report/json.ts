/** The report as one JSON document. */
import type { ReleaseState } from '../core/release/state.ts'
import { recordOf } from './record.ts'
import type { ReleaseLog, ReportOptions } from './record.ts'

export function reportJson(state: ReleaseState, events: ReleaseLog, options: ReportOptions): string {
  return `${JSON.stringify(recordOf(state, events, options), null, 2)}\n`
}

/** When attending a release is over, and with which exit code. Pure. */
import type { ReleaseView, WaitingView } from '../../report/view.ts'
import type { ExitCode } from '../faults.ts'

export interface Patience {
  readonly until: 'released' | 'closed'
  /** Longest wait by the clock that a run without a terminal sits out. */
  readonly waitMs: number
  /** A person attends: there is no giving up, they answer here. */
  readonly interactive: boolean
}

/** null = go on attending. */
export function endingOf(view: ReleaseView, { until, waitMs, interactive }: Patience): ExitCode | null {
  const { decision } = view
  if (decision?.ended) return decision.good ? 0 : 1
  if (view.phase === 'rollback-failed') return 1
  if (decision?.good && until === 'released') return 0
  if (interactive || view.busy) return null
  return stuck(view, waitMs)
}

/** No machine is at work: what is left are people, clocks, or a failed step that nobody is here to deal with. */
function stuck(view: ReleaseView, waitMs: number): ExitCode | null {
  const people = view.waitsFor.filter((wait) => wait.kind !== 'time')
  const clocks = view.waitsFor.filter((wait) => wait.kind === 'time')
  if (clocks.some((wait) => isShort(wait, view.at, waitMs))) return null
  if (people.some((wait) => wait.kind === 'failed')) return 1
  return people.length > 0 || clocks.length > 0 ? 3 : null
}

function isShort(wait: WaitingView, now: number, waitMs: number): boolean {
  return wait.until !== null && wait.until - now <= waitMs
}

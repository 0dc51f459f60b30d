/** Is a file young enough? A time that lies ahead proves nothing: a clock was wrong, or somebody set it. */
import type { CheckOutcome } from '../../core/ports/check.ts'
import type { Millis } from '../../core/units.ts'
import { millisOf } from './fields.ts'
import { sayMillis } from './say.ts'

/** Clocks of two machines that share a file may differ by this much. */
const skewMs = 60_000

/** null = young enough, or nothing was asked. */
export function ageProblem(
  what: string,
  ageMs: Millis,
  limit: string | undefined,
): { readonly outcome: CheckOutcome; readonly say: string } | null {
  if (limit === undefined) return null
  if (ageMs < -skewMs) return { outcome: 'inconclusive', say: `the time of ${what} lies ${sayMillis(-ageMs)} ahead` }
  if (ageMs <= millisOf(limit)) return null
  return {
    outcome: 'failed',
    say: `${what} is ${sayMillis(ageMs)} old, expected at most ${sayMillis(millisOf(limit))}`,
  }
}

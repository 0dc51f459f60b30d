/** What was seen of a command that does not end by itself: enough, too little, or what must not be there. */
import type { CheckOutcome } from '../../core/ports/check.ts'
import type { CommandResult, Followed, Following } from '../../core/ports/launcher.ts'
import { millisOf } from '../parts/fields.ts'
import { oneLine, sayMillis } from '../parts/say.ts'

export interface FollowSettings {
  /** As it is written: `10m`. */
  readonly follow: string
  /** All of them must appear; none = it is followed for its whole time. */
  readonly match: readonly string[]
  readonly forbid: readonly string[]
  readonly minLines: number
}

interface Reading {
  readonly outcome: CheckOutcome
  readonly say: string
}

export function followingOf({ follow, match, forbid }: FollowSettings): Following {
  return { forMs: millisOf(follow), until: match, never: forbid }
}

/** Neither a blank nor a line break. */
const isSeen = (byte: number): boolean => byte > 32

/** Of a command that ended with `exit` 0, or that was stopped because it was to be followed no longer. */
export function readFollowed(given: FollowSettings, result: CommandResult, { found, lines }: Followed): Reading {
  const isFound = (pattern: string): boolean => Object.hasOwn(found, pattern)
  const lineOf = (pattern: string): string => oneLine(found[pattern] ?? '', 200)
  const took = sayMillis(Math.max(0, result.endedAt - result.startedAt))
  const bad = given.forbid.find(isFound)
  if (bad !== undefined)
    return { outcome: 'failed', say: `/${bad}/ must not appear, but after ${took}: ${lineOf(bad)}` }
  const whole = sayMillis(millisOf(given.follow))
  const counted = `${lines} ${lines === 1 ? 'line' : 'lines'}`
  const isOwnEnd = result.ended !== 'followed'
  const missing = given.match.find((pattern) => !isFound(pattern))
  if (missing !== undefined)
    return {
      outcome: 'failed',
      say: `/${missing}/ did not appear in ${counted} of ${isOwnEnd ? `${took}, after which it ended by itself` : whole}`,
    }
  const [first] = given.match
  if (first !== undefined) {
    const words = given.match.length === 1 ? `/${first}/` : `all ${given.match.length} patterns`
    return { outcome: 'passed', say: `${words} appeared after ${took}: ${lineOf(first)}` }
  }
  if (isOwnEnd)
    return {
      outcome: 'inconclusive',
      say: `it ended by itself after ${took}, so nobody knows about the rest of the ${whole}`,
    }
  if (lines < given.minLines)
    return { outcome: 'inconclusive', say: `${counted} in ${whole}, expected at least ${given.minLines}` }
  if (given.minLines > 0 && !result.stdout.some(isSeen))
    return {
      outcome: 'inconclusive',
      say: `${counted} in ${whole}, all on standard error, as what cannot be read is told: 2>&1 where logs come there`,
    }
  return {
    outcome: 'passed',
    say: `${counted} in ${whole}, none with ${given.forbid.map((one) => `/${one}/`).join(' or ')}`,
  }
}

/** What was seen of a command that does not end by itself: enough, too little, or what must not be there. */
import type { CheckOutcome } from '../../core/ports/check.ts'
import type { CommandResult, Followed, Following } from '../../core/ports/launcher.ts'
import { millisOf } from '../parts/fields.ts'
import { oneLine, sayMillis } from '../parts/say.ts'

export interface FollowSettings {
  /** As it is written: `10m`. */
  readonly follow: string
  readonly match: string | null
  readonly forbid: string | null
  readonly minLines: number
}

interface Reading {
  readonly outcome: CheckOutcome
  readonly say: string
}

export function followingOf({ follow, match, forbid }: FollowSettings): Following {
  return {
    forMs: millisOf(follow),
    until: match === null ? [] : [match],
    never: forbid === null ? [] : [forbid],
  }
}

/** Of a command that ended with `exit` 0, or that was stopped because it was to be followed no longer. */
export function readFollowed(given: FollowSettings, result: CommandResult, followed: Followed): Reading {
  const { follow, match, forbid, minLines } = given
  const lineOf = (pattern: string): string | null =>
    Object.hasOwn(followed.found, pattern) ? (followed.found[pattern] ?? '') : null
  const tookMs = Math.max(0, result.endedAt - result.startedAt)
  const bad = forbid === null ? null : lineOf(forbid)
  if (bad !== null)
    return {
      outcome: 'failed',
      say: `/${forbid}/ must not appear, but after ${sayMillis(tookMs)}: ${oneLine(bad, 200)}`,
    }
  const good = match === null ? null : lineOf(match)
  if (good !== null)
    return { outcome: 'passed', say: `/${match}/ appeared after ${sayMillis(tookMs)}: ${oneLine(good, 200)}` }
  const lines = `${followed.lines} ${followed.lines === 1 ? 'line' : 'lines'}`
  const span = result.ended === 'followed' ? sayMillis(millisOf(follow)) : sayMillis(tookMs)
  if (match !== null)
    return {
      outcome: 'failed',
      say: `/${match}/ did not appear in ${lines} of ${span}${result.ended === 'followed' ? '' : ', after which it ended by itself'}`,
    }
  if (result.ended !== 'followed')
    return {
      outcome: 'inconclusive',
      say: `it ended by itself after ${span}, so nobody knows about the rest of the ${sayMillis(millisOf(follow))}`,
    }
  if (followed.lines < minLines)
    return { outcome: 'inconclusive', say: `${lines} in ${span}, expected at least ${minLines}` }
  return { outcome: 'passed', say: `${lines} in ${span}, none with /${forbid}/` }
}

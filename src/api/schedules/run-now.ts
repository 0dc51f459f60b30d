/** Somebody starts a checklist that comes again and again, without waiting for its time. */
import type { AccessState } from '../../core/access/access.ts'
import { occurrencesBetween } from '../../core/schedule/occurrences.ts'
import type { Occurrence } from '../../core/schedule/schedule.ts'
import type { Instant } from '../../core/units.ts'
import type { RouteDeps } from '../deps.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { startKey, writeStart } from './attend-start.ts'
import { sinceOf, timeOf } from './kept.ts'
import type { Registered } from './registered.ts'
import { type ScheduleStartAsked, startScheduled } from './start.ts'

const YEAR_MS = 366 * 86_400_000

/** Throws a RouteRefusal. The time that is open counts as started; what was started for it and has ended is started again. */
export async function runNow(
  deps: RouteDeps,
  access: AccessState,
  one: Registered,
  who: Pick<ScheduleStartAsked, 'caller' | 'actor' | 'environment'>,
): Promise<string> {
  const { store, clock } = deps
  const now = clock.now()
  const open = openTime(one, await sinceOf(store, one.id, one.schedule, now), now)
  const known = open === null ? null : ((await timeOf(store, one.id, open.at)).value.start ?? null)
  if (known?.release != null && (await deps.engine.state(known.release))?.endedAt === null)
    throw new RouteRefusal('already-started', `It was started already, as ${known.release}, which is under way.`)
  const tries = (known?.tries ?? 0) + 1
  const again = known?.state === 'started' ? ` again ${tries}` : ''
  const key = open === null ? null : `${startKey(one.id, open.at)}${again}`
  const started = await startScheduled(deps, access, one, { ...who, key, at: open?.at ?? now })
  if (started.kind === 'refused') throw new RouteRefusal(started.code, started.why)
  const { release } = started
  if (open !== null)
    await writeStart(store, one.id, open.at, { state: 'started', release, why: '', at: now, tries, until: now })
  return release
}

/** The one whose span this is: a record made now counts for it. */
function openTime({ schedule }: Registered, since: Instant, now: Instant): Occurrence | null {
  const times = occurrencesBetween(schedule, Math.max(since, now - YEAR_MS), now + YEAR_MS + 86_400_000)
  return times.find(({ opens, closes }) => opens <= now && now < closes) ?? null
}

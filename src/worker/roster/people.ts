/** From entries of PagerDuty to people here: only whom the checklist names, or whose e-mail address is their name here. */
import type { AskedRoster, RosterLevel } from '../../core/plan/plan.ts'
import { rosterLevels } from '../../core/plan/plan-roster.ts'
import type { AskedOnCall, StrangerOnCall } from '../../core/ports/roster.ts'
import type { Instant } from '../../core/units.ts'
import type { OnCallEntry } from './oncalls.ts'

export interface PeopleOnCall {
  readonly onCall: readonly AskedOnCall[]
  readonly strangers: readonly StrangerOnCall[]
}

/** Entries of other policies, schedules and hours are left out, whatever was asked for. */
export function peopleOnCall(asked: AskedRoster, entries: readonly OnCallEntry[], now: Instant): PeopleOnCall {
  const onCall = new Map<string, AskedOnCall>()
  const strangers = new Map<string, StrangerOnCall>()
  for (const entry of entries.filter((each) => isNow(each, now)))
    for (const level of levelsOf(asked, entry)) {
      const { user } = entry
      const until = entry.end == null ? null : Date.parse(entry.end)
      const person = personOf(asked, user)
      const key = `${rosterLevels.indexOf(level)} ${person ?? user.id}`
      if (person === null) strangers.set(key, { level, who: wordsOf(user) })
      else onCall.set(key, longer(onCall.get(key), { level, person, until, user: user.id }))
    }
  return { onCall: inOrder(onCall), strangers: inOrder(strangers) }
}

function inOrder<T>(found: ReadonlyMap<string, T>): readonly T[] {
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

/** One person may be on call at a level twice, by two schedules. */
function longer(known: AskedOnCall | undefined, one: AskedOnCall): AskedOnCall {
  if (known === undefined) return one
  const isLonger = known.until !== null && (one.until === null || one.until > known.until)
  return isLonger ? one : known
}

function isNow({ start, end }: OnCallEntry, now: Instant): boolean {
  return (start == null || Date.parse(start) <= now) && (end == null || now < Date.parse(end))
}

function levelsOf({ policy, schedules }: AskedRoster, entry: OnCallEntry): readonly RosterLevel[] {
  if (policy === null)
    return rosterLevels.filter((level) => schedules[level] !== undefined && schedules[level] === entry.schedule?.id)
  const level = rosterLevels[entry.escalation_level - 1]
  return entry.escalation_policy.id === policy && level !== undefined ? [level] : []
}

function personOf({ people }: AskedRoster, { id, email }: OnCallEntry['user']): string | null {
  const address = email == null || !email.includes('@') ? null : email.toLowerCase()
  const named = [id, address].find((key) => key !== null && Object.hasOwn(people, key))
  return named == null ? address : (people[named] ?? null)
}

function wordsOf({ id, name, summary }: OnCallEntry['user']): string {
  const called = (name ?? summary ?? '').trim()
  return called === '' ? id : `${called.slice(0, 100)} (${id})`
}

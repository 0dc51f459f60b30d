/** Reads a roster that a service keeps: `roster: { kind: pagerduty, … }`. */
import { nearest } from './nearest.ts'
import { parsed, unparsed } from './parsed.ts'
import { type AskedRoster, type RosterLevel, rosterLevels, type RosterPlan } from './plan-roster.ts'
import { Settings, shown } from './settings.ts'

/** The accounts of PagerDuty in the United States; those in Europe have https://api.eu.pagerduty.com. */
export const pagerdutyApi = 'https://api.pagerduty.com'

const example = 'roster: { kind: pagerduty, escalation-policy: PANZZEQ, token: "{{ secret.PAGERDUTY_TOKEN }}" }'
const peopleExample = 'people: { ana@shop.example: ana, PUSER02: ben }'
const identifier = /^[A-Z0-9]{4,40}$/

/** `settings` = those of `roster:`, which names a `kind`; `secrets` = names that are declared. */
export function readAskedRoster(settings: Settings, secrets: readonly string[]): RosterPlan | null {
  const kind = settings.choice('kind', ['pagerduty'])
  const url = settings.parse('url', parseAddress) ?? pagerdutyApi
  const token = readToken(settings, secrets)
  const policy = settings.parse('escalation-policy', parseId)
  const hasSchedule = settings.has('schedule')
  const schedules = hasSchedule ? readSchedules(settings) : {}
  const people = readPeople(settings)
  settings.finish(example)
  if (policy === null && !hasSchedule)
    settings.missing('escalation-policy', 'escalation-policy: the id of one, or schedule: the id of one', example)
  if (policy !== null && hasSchedule)
    settings.error('bad-value', settings.place, {
      found: 'an escalation policy and a schedule in one roster',
      expected: 'one of both: they may name different people',
      example,
    })
  if (kind === null || token === null) return null
  const levels = policy === null ? (Object.keys(schedules) as RosterLevel[]) : (['primary'] as const)
  return {
    zone: 'UTC',
    levels: Object.fromEntries(levels.map((level) => [level, { shifts: [], events: [] }])),
    calendars: [],
    asked: { kind, url, token, policy, schedules, people },
  }
}

const parseId = (text: string) =>
  identifier.test(text)
    ? parsed(text)
    : unparsed('an id as it stands at the end of its address at PagerDuty', 'PANZZEQ')

/** No variable in it: what a release was given must not choose who gets the token. */
function parseAddress(text: string) {
  const url = URL.parse(text)
  const isPlain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (isPlain && !text.includes('{{') && (url.protocol === 'https:' || url.protocol === 'http:'))
    return parsed(text.replace(/\/+$/, ''))
  return unparsed('the address of an API, without variables', 'https://api.eu.pagerduty.com')
}

/** Never the value itself. */
function readToken(settings: Settings, secrets: readonly string[]): string | null {
  const place = settings.placeOf('token')
  if (!settings.has('token')) return settings.missing('token', 'token: a secret that may read', example)
  const text = settings.text('token')
  if (text === null) return null
  const name = /^\{\{\s*secret\.([A-Za-z0-9_.-]+)\s*\}\}$/.exec(text)?.[1]
  if (name !== undefined && secrets.includes(name)) return name
  settings.error('bad-value', place, {
    found: name === undefined ? 'a token that is no secret' : `the secret "${name}", which is not declared`,
    expected: name === undefined ? 'a declared secret; the value never stands here' : nearest(name, secrets),
    example: `secrets: { PAGERDUTY_TOKEN: env } and token: "{{ secret.PAGERDUTY_TOKEN }}"`,
  })
  return null
}

/** One id is the primary's; else a mapping from level to id. */
function readSchedules(settings: Settings): AskedRoster['schedules'] {
  const value = settings.peek('schedule')?.value
  if (value?.kind !== 'map') {
    const primary = settings.parse('schedule', parseId)
    return primary === null ? {} : { primary }
  }
  const group = settings.group('schedule')
  const named = rosterLevels.flatMap((level) => {
    const id = group?.parse(level, parseId) ?? null
    return id === null ? [] : [[level, id] as const]
  })
  group?.finish('schedule: { primary: PSCHED1, secondary: PSCHED2 }')
  if (named.length === 0) group?.missing('primary', 'primary: the schedule of whoever is called first', example)
  return Object.fromEntries(named)
}

/** Their user, by id or e-mail address, to the name of a person here. */
function readPeople(settings: Settings): Readonly<Record<string, string>> {
  const group = settings.has('people') ? settings.group('people') : null
  const people: Record<string, string> = {}
  for (const [user, { value }] of group?.members() ?? []) {
    const key = user.includes('@') ? user.toLowerCase() : user
    if (value.kind === 'scalar' && value.text !== '' && !Object.hasOwn(people, key)) people[key] = value.text
    else
      settings.error('bad-value', value.place, {
        found: Object.hasOwn(people, key) ? `"${user}" twice` : `${shown(value)} for "${user}" in ${group?.what ?? ''}`,
        expected: 'one person of this checklist for each of their users',
        example: peopleExample,
      })
  }
  return people
}

/** Which person of this server a user of Slack is: proven by a code that Slack showed to that user alone, and that the person entered here. */
import { randomInt } from 'node:crypto'
import { z } from 'zod'
import type { Store } from '../../core/ports/store.ts'
import type { Instant, Millis } from '../../core/units.ts'
import { hashOfKey } from '../auth/keys.ts'
import type { SlackUser } from './signed.ts'

type Shelf = Pick<Store, 'putEntry' | 'getEntry' | 'entries'>

const CODES = 'slack-codes'
const LINKS = 'slack-links'
const CODE_FOR_MS: Millis = 600_000
/** Nothing that reads as something else. */
const LETTERS = 'ABCDEFGHJKMNPQRSTVWXYZ23456789'
const LENGTH = 10

const coded = z.object({ team: z.string(), user: z.string(), name: z.string(), until: z.number() })
const link = z.object({ person: z.string(), name: z.string(), at: z.number() })

export interface SlackLink extends SlackUser {
  readonly person: string
  readonly at: Instant
}

/** `K7QM2-XDR9P`: 49 random bits, for ten minutes, for one use. */
export async function makeCode(store: Shelf, user: SlackUser, now: Instant): Promise<string> {
  const letters = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  await store.putEntry(CODES, hashOfKey(letters), JSON.stringify({ ...user, until: now + CODE_FOR_MS }), {
    expires: now + CODE_FOR_MS,
  })
  return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`
}

/** Whom the code was shown to; null = no such code, or it is used up or too old. */
export async function userOfCode(store: Shelf, code: string, now: Instant): Promise<SlackUser | null> {
  const entry = await store.getEntry(CODES, keyOfCode(code))
  return entry === null ? null : userIn(entry.json, now)
}

/** Null when another was quicker, or the code is no more. */
export async function linkByCode(store: Shelf, code: string, person: string, now: Instant): Promise<SlackLink | null> {
  const entry = await store.getEntry(CODES, keyOfCode(code))
  const user = entry && userIn(entry.json, now)
  if (entry === null || !user) return null
  if ((await store.putEntry(CODES, keyOfCode(code), null, { expected: entry.revision })) === null) return null
  await store.putEntry(LINKS, keyOf(user), JSON.stringify({ person, name: user.name, at: now }))
  return { ...user, person, at: now }
}

export async function personOf(store: Shelf, user: Pick<SlackUser, 'team' | 'user'>): Promise<string | null> {
  const entry = await store.getEntry(LINKS, keyOf(user))
  return entry === null ? null : (link.safeParse(JSON.parse(entry.json)).data?.person ?? null)
}

export async function linksOf(store: Shelf, person: string): Promise<readonly SlackLink[]> {
  const all = await store.entries(LINKS)
  return all.flatMap(({ key, json }) => {
    const found = link.safeParse(JSON.parse(json)).data
    const [team = '', user = ''] = key.split('/')
    return found?.person === person ? [{ team, user, ...found }] : []
  })
}

/** False = the person has no such link. */
export async function unlink(store: Shelf, person: string, user: Pick<SlackUser, 'team' | 'user'>): Promise<boolean> {
  if ((await personOf(store, user)) !== person) return false
  await store.putEntry(LINKS, keyOf(user), null)
  return true
}

/** What is too old is swept sooner or later; here it is over at once. */
function userIn(json: string, now: Instant): SlackUser | null {
  const found = coded.safeParse(JSON.parse(json)).data
  if (!found || found.until <= now) return null
  const { team, user, name } = found
  return { team, user, name }
}

function keyOfCode(code: string): string {
  return hashOfKey(code.toUpperCase().replace(/[^A-Z0-9]/g, ''))
}

function keyOf({ team, user }: Pick<SlackUser, 'team' | 'user'>): string {
  return `${team}/${user}`
}

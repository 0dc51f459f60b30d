/** Secrets that the server hands out: recognisable, checkable at a glance, kept only as hashes. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a secret is for; the first letters say so, for people and for scanners of leaked secrets. */
export const keyKinds = { session: 'hps', token: 'hpt', invitation: 'hpi', setup: 'hpx' } as const
export type KeyKind = keyof typeof keyKinds

const RANDOM_BYTES = 24
const CHECK_LENGTH = 6

/** 192 random bits and a checksum, such as `hpt_k3...`. */
export function makeKey(kind: KeyKind): string {
  const body = randomBytes(RANDOM_BYTES).toString('base64url')
  const key = `${keyKinds[kind]}_${body}`
  return `${key}_${checkOf(key)}`
}

/** What kind a text claims to be; null = none of ours, or mistyped: not worth a look in the store. */
export function kindOfKey(text: string): KeyKind | null {
  const found = /^(hp[stix])_([A-Za-z0-9_-]{32})_([A-Za-z0-9_-]{6})$/.exec(text)
  if (!found || checkOf(`${found[1]}_${found[2]}`) !== found[3]) return null
  return (Object.entries(keyKinds).find(([, prefix]) => prefix === found[1])?.[0] ?? null) as KeyKind | null
}

/** Under which it is kept. The key has 192 random bits, so a plain hash is enough: there is nothing to guess. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** In constant time. */
export function isSameText(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(a as Buffer, b as Buffer)
}

function checkOf(key: string): string {
  return createHash('sha256').update(`holdpoint ${key}`).digest('base64url').slice(0, CHECK_LENGTH)
}

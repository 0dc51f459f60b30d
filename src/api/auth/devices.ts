/** A browser that a person has signed in with before: signed for that person and password, so that nobody else's guesses hold it up. */
import { createHmac, randomBytes } from 'node:crypto'
import type { Instant, Millis } from '../../core/units.ts'
import { isSameText } from './keys.ts'

/** Long enough for people who come once a quarter. */
const KNOWN_FOR_MS: Millis = 120 * 86_400_000
const FORM = /^([A-Za-z0-9_-]{22})\.(\d{13,15})\.([A-Za-z0-9_-]{43})$/

/** What the cookie holds. It opens nothing; `hash` is what is kept of the password, so a new password forgets all devices. */
export function makeDevice(person: string, hash: string, now: Instant): string {
  const name = randomBytes(16).toString('base64url')
  const until = now + KNOWN_FOR_MS
  return `${name}.${until}.${sealOf(person, hash, name, until)}`
}

/** Whether it may be one at all: what is of another form is worth no look in the store. */
export function isDeviceText(text: string): boolean {
  return FORM.test(text)
}

/** The name of the device; null = forged, of another person, from before another password, or too long ago. */
export function deviceIn(text: string, person: string, hash: string, now: Instant): string | null {
  const [, name, until, seal] = FORM.exec(text) ?? []
  if (name === undefined || seal === undefined || Number(until) <= now) return null
  return isSameText(seal, sealOf(person, hash, name, Number(until))) ? name : null
}

export const knownDeviceSeconds = KNOWN_FOR_MS / 1_000

/** `__Host-` as for sign-ins: a browser accepts it over TLS only. */
export function deviceCookie(isSecure: boolean): string {
  return isSecure ? '__Host-holdpoint-device' : 'holdpoint-device'
}

function sealOf(person: string, hash: string, name: string, until: Instant): string {
  const key = createHmac('sha256', 'holdpoint device').update(hash).digest()
  return createHmac('sha256', key)
    .update(JSON.stringify([person, name, until]))
    .digest('base64url')
}

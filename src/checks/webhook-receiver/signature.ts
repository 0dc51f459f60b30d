/** The forms in which webhooks are signed (HMAC), and whether one delivery is signed as it should be. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** `hex` and `base64` = over the body, in one header, also behind `sha256=`; the others as their services document them. */
export const signatureForms = ['hex', 'base64', 'stripe', 'slack', 'standard'] as const
export type SignatureForm = (typeof signatureForms)[number]

export interface SignatureRule {
  readonly form: SignatureForm
  /** Lower case; null = the one that the form brings itself. */
  readonly header: string | null
  readonly algorithm: 'sha1' | 'sha256' | 'sha512'
  readonly secret: string
}

export interface Signed {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** When it came, in milliseconds since 1970. */
  readonly at: number
}

/** How far the time in a signature may be from the time it came. */
const toleranceMs = 300_000

/** Null = signed as it should be; otherwise why it is not. Never says what the right signature would be. */
export function signatureProblem(rule: SignatureRule, delivery: Signed): string | null {
  const header = rule.header ?? usualHeaders[rule.form]
  const given = delivery.headers[header]
  if (given === undefined || given === '') return `it has no ${header}`
  switch (rule.form) {
    case 'hex':
    case 'base64':
      return plain(rule.form, given, rule, delivery)
    case 'stripe':
      return stripe(given, rule, delivery)
    case 'slack':
      return timed(delivery, 'x-slack-request-timestamp', (time) =>
        matches([given.replace(/^v0=/, '')], 'hex', rule, `v0:${time}:`, delivery.body),
      )
    case 'standard':
      return timed(delivery, 'webhook-timestamp', (time) => {
        const signatures = given.split(' ').map((one) => one.replace(/^v1,/, ''))
        const id = delivery.headers['webhook-id'] ?? ''
        return matches(signatures, 'base64', rule, `${id}.${time}.`, delivery.body)
      })
  }
}

/** Where a signature stands that the author gave no header for. */
export const usualHeaders: Readonly<Record<SignatureForm, string>> = {
  hex: 'x-hub-signature-256',
  base64: 'x-signature',
  stripe: 'stripe-signature',
  slack: 'x-slack-signature',
  standard: 'webhook-signature',
}

function plain(form: 'hex' | 'base64', given: string, rule: SignatureRule, { body }: Signed): string | null {
  return matches([given.replace(/^sha\d+=/, '')], form, rule, '', body)
}

function stripe(given: string, rule: SignatureRule, delivery: Signed): string | null {
  const parts = given.split(',').map((part) => part.trim().split('=', 2) as [string, string | undefined])
  const time = parts.find(([name]) => name === 't')?.[1]
  const signatures = parts.flatMap(([name, value]) => (name === 'v1' && value !== undefined ? [value] : []))
  const late = lateness(time, delivery.at)
  return late ?? matches(signatures, 'hex', rule, `${time}.`, delivery.body)
}

function timed(delivery: Signed, header: string, problem: (time: string) => string | null): string | null {
  const time = delivery.headers[header]
  return lateness(time, delivery.at) ?? problem(time ?? '')
}

function lateness(time: string | undefined, at: number): string | null {
  if (time === undefined || !/^\d{1,12}$/.test(time)) return 'its signature has no time'
  const distance = Math.abs(at - Number(time) * 1_000)
  return distance <= toleranceMs ? null : `its signature is ${Math.round(distance / 1_000)} s away from its time`
}

function matches(
  given: readonly string[],
  coding: 'hex' | 'base64',
  { algorithm, secret, form }: SignatureRule,
  before: string,
  body: Uint8Array,
): string | null {
  const isEncoded = form === 'standard' && secret.startsWith('whsec_')
  const key = isEncoded ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret)
  const wanted = createHmac(algorithm, key).update(before).update(body).digest()
  const isSame = (one: string): boolean => {
    const bytes = Buffer.from(one, coding)
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted)
  }
  return given.some(isSame) ? null : `its signature is not that of its ${algorithm} and this secret`
}

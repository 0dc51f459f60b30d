/** Tokens that must not do: none, a bad one, forged ones, an expired one; beside one that does. */
import { z } from 'zod'
import { durationField, millisOf } from '../parts/fields.ts'
import { sayMillis } from '../parts/say.ts'
import { acceptance, type Asker, found, refusal, type Seen, together, undecided } from './asker.ts'
import { lineOf, requestField } from './request-line.ts'

export const tokensField = z.strictObject({
  request: requestField,
  valid: z.string().min(1).describe('Secret with a token that does'),
  expired: z.string().min(1).optional().describe('Secret with a token that did once'),
  refused: z.array(z.number().int()).default([401]),
  life: durationField.optional().describe('From `iat` to `exp` of the valid token, a JWT, exactly'),
})

export async function probeTokens(given: z.infer<typeof tokensField>, asker: Asker): Promise<Seen> {
  const line = lineOf(given.request)
  const valid = asker.secret(given.valid)
  const seen = [acceptance(await asker.ask(line, { as: 'with a valid token', token: valid }), 'a valid token')]
  const bad = [
    ...badTokens(valid),
    ...(given.expired === undefined ? [] : [{ as: 'an expired token', token: asker.secret(given.expired) }]),
  ]
  seen.push(refusal(await asker.ask(line, { as: 'without a token' }), given.refused, 'no token'))
  for (const { as, token } of bad)
    seen.push(refusal(await asker.ask(line, { as: `with ${as}`, token }), given.refused, as))
  if (given.life !== undefined) seen.push(lifeOf(valid, millisOf(given.life)))
  return together(seen)
}

interface BadToken {
  readonly as: string
  readonly token: string
}

/** Of a JWT its content and its signature are changed, and its signature left away as `alg: none` asks for. */
export function badTokens(valid: string): readonly BadToken[] {
  const bad = { as: 'a bad token', token: 'holdpoint-no-such-token' }
  const parts = valid.split('.')
  const [head, content, signature] = parts
  if (parts.length !== 3 || head === undefined || content === undefined || signature === undefined)
    return [bad, { as: 'a tampered token', token: changed(valid) }]
  return [
    bad,
    { as: 'a token with a changed signature', token: `${head}.${content}.${changed(signature)}` },
    { as: 'a token with changed content', token: `${head}.${withOtherContent(content)}.${signature}` },
    { as: 'a token without a signature (alg: none)', token: `${encoded({ alg: 'none', typ: 'JWT' })}.${content}.` },
  ]
}

/** Another character at the beginning: the last ones of base64 may hold bits that nobody reads. */
function changed(text: string): string {
  const place = Math.min(2, text.length - 1)
  return `${text.slice(0, place)}${text[place] === 'A' ? 'B' : 'A'}${text.slice(place + 1)}`
}

function withOtherContent(content: string): string {
  const claims = decoded(content)
  return claims === null ? changed(content) : encoded({ ...claims, holdpoint: 'forged' })
}

function lifeOf(token: string, lifeMs: number): Seen {
  const claims = decoded(token.split('.')[1] ?? '')
  const [issued, expires] = [claims?.['iat'], claims?.['exp']]
  if (typeof issued !== 'number' || typeof expires !== 'number')
    return undecided('the life of the valid token: it is no JWT with iat and exp')
  const life = (expires - issued) * 1_000
  if (life === lifeMs) return together([])
  return found(`the valid token lives ${sayMillis(life)}, expected ${sayMillis(lifeMs)}`)
}

function decoded(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

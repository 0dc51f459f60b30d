/** What a secret looks like in output, and that none of it gets through. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileSecrets, redactText, Redactor } from './redaction.ts'

const SECRET = 'tok/en "9f+Ü" <a&b>\\$x'
const PEM = [
  '-----BEGIN KEY-----',
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj',
  'AgEAAoIBAQC7VJTUt9Us8cKB',
  '-----END KEY-----',
].join('\n')

function hidden(secret: string, text: string | Uint8Array, chunk = Number.POSITIVE_INFINITY): string {
  const redactor = new Redactor(compileSecrets([secret]))
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunk)
    redactor.push(bytes.subarray(at, Math.min(at + chunk, bytes.length)), (piece) => pieces.push(Buffer.from(piece)))
  redactor.end((piece) => pieces.push(Buffer.from(piece)))
  return Buffer.concat(pieces).toString('latin1')
}

function wrapped(text: string, width: number, end = '\n'): string {
  return text.replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`)
}

const raw = Buffer.from(SECRET)
const hex = raw.toString('hex')
const appearances: Record<string, string> = {
  raw: SECRET,
  base64: raw.toString('base64'),
  'base64 without padding': raw.toString('base64').replace(/=+$/, ''),
  base64url: raw.toString('base64url'),
  'base64 wrapped at 10': wrapped(raw.toString('base64'), 10),
  hex,
  'upper-case hex': hex.toUpperCase(),
  'hex of xxd -p, wrapped': wrapped(hex, 20),
  'hex with colons': wrapped(hex, 2, ':'),
  'hex of od -An -tx1': wrapped(hex, 2, ' '),
  'hex escapes': hex.replace(/../g, '\\x$&').slice(2),
  encodeURIComponent: encodeURIComponent(SECRET),
  'encodeURIComponent in lower case': encodeURIComponent(SECRET).replace(/%../g, (unit) => unit.toLowerCase()),
  encodeURI: encodeURI(SECRET),
  'a form field': new URLSearchParams({ a: SECRET }).toString().slice(2),
  JSON: JSON.stringify(SECRET).slice(1, -1),
  'ASCII JSON': JSON.stringify(SECRET).slice(1, -1).replace('Ü', '\\u00dc'),
  'JSON in JSON': JSON.stringify(JSON.stringify(SECRET)).slice(3, -3),
  HTML: 'tok/en &quot;9f+Ü&quot; &lt;a&amp;b&gt;\\$x',
}

describe('redaction', () => {
  for (const [coding, text] of Object.entries(appearances))
    test(`a secret is replaced when it appears as ${coding}, whole or in chunks of any size`, () => {
      for (const chunk of [1, 2, 3, 7, 1000]) {
        const shown = hidden(SECRET, `before ${text} after`, chunk)
        expect(shown.replace(/[\n: ]+/g, ' ')).toBe('before *** after')
      }
    })

  test('a secret inside a longer base64 text leaves at most single edge characters, at each of the three alignments', () => {
    const secret = 'correct-horse-battery'
    for (const before of ['', 'u', 'us', 'user:']) {
      const coded = Buffer.from(`${before}${secret}:tail`).toString('base64')
      const shown = hidden(secret, coded, 5)
      expect(shown).toContain('***')
      const alone = Buffer.from(`${before}${secret}`).toString('base64')
      expect(longestCommon(shown, alone.slice(Math.ceil((before.length * 8) / 6)))).toBeLessThanOrEqual(2)
    }
  })

  test('each line of a multi-line secret is replaced by itself, and the whole in base64', () => {
    for (const line of PEM.split('\n')) expect(hidden(PEM, `log: ${line} |`, 3)).toBe('log: *** |')
    expect(hidden(PEM, PEM, 4)).toBe('***')
    expect(hidden(PEM, wrapped(Buffer.from(PEM).toString('base64'), 76), 11)).toBe('***')
    expect(hidden(PEM, JSON.stringify(PEM))).toBe('"***"')
  })

  test('overlapping and repeated secrets leave nothing between the marks', () => {
    const patterns = compileSecrets(['abcdef', 'defghi'])
    expect(redactText(patterns, 'xabcdefghix')).toBe('x***x')
    expect(redactText(patterns, 'abcdefabcdef')).toBe('******')
  })

  test('a beginning that is not continued comes out unchanged', () => {
    expect(hidden('password', 'pass me the passwor', 1)).toBe('pass me the passwor')
  })

  test('output without a secret is unchanged byte by byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (bytes, chunk) => {
        expect(hidden('zzzz-not-there-zzzz', bytes, chunk)).toBe(Buffer.from(bytes).toString('latin1'))
      }),
    )
  })

  test('whatever surrounds a secret and however it is cut, the secret is gone and the rest stays', () => {
    const around = fc.string({ maxLength: 40, unit: fc.constantFrom('a', 'b', 'S', 's', '3', '\n', 'x') })
    fc.assert(
      fc.property(around, around, fc.integer({ min: 1, max: 9 }), (before, after, chunk) => {
        const shown = hidden('S3cret-Value', `${before}S3cret-Value${after}`, chunk)
        expect(shown).toBe(`${before}***${after}`)
      }),
    )
  })
})

function longestCommon(text: string, other: string): number {
  let longest = 0
  for (let from = 0; from < other.length; from += 1)
    while (text.includes(other.slice(from, from + longest + 1)) && from + longest < other.length) longest += 1
  return longest
}

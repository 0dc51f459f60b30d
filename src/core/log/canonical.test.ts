import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { canonicalJson, sha256Hex, useSha256 } from './canonical.ts'

const real = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

describe('canonical JSON', () => {
  test('has sorted names, whatever order they were written in, and leaves out what is undefined', () => {
    expect(canonicalJson({ b: 1, a: { d: [], c: null } })).toBe('{"a":{"c":null,"d":[]},"b":1}')
    expect(canonicalJson({ b: 2, a: undefined })).toBe('{"b":2}')
    expect(canonicalJson({ 10: 'x', 9: 'y', b: [undefined, true, {}] })).toBe('{"10":"x","9":"y","b":[null,true,{}]}')
  })

  test('is not mistaken by records that begin alike', () => {
    for (let round = 0; round < 2; round++)
      for (let at = 0; at < 40; at++)
        expect(canonicalJson({ same: 1, [`z${at}`]: 2, a: 3 })).toBe(`{"a":3,"same":1,"z${at}":2}`)
  })

  test('writes every character as JSON does', () => {
    const texts = ['"', '\\', '\n\t\u0000\u001f', '\ud800', 'a\udc00b', '😀', '\u2028é', '']
    for (const text of texts) {
      expect(canonicalJson(text)).toBe(JSON.stringify(text))
      expect(canonicalJson({ [text]: text })).toBe(JSON.stringify({ [text]: text }))
    }
  })

  test('refuses what JSON has no word for', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, () => 1, undefined])
      expect(() => canonicalJson(value)).toThrow('bug:')
  })
})

test('the sha-256 of the machine is used once it gives the same digits, and refused otherwise', () => {
  const texts = ['', 'abc', 'ä€😀', '\ud800', 'x'.repeat(1000)]
  const before = texts.map(sha256Hex)
  expect(() => useSha256(() => '0'.repeat(64))).toThrow('other digits')
  useSha256(real)
  expect(texts.map(sha256Hex)).toEqual(before)
  expect(texts.map(real)).toEqual(before)
})

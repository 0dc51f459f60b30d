/** CBOR as authenticators write it, after the examples of RFC 8949; whatever else there is, is refused and never goes far. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCbor } from './cbor.ts'

const read = (hex: string) => readCbor(new Uint8Array(Buffer.from(hex, 'hex')))

test.each([
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['1903e8', 1_000],
  ['1a000f4240', 1_000_000],
  ['1affffffff', 4_294_967_295],
  ['20', -1],
  ['3903e7', -1_000],
  ['60', ''],
  ['62c3bc', 'ü'],
  ['6449455446', 'IETF'],
  ['83010203', [1, 2, 3]],
  ['f4', false],
  ['f5', true],
  ['f6', null],
] as const)('%s is %j', (hex, value) => {
  expect(read(hex)).toEqual({ value, end: hex.length / 2 })
})

test('bytes and maps keep what they hold, and what follows is left alone', () => {
  expect(read('4401020304ff')).toEqual({ value: new Uint8Array([1, 2, 3, 4]), end: 5 })
  expect(read('a201026161f5')).toEqual({
    value: new Map<number | string, unknown>([
      [1, 2],
      ['a', true],
    ]),
    end: 6,
  })
})

test.each([
  ['', 'nothing'],
  ['18', 'a length that is cut off'],
  ['1b000000e8d4a51000', 'eight bytes of a number'],
  ['4401', 'bytes that are cut off'],
  ['5f42010243030405ff', 'bytes without a length'],
  ['9fff', 'a list without a length'],
  ['bfff', 'a map without a length'],
  ['a1', 'a map that is cut off'],
  ['a201020103', 'a key that is there twice'],
  ['a1f500', 'a key that is no key'],
  ['c100', 'a tag'],
  ['f7', 'undefined'],
  ['f90000', 'a fraction'],
  ['f820', 'a simple value of two bytes'],
  ['61ff', 'text that is none'],
  ['818181818181f6', 'a list in a list in a list …'],
  ['bb0000000100000000', 'a map of four thousand million'],
  ['9affffffff', 'a list of four thousand million'],
  ['5affffffff', 'four gibibytes'],
])('%s is refused: %s', (hex) => {
  expect(() => read(hex)).toThrow()
})

test('any bytes end soon: read, with an end that is within them, or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      let end = 0
      try {
        end = readCbor(bytes).end
      } catch (cause) {
        expect(cause).toBeInstanceOf(Error)
      }
      expect(end).toBeLessThanOrEqual(bytes.byteLength)
    }),
    { numRuns: 2_000 },
  )
})

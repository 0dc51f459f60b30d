/** What is kept of an output that is too long, and what a live view sees. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CappedOutput, Ring } from './output.ts'

function keep(cap: number, pieces: readonly Uint8Array[]): { text: string; truncated: boolean } {
  const output = new CappedOutput(cap)
  for (const piece of pieces) output.add(piece)
  return { text: output.bytes().toString('latin1'), truncated: output.truncated }
}

test('an output within the limit is kept whole, however it was cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (pieces) => {
      const whole = Buffer.concat(pieces)
      expect(keep(Math.max(1, whole.length), pieces)).toEqual({ text: whole.toString('latin1'), truncated: false })
    }),
  )
})

test('a longer output keeps its first and last bytes around a mark that counts the missing ones', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 2, max: 50 }),
      (pieces, cap) => {
        const whole = Buffer.concat(pieces).toString('latin1')
        fc.pre(whole.length > cap)
        const head = whole.slice(0, Math.ceil(cap / 2))
        const tail = whole.slice(whole.length - Math.floor(cap / 2))
        const mark = Buffer.from(`\n[… ${whole.length - cap} bytes left out …]\n`).toString('latin1')
        expect(keep(cap, pieces)).toEqual({ text: `${head}${mark}${tail}`, truncated: true })
      },
    ),
  )
})

test('what is saved while a command runs is the beginning, each byte once', () => {
  const output = new CappedOutput(10)
  output.add(Buffer.from('abc'))
  expect(output.unsaved().toString()).toBe('abc')
  output.add(Buffer.from('defgh'))
  expect(output.unsaved().toString()).toBe('de')
  expect(output.unsaved().toString()).toBe('')
})

test('a live view sees the end of the output', () => {
  const recent = new Ring(4)
  for (let piece = 0; piece < 2000; piece += 1) recent.add(Buffer.from(`${piece % 10}`))
  expect(recent.bytes().toString()).toBe('6789')
})

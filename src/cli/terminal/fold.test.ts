import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldLine } from './fold.ts'
import { type Line, lineWidth, paint } from './line.ts'

const words = (lines: readonly Line[]) =>
  lines.map((line) => paint(line, { width: Number.POSITIVE_INFINITY, colour: false }))

test('a long line is folded at words, deeper than it began, and one that fits stays as it is', () => {
  const line: Line = [
    '    Two engineers have reviewed every change',
    ['  2 signatures (engineer), not by the author', 'dim'],
  ]
  expect(words(foldLine(line, 80))).toEqual([
    '    Two engineers have reviewed every change  2 signatures (engineer), not by',
    '        the author',
  ])
  expect(foldLine(line, 120)).toEqual([line])
})

test('a command is never folded', () => {
  const command = 'holdpoint judge calibrate examples/four-stages/release.md'
  expect(words(foldLine([`Canary, production: judge never calibrated: ${command}`], 80))).toEqual([
    'Canary, production: judge never calibrated:',
    `    ${command}`,
  ])
})

test('no word is lost or broken, and no line is wider unless a word is', () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/)
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), fc.integer({ min: 20, max: 60 }), (all, width) => {
      const lines = foldLine([all.join(' ')], width)
      expect(words(lines).join(' ').trim().split(/ +/)).toEqual(all)
      expect(lines.every((line) => lineWidth(line) <= width + 1)).toBe(true)
    }),
    { numRuns: 100 },
  )
})

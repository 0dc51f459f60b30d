/** The picture in the README: it moves where it can, and shows its last frame wherever it cannot. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pictureOf } from '../scripts/terminal-picture.ts'

/** Per frame, whether it is seen by a viewer that knows no styles. */
function seenWithoutStyles(svg: string): readonly boolean[] {
  return [...svg.matchAll(/<g class="f f\d+"([^>]*)>/g)].map(([, rest = '']) => !rest.includes('visibility="hidden"'))
}

const drawn = pictureOf(['one', 'two', 'three'], 'A test')
const kept = readFileSync(join(import.meta.dirname, '../docs/images/demo.svg'), 'utf8')

test.each([
  ['a drawn one', drawn],
  ['the one of the README', kept],
])('without animation the last frame of %s stands still', (_name, svg) => {
  const seen = seenWithoutStyles(svg)
  expect(seen.length).toBeGreaterThan(2)
  expect(seen).toEqual(seen.map((_, index) => index === seen.length - 1))
  // No rule outside of the animation hides anything: a viewer that reads styles but moves nothing sees the same.
  const outside = svg.replaceAll(/@keyframes \w+\{(?:[^{}]*\{[^{}]*\})*\}/g, '')
  expect(outside).not.toMatch(/visibility:hidden/)
})

test('who wants no motion gets none', () => {
  expect(drawn).toContain('@media (prefers-reduced-motion:reduce){.f{animation:none!important}}')
})

test('a single screen needs no animation', () => {
  expect(pictureOf(['one'], 'A test')).not.toContain('@keyframes')
})

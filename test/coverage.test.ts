/** docs/reference/coverage.md against the repository: every capability has its row, every word and kind exists, every test is there. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { capabilities, coveragePage, renderCoverage } from '../scripts/coverage.ts'
import { kinds } from '../src/app/app.ts'
import { phaseKinds } from '../src/core/plan/phase-kinds.ts'
import { placeKinds } from '../src/core/plan/place-kinds.ts'
import { words } from '../src/core/plan/words.ts'
import { missingTests, rowsOf } from './support/named-tests.ts'

/** What is known to be missing; a row leaves this list when it is there. */
const notThere: readonly string[] = []

test('there is a row for each capability, and the page is the one that is generated', () => {
  const wanted = Array.from({ length: 68 }, (_, index) => `C${String(index + 1).padStart(2, '0')}`)
  expect(capabilities.map(({ id }) => id)).toEqual(wanted)
  expect(readFileSync(coveragePage, 'utf8')).toBe(renderCoverage())
})

test('each names a test that stands in its file, but for those that are known to be missing', () => {
  expect(capabilities.filter(({ tests }) => tests.length === 0).map(({ id }) => id)).toEqual(notThere)
  expect(missingTests(rowsOf('docs/reference/coverage.md', /^C\d\d$/))).toEqual([])
})

test('each kind and word that is named exists', () => {
  const all = kinds()
  const maps: readonly (ReadonlyMap<string, unknown> | undefined)[] = [
    all.checks,
    all.actions,
    all.sources,
    all.drivers,
    all.notifiers,
    placeKinds,
  ]
  const known: readonly string[] = [...maps.flatMap((map) => [...(map?.keys() ?? [])]), ...phaseKinds]
  const wrong = capabilities.flatMap(({ by }) => by.filter((word) => !exists(word)))
  expect(wrong).toEqual([])

  function exists(word: string): boolean {
    const kind = /^(?:kind|traffic): ([\w-]+)$/.exec(word)?.[1]
    if (kind !== undefined) return known.includes(kind)
    const block = /^(?:sh|bash|python|node|http|sql|promql|md|yaml) ([\w-]+)$/.exec(word)?.[1]
    return block === undefined || Object.hasOwn(words, block)
  }
})

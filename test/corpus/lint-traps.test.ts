/** What lint finds in documents of other teams: each trap that their text shows, and little that is none. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { kinds } from '../../src/app/app.ts'
import { textCodes } from '../../src/core/plan/codes.ts'
import type { Problem } from '../../src/core/plan/plan.ts'
import { fixDocument } from '../../src/import/lint/fix.ts'
import { lintDocument } from '../../src/import/lint/lint-document.ts'
import { areThere, corpus, corpusBytes, corpusFolder, seedBytes, seedNames, seedsFolder } from './documents.ts'

const today = '2030-01-31'
const all = kinds()
const lintOf = (file: string, bytes: Uint8Array) => lintDocument({ file, bytes, shared: null }, all, today)

type Trap =
  | { readonly found: readonly (readonly [seed: string, line: number, code: string])[]; readonly beside?: string }
  | { readonly notVisible: string }

const traps = Object.entries(
  JSON.parse(readFileSync(new URL('traps.json', import.meta.url), 'utf8')) as Readonly<Record<string, Trap>>,
)

describe.skipIf(!areThere(seedsFolder))('the traps of the five documents', () => {
  const found = new Set(
    seedNames.flatMap((name) =>
      lintOf(name, seedBytes(name)).problems.map(({ line, code }) => `${name.slice(0, 3)}:${line} ${code}`),
    ),
  )

  test('all twenty-nine are answered for', () => {
    expect(traps.map(([name]) => name)).toEqual(
      Array.from({ length: 29 }, (_, n) => `Q${String(n + 1).padStart(2, '0')}`),
    )
  })

  test.each(traps)('%s is found, or it is said why it cannot be', (_name, trap) => {
    if ('notVisible' in trap) expect(trap.notVisible.length).toBeGreaterThan(20)
    else {
      expect(trap.found.length).toBeGreaterThan(0)
      expect(
        trap.found.map(([seed, line, code]) => `${seed}:${line} ${code}`).filter((each) => !found.has(each)),
      ).toEqual([])
    }
  })

  test.each(seedNames)('%s damaged by a wrong encoding is told, and mended to the letter', (name) => {
    const bytes = Buffer.from(seedBytes(name))
    const damaged = Buffer.from(new TextDecoder('macintosh').decode(bytes), 'utf8')
    if (damaged.equals(bytes)) return expect(bytes.every((byte) => byte < 128)).toBe(true)
    expect(lintOf(name, damaged).problems.map(({ code }) => code)).toContain('damaged-encoding')
    const { bytes: mended, fixes } = fixDocument(damaged)
    expect(fixes.map(({ code }) => code)).toEqual(['damaged-encoding'])
    expect(Buffer.from(mended).equals(bytes)).toBe(true)
  })
})

describe.skipIf(!areThere(corpusFolder))('documents of many teams', () => {
  const found: (readonly [file: string, problems: readonly Problem[]])[] = []

  test.for(corpus())('$file is looked at, and every finding has a place, a code and an example', ({ file }) => {
    const bytes = corpusBytes(file)
    const { problems } = lintOf(file, bytes)
    const lines = new TextDecoder().decode(bytes).split(/\r\n?|\n/).length
    for (const problem of problems) {
      expect(problem.line).toBeGreaterThanOrEqual(1)
      expect(problem.line).toBeLessThanOrEqual(lines)
      expect(problem.severity).toBe('warning')
      expect([problem.found, problem.expected, problem.example].map((text) => text.trim())).not.toContain('')
    }
    found.push([file, problems])
  })

  test('the findings stay so few that people read them', () => {
    const counts = Object.groupBy(
      found.flatMap(([, problems]) => problems),
      ({ code }) => code,
    )
    const table = Object.entries(counts).map(([code, list]) => `${String(list?.length ?? 0).padStart(5)}  ${code}`)
    process.stdout.write(`findings in ${found.length} documents\n${table.sort().reverse().join('\n')}\n`)
    const numbers = found.map(([, problems]) => problems.length).sort((a, b) => a - b)
    expect(numbers[Math.floor(numbers.length / 2)]).toBeLessThanOrEqual(2)
    expect(numbers.at(-1)).toBeLessThanOrEqual(40)
  })

  test('no rule speaks in every fourth document, placeholders apart: what is said everywhere is read nowhere', () => {
    const loud = textCodes.filter(
      (code) => found.filter(([, problems]) => problems.some((each) => each.code === code)).length > found.length / 4,
    )
    expect(loud).toEqual([])
  })
})

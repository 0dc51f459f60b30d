import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clausesOf } from './letters.ts'
import { sieved } from './sieve.ts'

const root = join(import.meta.dirname, '../../..')

/** Every pattern that a recogniser or a reader writes down on a line of its own, or hands to the sieve. */
function patternsOf(folder: string): readonly RegExp[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(root, folder, file), 'utf8')
      const found = text.matchAll(
        /(?:text: |above: |unless: |unless:\s+|sieved\(\s*|^ +)\/(?!\*)((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([imsu]*)(?=[,)\]\s])/gm,
      )
      return [...found].map(([, source = '', flags]) => new RegExp(source, flags))
    })
}

const patterns = [...patternsOf('src/import/recognisers'), ...patternsOf('src/import/reading')]

/** Real lines, and lines made of the words that the patterns themselves are about. */
function lines(): readonly string[] {
  const documents = [
    'docs/import.md',
    'docs/language.md',
    'examples/four-stages/release.md',
    'CHANGELOG.md',
    'docs/lint.md',
  ]
  const real = documents.flatMap((file) => readFileSync(join(root, file), 'utf8').split('\n'))
  const parts = patterns.flatMap(({ source }) =>
    source.split(/[()|]+/).map((part) => part.replace(/\\[bsdw]|[\\?*+^$]/g, ' ')),
  )
  const marks = [' ', ' 1', ' 95% ', ': ', '/', '-', ' K', ' ſ', ' é', '  ', '']
  const made = parts.map(
    (part, at) => `${part}${marks[at % marks.length]}${parts[(at * 7919) % parts.length]} ${at % 300}`,
  )
  return [...real, ...made, '', ' ', '_', 'Kubernetes ſhould paſs']
}

describe('the sieve', () => {
  test('answers as the expressions themselves do, for every pattern here and every text', () => {
    expect(patterns.length).toBeGreaterThan(200)
    const both = patterns.map((pattern) => ({ pattern, sieve: sieved(pattern) }))
    let matches = 0
    for (const line of lines())
      for (const { pattern, sieve } of both) {
        const is = pattern.test(line)
        if (is) matches += 1
        if (sieve.test(line) !== is) expect.fail(`${String(pattern)} on "${line}"`)
      }
    expect(matches).toBeGreaterThan(2_000)
  })

  test('gives what matched, and all places of a pattern with g', () => {
    const days = sieved(/\b(monday|friday)s?\b/gi)
    expect([...days.all('Fridays and a monday')].map((match) => match[1])).toEqual(['Friday', 'monday'])
    expect([...days.all('Sundays')]).toEqual([])
    expect(days.exec('no friday')?.index).toBe(3)
    expect(days.exec('no friday')?.index).toBe(3)
    expect(days.test('sunday')).toBe(false)
  })

  test('knows patterns that come after it was first asked', () => {
    expect(sieved(/\bfirst words\b/).test('the first words')).toBe(true)
    const later = sieved(/\blater words\b/)
    expect(['later words', 'the later words', 'later', 'first words'].map((text) => later.test(text))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

describe('the letters that a pattern cannot do without', () => {
  test.each([
    [/\bpods?\b|\bk8s\b/i, [[' pods ', ' pod ', ' k0s ']]],
    [/\berror rates?\b.{0,40}\bstable\b/i, [[' error rates ', ' error rate '], [' stable ']]],
    [/^deploy\s+(?:the\s+)?app$/i, [[' deploy '], ['app ']]],
    [/(?:a|b)?c\d%/, [['ac0 ', 'bc0 ', 'c0 ']]],
    [/[Cc]ode(?!x)s/, [['codes']]],
  ])('%s', (pattern, clauses) => {
    const sorted = (all: readonly (readonly string[])[]) => all.map((each) => each.toSorted().join()).toSorted()
    expect(sorted(clausesOf(pattern))).toEqual(sorted(clauses))
  })

  test.each([/./, /\w+/, /a*/, /(?:foo)?/, /foo|\w/, /[a-z]+/, /\s/, /(?=foo)/])('%s: none', (pattern) => {
    expect(clausesOf(pattern)).toEqual([])
  })
})

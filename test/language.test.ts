/** The pages on the language say what the code does: every example compiles, every code has its paragraph. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kinds } from '../src/app/app.ts'
import { errorCodes, lintCodes, textCodes, warningCodes } from '../src/core/plan/codes.ts'
import { lint } from '../src/core/plan/lint.ts'
import { renderProblem } from '../src/core/plan/problem.ts'
import { wordNames } from '../src/core/plan/words.ts'
import { newsTopics } from '../src/core/release/news.ts'

const page = (name: string): string => readFileSync(join(import.meta.dirname, '..', 'docs', name), 'utf8')
const language = page('language.md')
const examplesOf = (text: string): readonly { readonly line: number; readonly text: string }[] =>
  [...text.matchAll(/^````markdown\n([^]*?)^````$/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length + 1,
    text: match[1] ?? '',
  }))
const examples = examplesOf(language)

describe.each([
  ['the page on the language', examples],
  ['the page on Kubernetes', examplesOf(page('kubernetes.md'))],
  ['the page on GitHub', examplesOf(page('github.md'))],
])('%s', (_page, shown) => {
  test.each(shown)('its example on line $line compiles', ({ text }) => {
    const { plan, problems } = lint(
      { file: 'language.md', bytes: new TextEncoder().encode(text), shared: null },
      kinds(),
    )
    const wrong = problems.filter((problem) => problem.severity === 'error')
    expect(wrong.map(renderProblem)).toEqual([])
    expect(plan?.steps.length).toBeGreaterThan(0)
  })
})

describe('the page on the language', () => {
  test('has an example of every block', () => {
    const shown = new Set(
      examples.flatMap(({ text }) => [...text.matchAll(/^ *```[a-z]+ ([a-z-]+)/gm)].map((match) => match[1])),
    )
    expect(wordNames.filter((word) => !shown.has(word))).toEqual([])
  })

  test('names every event a message can be bound to', () => {
    expect(newsTopics.filter((topic) => !language.includes(`\`${topic}\``))).toEqual([])
  })
})

test('every code has its paragraph, and every paragraph a code', () => {
  const described = [...page('lint.md').matchAll(/^#### `([a-z-]+)`\n\n(.{20,})$/gm)].map((match) => match[1] ?? '')
  expect(new Set(described)).toEqual(new Set([...errorCodes, ...warningCodes, ...lintCodes, ...textCodes]))
  expect(described).toHaveLength(new Set(described).size)
})

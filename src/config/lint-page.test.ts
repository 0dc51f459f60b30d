/** Each code that lint tells has its words in what is shipped. */
import { expect, test } from 'vitest'
import { lintPage, pagesIn } from './lint-page.ts'

test('the words of a code end where the next heading begins, and headings inside of examples are none', () => {
  const text =
    '## A\n\nno\n\n#### `one`\n\nFirst.\n\n````markdown wrong\n## In it\n````\n\n#### `two`\n\nSecond.\n\n## B\n\nno'
  const found = pagesIn(text)
  expect([...found.keys()]).toEqual(['one', 'two'])
  expect(found.get('one')).toBe('First.\n\n````markdown wrong\n## In it\n````')
  expect(found.get('two')).toBe('Second.')
})

test('what is shipped has the words of a rule, and none for a code that is not there', () => {
  expect(lintPage('rehearsal-missing')).toContain('There is a way back')
  expect(lintPage('__proto__')).toBeNull()
})

/** A mention is of somebody known, is completed where the caret is, and leaves the text as it was written. */
import { expect, test } from 'vitest'
import { begunAt, completed, fitting, mentionsIn } from './mentions.ts'

const ana = { id: 'ana', name: 'Ana Lopez', roles: [] }
const dot = { id: 'ben.b', name: 'Ben Brook', roles: [] }
const people = [ana, dot]

const marked = (text: string): string =>
  mentionsIn(text, people)
    .map(({ words, person }) => (person === null ? words : `[${words}]`))
    .join('')

test('known names are mentions, also before a full stop; addresses, strangers and half words are not', () => {
  expect(marked('ask @ana, then @ben.b.')).toBe('ask [@ana], then [@ben.b].')
  expect(marked('@Ana and @ana.')).toBe('[@Ana] and [@ana].')
  expect(marked('mail ana@example.com, x@ana, @anaconda and @eve')).toBe(
    'mail ana@example.com, x@ana, @anaconda and @eve',
  )
  expect(marked('')).toBe('')
  for (const text of ['@ana', 'a @ana b', '@ana@ana', '@@ana'])
    expect(
      mentionsIn(text, people)
        .map(({ words }) => words)
        .join(''),
    ).toBe(text)
})

test('what is being written is found at the caret, and completed there', () => {
  expect(begunAt('ask @an about it', 7)).toEqual({ at: 4, words: 'an' })
  expect(begunAt('ask @an about it', 12)).toBeNull()
  expect(begunAt('mail ana@ex', 11)).toBeNull()
  expect(begunAt('@', 1)).toEqual({ at: 0, words: '' })
  expect(completed('ask @an about it', { at: 4, words: 'an' }, 7, 'ana')).toEqual({
    text: 'ask @ana about it',
    caret: 8,
  })
  expect(completed('ask @an', { at: 4, words: 'an' }, 7, 'ana')).toEqual({ text: 'ask @ana ', caret: 9 })
})

test('names that begin so come first, first names and family names alike', () => {
  expect(fitting('b', people)).toEqual([dot])
  expect(fitting('lop', people)).toEqual([ana])
  expect(fitting('a', [dot, ana]).map(({ id }) => id)).toEqual(['ana'])
  expect(fitting('', people)).toHaveLength(2)
  expect(fitting('zz', people)).toEqual([])
})

/** The lines below a plan that say what a start would wait for. */
import { expect, test } from 'vitest'
import type { ReadinessLine } from '../report/readiness.ts'
import { readinessLines } from './plan-readiness.ts'

const line = (id: string, answer: ReadinessLine['answer'], say: string): ReadinessLine => ({
  id,
  what: id,
  answer,
  say,
  steps: [],
})
const words = (all: readonly ReadinessLine[]) =>
  readinessLines(all).map((spans) => spans.map((span) => (typeof span === 'string' ? span : span[0])).join(''))

test('a plan says what is missing, what is fresh, and nothing where there is nothing to say', () => {
  const nothing = [line('records', 'not asked', 'no record is asked for'), line('incidents', 'yes', 'none')]
  expect(words([...nothing, line('follow-ups', 'yes', '0 open, 0 overdue')])).toEqual([])
  expect(
    words([
      line('records', 'no', 'there is no record yet'),
      line('incidents', 'yes', 'none'),
      line('window', 'yes', 'ok'),
    ]),
  ).toEqual(['', 'As things stand', '  ✖ records: there is no record yet', '  ✔ window: ok'])
})

/** What a record measured is read as words, not as names of fields. */
import { expect, test } from 'vitest'
import { factWords } from './fact-words.ts'

test('the facts of a rehearsal say its versions and the time of each step', () => {
  expect(
    factWords({
      from: '1.0.0',
      way_back: 'ab'.repeat(32),
      'before api': '1.0.0',
      'seconds of taken back: api: deployed': 1.026,
      'seconds of The dump is loaded': 700,
      'seconds of It answers': 0.016,
      rows: 3,
    }),
  ).toEqual([
    { name: 'from', value: '1.0.0' },
    { name: 'way back', value: 'abababababab' },
    { name: 'before api', value: '1.0.0' },
    { name: 'taken back: api: deployed', value: '1.0 s' },
    { name: 'The dump is loaded', value: '11 min' },
    { name: 'It answers', value: 'under 0.1 s' },
    { name: 'rows', value: '3' },
  ])
})

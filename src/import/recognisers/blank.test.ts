/** Blanks, choices and labels become typed values that somebody fills in. */
import { describe, expect, test } from 'vitest'
import { blank } from './blank.ts'
import { known, knownTask } from './cases.ts'

describe('a value to fill in', () => {
  test.for([
    ['Build number: ____', { label: 'Build number', type: 'number' }],
    ['Error rate before: _______ %', { label: 'Error rate before', type: 'percent' }],
    ['Release date: .......', { label: 'Release date', type: 'date' }],
    ['Rollback time [____]', { label: 'Rollback time', type: 'duration' }],
    ['Version: ______', { label: 'Version', type: 'text' }],
    ['Ready to go: Yes / No', { label: 'Ready to go', type: 'choice', options: ['Yes', 'No'] }],
    ['Decision: Go / No-Go', { label: 'Decision', options: ['Go', 'No-Go'] }],
    ['Name:', { label: 'Name', type: 'text' }],
  ] as const)('%s', ([words, params]) =>
    expect(knownTask(blank, words)).toMatchObject({ kind: 'form-field', role: 'field', params }),
  )

  test('is proposed as a field with its type', () => {
    expect(knownTask(blank, 'Open tickets: ____')?.proposal?.block).toBe(
      '```yaml fields\nopen-tickets: { label: Open tickets, type: text }\n```',
    )
  })

  test('may be a choice between boxes on one line', () => {
    expect(known(blank, 'Type of release: [ ] Major [ ] Minor [ ] Patch\n', 1)).toMatchObject({
      params: { options: ['Major', 'Minor', 'Patch'] },
    })
  })

  test('below a signature has no block of its own', () => {
    const text = '# R\n\n- [ ] Approved by QA\n  - [ ] Name: ____\n'
    expect(known(blank, text, 4)).toMatchObject({ kind: 'form-field', proposal: null })
  })

  test.for(['Name the release', 'Run snake_case_check', 'Answer yes/no to the questions', 'Wait ... then look'])(
    'is not meant by: %s',
    (words) => expect(knownTask(blank, words)).toBeNull(),
  )
})

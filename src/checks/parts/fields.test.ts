import { expect, test } from 'vitest'
import { patternField } from './fields.ts'

test('a pattern that names a value is refused, since it would be read as it stands', () => {
  const [issue] = patternField.safeParse('(?i)error.*{{ release }}').error?.issues ?? []
  expect(issue?.message).toBe(
    'expected a pattern without {{ release }}: no value is put into one; for these very characters write \\{\\{',
  )
  expect(patternField.safeParse('\\{\\{ name').success).toBe(true)
  expect(patternField.safeParse('a{2,3}').success).toBe(true)
})

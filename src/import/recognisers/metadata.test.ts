/** Lines about the document itself. */
import { describe, expect, test } from 'vitest'
import { known } from './cases.ts'
import { metadata } from './metadata.ts'

describe('a line about the document', () => {
  test.for([
    '**Last updated**: 2026-01-02',
    'Document version: 3',
    'Maintained by: the platform team',
    'Status: draft',
    'This document is for everybody who ships.',
    'Checklist for the shop.',
  ])('%s', (line) => expect(known(metadata, `${line}\n`, 1)).toMatchObject({ kind: 'metadata', role: 'note' }))

  test.for([
    'Version: ____',
    'Complete all sections of this checklist before you go on.',
    'The owner is asked.',
    'This release is large.',
  ])('is none: %s', (line) => expect(known(metadata, `${line}\n`, 1)).toBeNull())

  test('a task is none, whatever it says', () => {
    expect(known(metadata, '- [ ] Version: 3\n', 1)).toBeNull()
  })
})

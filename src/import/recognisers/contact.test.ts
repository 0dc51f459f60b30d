/** Whom to reach and how, and who has to be there. */
import { describe, expect, test } from 'vitest'
import { known, knownTask } from './cases.ts'
import { contact } from './contact.ts'

const listed = (line: string, heading = 'Contacts'): string => `# R\n\n## ${heading}\n\n- ${line}\n`

describe('a contact', () => {
  test.for([
    ['Ops lead: ops@shop.example', 'Contacts', { who: 'Ops lead', how: 'ops@shop.example' }],
    ['Database: #db-help', 'Support channels', { who: 'Database', how: '#db-help' }],
    ['Night shift: +49 30 1234567', 'On-call', { who: 'Night shift' }],
    ['Second level: PagerDuty', 'Escalation', { how: 'PagerDuty' }],
  ] as const)('%s', ([line, heading, params]) =>
    expect(known(contact, listed(line, heading), 5)).toMatchObject({ kind: 'contact', role: 'contact', params }),
  )

  test.for([
    'On-call engineer is known',
    'War room is open',
    'Escalation contacts are up to date',
    'Two engineers available during the release',
  ])('is needed by: %s', (words) => expect(knownTask(contact, words)).toMatchObject({ kind: 'contact', role: 'step' }))

  test.for([
    'Contact lenses are ordered',
    'Notify the on-call team',
    'War room is scheduled',
    'Call the function twice',
  ])('is not needed by: %s', (words) => expect(knownTask(contact, words)).toBeNull())

  test('in a list of something else is none', () => {
    expect(known(contact, `- [ ] a\n\n${listed('Ops lead: ops@shop.example', 'Tools')}`, 7)).toBeNull()
  })
})

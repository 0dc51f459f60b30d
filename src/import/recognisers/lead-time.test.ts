/** How long before, until when, and how often. */
import { describe, expect, test } from 'vitest'
import { known, knownTask } from './cases.ts'
import { leadTime } from './lead-time.ts'

describe('a time in a heading', () => {
  test.for([
    ['Code freeze (2 weeks before)', { lead: '2 weeks before' }],
    ['T-5: freeze', { lead: 'T-5' }],
    ['The day before', { lead: 'day before' }],
    ['10 working days prior to release', { lead: '10 working days prior' }],
    ['After the release (within 24 hours)', {}],
  ] as const)('%s', ([title, params]) =>
    expect(known(leadTime, `## ${title}\n`, 1)).toMatchObject({ kind: 'schedule', role: 'rule', params }),
  )

  test.for([
    ['Code freeze (2 weeks before)', 'due: 14d before'],
    ['Checks (1-2 days before)', 'due: 1d before'],
    ['The day before', 'due: 1d before'],
    ['10 working days prior to release', 'due: 10 working days before'],
    ['T-5: freeze', null],
    ['Freeze two months before', null],
  ] as const)('%s makes a phase that is due then', ([title, due]) => {
    const block = due === null ? undefined : `\`\`\`yaml phase\n${due}\n\`\`\``
    expect(known(leadTime, `# R\n\n## ${title}\n\n- [ ] Ready\n`, 3)?.proposal?.block).toBe(block)
  })

  test.for(['Before the release', 'Two weeks', 'Within reason', 'Stage 2: 25% (1 hour)'])('is none: %s', (title) =>
    expect(known(leadTime, `## ${title}\n`, 1)).toBeNull(),
  )
})

describe('a time in a line', () => {
  test.for([
    'DNS change scheduled',
    'Schedule the maintenance',
    'Nightly backups are enabled',
    'Automated weekly reports',
  ])('%s', (words) => expect(knownTask(leadTime, words)).toMatchObject({ kind: 'schedule', role: 'step' }))

  test('that comes again and again is a rule', () => {
    expect(known(leadTime, '# R\n\nEvery quarter: restore a backup.\n', 3)).toMatchObject({ role: 'rule' })
  })

  test.for(['On-call schedule confirmed', 'Daily life goes on', 'The next release is known'])('is none: %s', (words) =>
    expect(knownTask(leadTime, words)).toBeNull(),
  )
})

/** Things with an age. */
import { describe, expect, test } from 'vitest'
import { knownTask } from './cases.ts'
import { freshness } from './freshness.ts'

describe('a thing with an age', () => {
  test.for([
    ['Database backup completed within the last 12 hours', 'file-freshness', '12h'],
    ['Backup taken in the past 2 days', 'file-freshness', '2d'],
    ['Restore tested in the last 60 days', 'record-freshness', '60d'],
    ['API keys rotated within last 2 weeks', 'record-freshness', '14d'],
    ['Failover rehearsed in the last 3 months', 'record-freshness', '90d'],
  ] as const)('%s', ([words, kind, maxAge]) => {
    const found = knownTask(freshness, words)
    expect(found).toMatchObject({ kind, role: 'step', params: { maxAge } })
    expect(found?.proposal?.block).toContain(`\nmax-age: ${maxAge}\n`)
  })

  test.for(['Backup taken', 'Snapshot of the volume exists', 'Restore drill done', 'DR drill'])(
    'of which no age is said is for a person: %s',
    (words) => expect(knownTask(freshness, words)).toMatchObject({ proposal: null }),
  )

  test.for([
    'Backup retention is 14 days',
    'Backup policy documented',
    'Store opened',
    'Read the last page',
    'Within 2 days of the release, write to the team',
  ])('is not meant by: %s', (words) => expect(knownTask(freshness, words)).toBeNull())
})

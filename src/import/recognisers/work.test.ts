/** What a team does itself: telling people, learning, running commands nobody wrote down, and looking. */
import { describe, expect, test } from 'vitest'
import type { Kind, Recogniser } from '../item.ts'
import { knownTask, seen, task } from './cases.ts'
import { command, manual, notification, retrospective } from './work.ts'

interface Cases {
  readonly recogniser: Recogniser
  readonly is: readonly string[]
  readonly not: readonly string[]
}

const cases: Readonly<Partial<Record<Kind, Cases>>> = {
  notification: {
    recogniser: notification,
    is: [
      'Notify support',
      'Update the status page',
      'Announce it in #news',
      'Support team informed',
      'Blog post is out',
    ],
    not: [
      'Notification template is under review',
      'Scheduled in #news',
      'Write the code',
      'The plan to notify is made',
    ],
  },
  retrospective: {
    recogniser: retrospective,
    is: ['Hold a retrospective', 'Document lessons learned', 'Post-mortem is written', 'Record any issues'],
    not: ['Schedule a retrospective', 'Read the lesson', 'Record a video'],
  },
  command: {
    recogniser: command,
    is: ['Docker images built', 'Deploy to staging', 'Smoke tests', 'Linting is clean', 'Migrations tested'],
    not: ['Deployment guide is new', 'The image of the company is good', 'Migration documented', 'Rest a bit'],
  },
  manual: {
    recogniser: manual,
    is: ['Runbook documented', 'Try it by hand, manually', 'Support tickets are read', 'Architecture reviewed'],
    not: ['Error rate < 1%', 'Code review done', 'Buy flowers', 'Previous documentation is kept'],
  },
}

describe.for(Object.entries(cases))('%s', ([kind, { recogniser, is, not }]) => {
  test.for([...is])('is meant by: %s', (words) => {
    expect(knownTask(recogniser, words)).toMatchObject({ kind, role: 'step', proposal: null })
    expect(task(words).kind).toBe(kind)
  })
  test.for([...not])('is not meant by: %s', (words) => expect(knownTask(recogniser, words)).toBeNull())
})

test('an item with steps in it groups them, and keeps what it is about', () => {
  expect(seen('- [ ] Linting\n  - [ ] frontend\n  - [ ] backend\n', 1)).toMatchObject({
    role: 'group',
    kind: 'group',
    alsoKinds: ['command'],
  })
})

/** When a task is told of, and when it is told anew. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FollowUp } from '../ports/follow-up.ts'
import { followUpNotice } from './notices.ts'

const DAY = 86_400_000

const task = (more: Partial<FollowUp> = {}): FollowUp => ({
  id: 'r1/incident-1/post-mortem',
  title: 'Post-mortem of the P1 incident: orders were lost',
  kind: 'post-mortem',
  severity: 'high',
  service: 'shop',
  environment: 'production',
  release: 'r1',
  owner: 'ana',
  due: 10 * DAY,
  link: null,
  note: '',
  by: 'ana',
  at: 0,
  closed: null,
  ...more,
})

test('a deadline is told a day before, or after half of a shorter time, and again when it has passed', () => {
  const topicAt = (followUp: FollowUp, at: number) => followUpNotice(followUp, at)?.topic ?? null
  expect([9 * DAY - 1, 9 * DAY, 10 * DAY, 10 * DAY + 1].map((at) => topicAt(task(), at))).toEqual([
    null,
    'follow-up.due',
    'follow-up.due',
    'follow-up.overdue',
  ])
  expect([49, 50, 101].map((at) => topicAt(task({ due: 100 }), at))).toEqual([
    null,
    'follow-up.due',
    'follow-up.overdue',
  ])
})

test('the sentence says what, of what, who owes it and until when', () => {
  expect(followUpNotice(task({ owner: null }), 11 * DAY)?.say).toBe(
    'Overdue: Post-mortem of the P1 incident: orders were lost (shop, release r1; high); nobody owns it, due 1970-01-11 00:00 UTC',
  )
})

test('what is done, or has no deadline, is never told; another owner or deadline makes another notice', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 * DAY }), fc.integer({ min: 1, max: 20 * DAY }), (now, due) => {
      expect(followUpNotice(task({ due: null }), now)).toBeNull()
      expect(followUpNotice(task({ due, closed: { by: 'ana', at: 1, note: 'done' } }), now)).toBeNull()
      const notice = followUpNotice(task({ due }), now)
      expect(notice?.topic === 'follow-up.overdue').toBe(due < now)
      if (notice === null) return
      expect(followUpNotice(task({ due }), now)?.id).toBe(notice.id)
      expect(followUpNotice(task({ due, owner: 'ben' }), now)?.id).not.toBe(notice.id)
    }),
    { numRuns: 50 },
  )
})

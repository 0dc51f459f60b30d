/** What stands in the way of a start, told before there is one. */
import { expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import type { FollowUp } from '../core/ports/follow-up.ts'
import type { LedgerRecord } from '../core/ports/store.ts'
import { testKinds } from '../core/plan/test-kinds.ts'
import { type BeforeStart, startReadiness } from './start-readiness.ts'

const DAY = 86_400_000
/** A Monday. */
const now = Date.parse('2026-03-02T12:00:00Z')

const document = `---
holdpoint: 1
service: shop
windows: { days: { zone: UTC, allow: [{ weekdays: tue, from: "09:00", to: "17:00" }] } }
---
# Shop
## Before
- [ ] A restore was tested
  \`\`\`yaml record
  name: restore-test
  max-age: 30d
  \`\`\`
## Ship
\`\`\`yaml phase
window: days
\`\`\`
- [ ] It is out
`
const { plan, problems } = compile({ file: 'x.md', bytes: new TextEncoder().encode(document), shared: null }, testKinds)
if (plan === null) throw new Error(JSON.stringify(problems))

const record = (age: number): LedgerRecord => ({
  id: 'r',
  name: 'restore-test',
  observedAt: now - age,
  recordedAt: now,
  by: 'ana',
  note: '',
  evidence: [],
  release: null,
})
const task: FollowUp = {
  id: 'f',
  title: 'Alert on a full disk',
  kind: 'lesson',
  severity: 'high',
  service: 'shop',
  environment: null,
  release: null,
  owner: 'ana',
  due: now - 1,
  link: null,
  note: '',
  by: 'ana',
  at: 0,
  closed: null,
}
const lines = (around: Partial<BeforeStart>) =>
  startReadiness(plan, { now, signers: [], records: [], followUps: [], incidents: [], ...around })
const answers = (around: Partial<BeforeStart>) =>
  Object.fromEntries(lines(around).map(({ id, answer, say }) => [id, `${answer}: ${say}`]))

test('a missing and an aged record, an overdue follow-up and an open incident are told before a start', () => {
  expect(answers({})).toMatchObject({
    records: 'no: 0 of 1; restore-test: there is no record yet',
    incidents: 'yes: none',
    'follow-ups': 'yes: 0 open, 0 overdue',
  })
  expect(
    answers({
      records: [record(40 * DAY)],
      followUps: [task],
      incidents: [{ version: '1.4.0', severity: 'P1', reason: 'orders are lost' }],
    }),
  ).toMatchObject({
    records: 'no: 0 of 1; restore-test: the newest record is 40 d old, at most 30 d allowed',
    incidents: 'no: P1 of 1.4.0: orders are lost',
    'follow-ups': 'no: 1 open, 1 overdue: Alert on a full disk',
  })
})

test('a fresh record says its age, and a start now says when it would be through', () => {
  const told = answers({ records: [record(2 * DAY)] })
  expect(told['records']).toBe('yes: 1 of 1; restore-test: observed 2 d ago, at most 30 d allowed')
  expect(told['window']).toContain('yes: it would be through at 2026-03-03 09:00 UTC')
})

test('who may not see records is told that, and not that there are none', () => {
  expect(answers({ records: null })['records']).toBe('not asked: 1 asked for, which you may not see')
})

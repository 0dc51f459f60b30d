import { expect, test } from 'vitest'
import { started, yes } from '../../test/support/canary.ts'
import { approval, phase, plan, question, rollout, stage, step } from '../../test/support/plan-builder.ts'
import { person } from '../../test/support/release-spec.ts'
import type { FollowUp } from '../core/ports/follow-up.ts'
import { readinessOf } from './readiness.ts'

const ana = person('ana')
const of = plan(
  [
    phase('p', [
      step('unit', question, { text: 'Unit tests pass' }),
      step('notes', question),
      step(
        'restore',
        { word: 'record', name: 'restore-test', maxAgeMs: 86_400_000, drill: null },
        { text: 'Restore tested' },
      ),
      step('sign', approval()),
      step('r', rollout([stage(100)])),
    ]),
  ],
  { roles: { lead: [{ id: 'ana', key: null }] } },
)
const task = (more: Partial<FollowUp>): FollowUp => ({
  id: 'x',
  title: 'Alert on a full disk',
  kind: 'lesson',
  severity: 'high',
  service: 'shop',
  environment: null,
  release: 'an-older-one',
  owner: null,
  due: 1,
  link: null,
  note: '',
  by: 'ana',
  at: 0,
  closed: null,
  ...more,
})
const none = { followUps: [], debt: [] }

test('says yes, no and not asked for all that comes before the rollout, with what is missing', () => {
  const spec = started(of).do({ ...yes, step: 'unit' }, ana)
  const told = readinessOf(spec.current, { now: spec.now, ...none })
  expect(told.ready).toBe(false)
  expect(told.lines.map(({ id, answer }) => `${id}: ${answer}`)).toEqual([
    'items: no',
    'tests: yes',
    'security: not asked',
    'rollback: no',
    'training: not asked',
    'approvals: no',
    'records: no',
    'known-issues: not asked',
    'window: not asked',
    'waivers: yes',
    'incidents: yes',
    'follow-ups: yes',
    'debt: yes',
  ])
  expect(told.lines[0]?.say).toBe('1 of 4 done; open: notes, Restore tested, sign')
})

test('is ready when all is done, the record has its age beside it, and the rollout itself is not asked for', () => {
  const spec = started(of)
    .do({ ...yes, step: 'unit' }, ana)
    .do({ ...yes, step: 'notes' }, ana)
  spec.do({ kind: 'UseRecord', step: 'restore', record: 'rec-1', observedAt: spec.now - 1000, say: 'fresh' })
  spec.do({ kind: 'Approve', step: 'sign', role: null, digest: null, typed: null, note: null }, ana)
  const told = readinessOf(spec.current, { now: spec.now, ...none })
  expect(told.ready).toBe(true)
  expect(told.lines.find(({ id }) => id === 'records')?.say).toBe('1 of 1; Restore tested: of 1970-01-01 00:16 UTC')
})

test('an important task of an earlier release that is overdue keeps it from being ready; its own do not', () => {
  const spec = started(of)
  const answer = (...followUps: readonly FollowUp[]) =>
    readinessOf(spec.current, { now: spec.now, debt: [], followUps }).lines.find(({ id }) => id === 'follow-ups')
  expect(answer(task({}))).toMatchObject({ answer: 'no', say: '1 open, 1 overdue: Alert on a full disk' })
  expect(answer(task({ severity: 'normal' }))).toMatchObject({
    answer: 'yes',
    say: expect.stringContaining('1 overdue'),
  })
  expect(answer(task({ due: spec.now + 1 }))).toMatchObject({ answer: 'yes' })
  expect(answer(task({ release: 'r1' }), task({ service: 'other' }))).toMatchObject({ say: '0 open, 0 overdue' })
  expect(answer(task({ closed: { by: 'b', at: 1, note: 'x' } }))).toMatchObject({ answer: 'yes' })
})

test('an open incident is told, and so is who waived what', () => {
  const spec = started(of)
  spec.do({ kind: 'Waive', step: 'notes', reason: 'none needed', role: 'lead', expires: null }, ana)
  spec.do({ kind: 'DeclareIncident', severity: 'P3', reason: 'slow search' }, ana)
  const told = readinessOf(spec.current, { now: spec.now, ...none })
  expect(told.lines.find(({ id }) => id === 'incidents')).toMatchObject({ answer: 'no', say: 'P3: slow search' })
  expect(told.lines.find(({ id }) => id === 'waivers')?.say).toBe('notes (ana as lead: none needed)')
})

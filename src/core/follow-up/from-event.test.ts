import { expect, test } from 'vitest'
import { atFirstStage, started, yes } from '../../../test/support/canary.ts'
import { phase, plan, question, rollout, run, command, stage, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import type { FollowUpPlan } from '../plan/plan.ts'
import type { FollowUp } from '../ports/follow-up.ts'
import { evolve } from '../release/evolve.ts'
import type { ReleaseState } from '../release/state.ts'
import { followUpsOf } from './from-event.ts'

const ana = person('ana')
const task = (title: string, more: Partial<FollowUpPlan> = {}): FollowUpPlan => ({
  title,
  after: ['release'],
  owner: null,
  severity: 'normal',
  due: null,
  ...more,
})

/** All that a log left behind, as a reader of it would find them. */
function leftBy(spec: ReleaseSpec): readonly FollowUp[] {
  let state: ReleaseState | null = null
  return spec.recorded.flatMap((recorded) => {
    state = evolve(state, recorded)
    return followUpsOf(state, recorded)
  })
}
const titles = (spec: ReleaseSpec) => leftBy(spec).map(({ title }) => title)
const oneQuestion = [phase('p', [step('q', question)])]

test('a lesson that somebody adds becomes a task of the service, with owner and deadline', () => {
  const spec = started(plan(oneQuestion))
  const due = spec.now + 1000
  const lesson = {
    title: 'Alert on a full disk',
    severity: 'high',
    owner: 'ben',
    due,
    link: 'https://t.example/7',
  } as const
  spec.do({ kind: 'AddFollowUp', ...lesson }, ana)
  expect(leftBy(spec)).toMatchObject([
    { id: 'r1/follow-up-1', kind: 'lesson', service: 'shop', release: 'r1', by: 'ana', closed: null, ...lesson },
  ])
})

test('lessons are taken after the end too, and refused where they are no task', () => {
  const spec = started(plan(oneQuestion)).do({ ...yes, step: 'q' }, ana)
  const lesson = { kind: 'AddFollowUp', title: 'x', severity: 'normal', owner: null, due: null, link: null } as const
  expect(spec.current.phase).toBe('closed')
  spec.do(lesson, ana)
  spec.refused({ ...lesson, title: ' ' }, ana, 'reason-required')
  spec.refused({ ...lesson, link: 'javascript:alert(1)' }, ana, 'bad-answer')
  spec.refused({ ...lesson, due: spec.now }, ana, 'bad-answer')
})

test('the checklist leaves tasks after releases of the types it names', () => {
  const followUps = {
    notes: task('Announce {{ version }}'),
    retrospective: task('Retrospective held', { after: ['major'], due: { workingDays: 5 } }),
  }
  const of = plan(oneQuestion, { followUps })
  const minor = new ReleaseSpec().start(of, { version: '1.5.0', previous: '1.4.0' }).do({ ...yes, step: 'q' }, ana)
  expect(titles(minor)).toEqual(['Announce 1.5.0'])
  const major = new ReleaseSpec().start(of, { version: '2.0.0', previous: '1.5.0' }).do({ ...yes, step: 'q' }, ana)
  expect(leftBy(major).map(({ title, kind }) => [title, kind])).toEqual([
    ['Announce 2.0.0', 'other'],
    ['Retrospective held', 'retrospective'],
  ])
})

test('a major release makes the review of its checklist due; a minor one does not', () => {
  const of = plan(oneQuestion, { reviewAfter: 'major' })
  const after = (version: string) =>
    titles(new ReleaseSpec().start(of, { version, previous: '1.4.0' }).do({ ...yes, step: 'q' }, ana))
  expect(after('2.0.0')).toEqual(['Review the checklist release.md after 2.0.0'])
  expect(after('1.5.0')).toEqual([])
  expect(after('tuesday')).toHaveLength(1)
})

test('an incident leaves its post-mortem, and what it asked of people and nobody answered', () => {
  const of = plan(
    [
      phase('p', [step('go', run(), { undo: command('undo') }), step('r', rollout([stage(5), stage(100)]))]),
      phase('i', [step('tell support', question, { owner: 'dora' })], { kind: 'incident' }),
    ],
    { postMortem: { ms: 86_400_000 }, severities: { P1: { action: 'rollback', tell: [], withinMs: null } } },
  )
  const spec = atFirstStage(of).do({ kind: 'DeclareIncident', severity: 'P1', reason: 'orders are lost' }, ana)
  const due = spec.now + 86_400_000
  spec.restore('r', 'api').attempt('go', 'undo', 'passed')
  expect(spec.current.phase).toBe('rolled-back')
  expect(leftBy(spec)).toMatchObject([
    {
      title: 'Post-mortem of the P1 incident: orders are lost',
      kind: 'post-mortem',
      owner: 'ana',
      due,
      severity: 'high',
    },
    { title: 'tell support', kind: 'incident', owner: 'dora' },
  ])
})

test('a waiver that ends comes up again when it ends', () => {
  const spec = started(plan(oneQuestion, { roles: { lead: [{ id: 'ana', key: null }] } }))
  const expires = spec.now + 3_600_000
  spec.do({ kind: 'Waive', step: 'q', reason: 'known flake', role: 'lead', expires }, ana)
  expect(leftBy(spec)).toMatchObject([{ kind: 'waiver', title: 'Waived for a while: q', due: expires, owner: 'ana' }])
})

test('a rehearsal leaves what it taught and no tasks of a release', () => {
  const of = plan(oneQuestion, {
    reviewAfter: 'patch',
    followUps: { notes: task('Announce'), drill: task('Runbook updated', { after: ['rehearsal'] }) },
  })
  const spec = new ReleaseSpec().start(of, { rehearsal: true }).do({ ...yes, step: 'q' }, ana)
  expect(leftBy(spec)).toMatchObject([{ title: 'Runbook updated', kind: 'drill' }])
})

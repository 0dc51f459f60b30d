/** What a release's messages show on the public status page: both lifecycles, no internals, and an end whatever happens. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { phase, plan, question, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import type { MessagePlan } from '../plan/plan.ts'
import { isOver, standingOf } from '../status/entries.ts'
import { newsTopics } from './news.ts'
import { publicEntriesOf } from './public-entries.ts'

const message = (on: string, more: Partial<MessagePlan> = {}): MessagePlan => ({
  id: `notify-${on}`,
  line: 1,
  on,
  to: ['status'],
  everyMs: null,
  when: null,
  body: '',
  ...more,
})

function telling(messages: readonly MessagePlan[]): ReleaseSpec {
  return deliver(new ReleaseSpec().start({ ...plan([phase('p', [step('q', question)])]), messages }))
}

function deliver(spec: ReleaseSpec): ReleaseSpec {
  for (let due = sending(spec); due.length > 0; due = sending(spec))
    for (const id of due) spec.do({ kind: 'ReportDelivery', message: id, ok: true, final: true, say: 'shown' })
  return spec
}

const sending = (spec: ReleaseSpec): string[] =>
  spec.due().flatMap((effect) => (effect.kind === 'SendMessage' ? [effect.message] : []))

const standing = (spec: ReleaseSpec): string[] =>
  publicEntriesOf(spec.current).map((entry) => `${entry.title}: ${standingOf(entry)}`)

test('a maintenance is under way with the release and completed with its end, in the texts of the checklist', () => {
  const spec = telling([message('release.started', { body: 'We update {{ service }}.' })])
  expect(standing(spec)).toEqual([`Maintenance of ${spec.current.plan.service}: in_progress`])
  deliver(spec.do({ kind: 'Abort', why: 'secret reason', leave: false, typed: null }, person('ana')))
  const [entry] = publicEntriesOf(spec.current)
  expect(entry?.updates.map(({ text }) => text)).toEqual([
    `We update ${spec.current.plan.service}.`,
    'The maintenance is completed.',
  ])
})

test('an incident is opened by bad news without saying why, and resolved when it is over', () => {
  const spec = telling([
    message('release.held'),
    message('release.resumed', { status: 'resolved', body: 'All is well.' }),
  ])
  deliver(spec.do({ kind: 'Hold', why: 'ben broke it' }, person('ana')))
  expect(JSON.stringify(publicEntriesOf(spec.current))).not.toMatch(/ben|ana/)
  expect(standing(spec)).toEqual([`Problems with ${spec.current.plan.service}: investigating`])
  deliver(spec.do({ kind: 'Resume', why: 'fixed' }, person('ana')))
  expect(standing(spec)).toEqual([`Problems with ${spec.current.plan.service}: resolved`])
})

test('a message that goes elsewhere is not on the page', () => {
  expect(standing(telling([message('release.started', { to: ['console'] })]))).toEqual([])
})

test('whatever a checklist tells the page, nothing of it is open once the release is over', () => {
  const told = fc.uniqueArray(fc.constantFrom(...newsTopics), { maxLength: 6 })
  fc.assert(
    fc.property(told, fc.boolean(), fc.boolean(), (topics, isHeld, isLeft) => {
      const spec = telling(topics.map((on) => message(on)))
      if (isHeld) deliver(spec.do({ kind: 'Hold', why: 'x' }, person('ana')))
      const abort = { kind: 'Abort', why: 'x', leave: isLeft, typed: isLeft ? 'r1' : null } as const
      spec.do(abort, person('ana'))
      if (isLeft) spec.do(abort, person('ben'))
      deliver(spec)
      expect(publicEntriesOf(spec.current).every(isOver)).toBe(true)
    }),
    { numRuns: 40, seed: 5 },
  )
})

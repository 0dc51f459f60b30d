/** A reader that gets changes has what a reader of whole views has, whatever happens to the release. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seeded } from '../../test/support/fuzz-seed.ts'
import { manySteps } from '../../test/support/many-steps.ts'
import {
  check,
  message,
  phase,
  plan,
  question,
  rollout,
  run,
  stage,
  step,
  trigger,
  wait,
  watch,
} from '../../test/support/plan-builder.ts'
import { person, ReleaseSpec, verdict } from '../../test/support/release-spec.ts'
import { FollowedView as PageView } from '../../web/src/api/followed-view.ts'
import { kinds } from '../app/app.ts'
import { compile } from '../core/plan/compile.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { ReleaseCommand } from '../core/release/commands.ts'
import { type ReleaseView, viewOf } from '../report/view.ts'
import { FollowedView } from './followed-view.ts'
import { ViewPieces } from './view-pieces.ts'

/** As it arrives. */
const sent = (view: ReleaseView): unknown => JSON.parse(JSON.stringify(view))
const whole = (pieces: ViewPieces): string => `{"number":${pieces.number},"view":${pieces.whole()}}`

/** Reads by both clients, and looks only when told: a slow reader gets fewer views. */
class Reader {
  readonly changes: string[] = []
  readonly #readers = [new FollowedView(), new PageView()]
  #had = 0

  look(pieces: ViewPieces, expected: unknown): void {
    const change = this.#had === 0 ? null : pieces.changeSince(this.#had)
    if (change !== null) this.changes.push(change)
    this.#had = pieces.number
    const [event, data] = change === null ? ['view', whole(pieces)] : ['change', change]
    for (const reader of this.#readers) expect(reader.read(event, data)).toEqual(expected)
  }
}

const steps = ['a', 'b', 'c', 'd', 'e', 'f']
/** Any order of any of them; `go` and the rollout stand where they stood. */
const planOf = (order: readonly string[], cut: number, timeoutMs: number): Plan =>
  plan(
    [
      phase(
        'first',
        order.slice(0, cut).map((id, at) => step(id, at % 2 === 0 ? question : check({ timeoutMs }))),
      ),
      phase('then', [
        step('go', run()),
        ...order.slice(cut).map((id) => step(id, question, { owner: 'dana' })),
        step('later', wait(5_000)),
      ]),
      phase('out', [step('r', rollout([stage(5), stage(100)])), step('w', watch(4_000))], { kind: 'rollout' }),
    ].toSorted((a, b) => (timeoutMs % 2 === 0 ? 0 : a.id < b.id ? 1 : -1)),
    { triggers: [trigger('t')], messages: [message('m', 'step-passed'), message('s', 'release-started')] },
  )

const anyPlan = fc
  .tuple(fc.shuffledSubarray(steps, { minLength: 1 }), fc.nat({ max: 6 }), fc.integer({ min: 1, max: 3 }))
  .map(([order, cut, timeoutMs]) => planOf(order, cut, timeoutMs))

const anyStep = fc.constantFrom(...steps, 'go', 'r')
const told = (command: (id: string) => ReleaseCommand) =>
  anyStep.map((id) => (spec: ReleaseSpec) => void spec.send(command(id), person('ben')))

const anyMove: fc.Arbitrary<(spec: ReleaseSpec) => void> = fc.oneof(
  told((id) => ({ kind: 'Answer', step: id, answer: 'passed', note: 'seen', fields: {}, evidence: [] })),
  told((id) => ({ kind: 'Answer', step: id, answer: 'failed', note: 'no', fields: {}, evidence: [] })),
  told((id) => ({ kind: 'Note', step: id, note: `about ${id}` })),
  told((id) => ({ kind: 'Waive', step: id, reason: 'known', role: 'lead', expires: null })),
  told((id) => ({ kind: 'Retry', step: id })),
  told(() => ({ kind: 'Hold', why: 'wait' })),
  told(() => ({ kind: 'Resume', why: 'go on' })),
  fc.constant((spec: ReleaseSpec) => void spec.pass(2_000)),
  fc.tuple(anyStep, fc.constantFrom('passed', 'failed', 'errored')).map(([id, outcome]) => (spec: ReleaseSpec) => {
    const begun = spec.send({ kind: 'BeginAttempt', step: id, purpose: id === 'go' ? 'action' : 'check', epoch: 1 })
    if (begun.kind !== 'refused') spec.finish(id, outcome)
  }),
  fc.constant((spec: ReleaseSpec) => {
    if (spec.owes().some((key) => key.startsWith('shift'))) spec.shift('r', 'api')
  }),
  fc.constant((spec: ReleaseSpec) => {
    const soak = {
      kind: 'RecordMeasurements',
      step: 'r',
      stage: 0,
      batches: 1,
      digest: '',
      judgeStateDigest: '',
    } as const
    spec.send({ ...soak, from: spec.now - 1, to: spec.now, soakMs: 1_000, verdict: verdict('go', 'healthy', spec.now) })
  }),
  anyPlan.map((amended) => (spec: ReleaseSpec) => {
    spec.send({ kind: 'Amend', plan: amended, role: 'lead', reason: 'better' }, person('ana'))
  }),
  fc.constant(
    (spec: ReleaseSpec) => void spec.send({ kind: 'Abort', why: 'no', leave: false, typed: null }, person('ben')),
  ),
)

test('a reader that never waits and one that sleeps through some have the newest view, exactly', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(
      anyPlan,
      fc.array(fc.tuple(anyMove, fc.boolean()), { minLength: 10, maxLength: 60 }),
      (first, moves) => {
        const spec = new ReleaseSpec().start(first)
        const pieces = new ViewPieces()
        const [quick, slow] = [new Reader(), new Reader()]
        for (const [move, looks] of moves) {
          move(spec)
          const view = viewOf(spec.current, null, spec.now)
          pieces.take(view)
          const expected = sent(view)
          expect(JSON.parse(pieces.whole())).toEqual(expected)
          quick.look(pieces, expected)
          if (looks) slow.look(pieces, expected)
        }
        expect(quick.changes).toHaveLength(moves.length - 1)
        for (const event of spec.log) seen.add(event.kind)
      },
    ),
    { numRuns: 60, ...seeded },
  )
  for (const kind of ['ReleaseAmended', 'AnswerGiven', 'NoteAdded']) expect([...seen]).toContain(kind)
})

/** As a release is, but with any parts: what no rule allows today may be there tomorrow. */
const anyList = fc.array(fc.record({ id: fc.constantFrom('a', 'b', '__proto__', 'constructor'), say: fc.nat(3) }))
const anyView = fc.record(
  {
    release: fc.constant('r'),
    version: fc.nat(3),
    hold: fc.option(fc.record({ why: fc.nat(2) })),
    added: fc.nat(2),
    messages: anyList,
    waitsFor: fc.array(fc.record({ kind: fc.constantFrom('answer', 'time'), step: fc.option(fc.constant('a')) })),
    phases: fc.uniqueArray(fc.record({ id: fc.constantFrom('p', 'q', '__proto__'), why: fc.nat(2), steps: anyList }), {
      selector: ({ id }) => id,
    }),
  },
  { requiredKeys: ['release', 'version', 'hold', 'messages', 'waitsFor', 'phases'] },
)

test('parts that come and go, and two items of one name, make the view come whole and never wrong', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyView, fc.boolean()), { minLength: 2, maxLength: 20 }), (views) => {
      const pieces = new ViewPieces()
      const [quick, slow] = [new Reader(), new Reader()]
      for (const [view, looks] of views as unknown as [ReleaseView, boolean][]) {
        pieces.take(view)
        quick.look(pieces, sent(view))
        if (looks) slow.look(pieces, sent(view))
      }
    }),
    { numRuns: 300, ...seeded },
  )
})

test('a change of another view than the one held is refused', () => {
  const spec = new ReleaseSpec().start(planOf(['a', 'b'], 1, 2))
  const pieces = new ViewPieces()
  const take = (): void => pieces.take(viewOf(spec.current, null, (spec.now += 1)))
  take()
  const first = whole(pieces)
  take()
  take()
  const change = pieces.changeSince(2) ?? ''
  for (const reader of [new FollowedView(), new PageView()]) {
    expect(() => reader.read('change', change)).toThrow('does not fit')
    reader.read('view', first)
    expect(() => reader.read('change', change)).toThrow('it is from view 2, held is 1')
    expect(reader.read('event', '{}')).toBeNull()
    expect(reader.read('live', '{"release":"r1"}')).toEqual({ release: 'r1' })
  }
  expect(pieces.changeSince(4)).toBeNull()
})

test('what did not change is the very same for a page, so that it is not drawn again', () => {
  const spec = new ReleaseSpec().start(planOf(['a', 'b', 'c'], 2, 2))
  const pieces = new ViewPieces()
  const page = new PageView()
  pieces.take(viewOf(spec.current, null, spec.now))
  const before = page.read('view', whole(pieces))
  spec.do({ kind: 'Answer', step: 'a', answer: 'passed', note: null, fields: {}, evidence: [] }, person('ben'))
  pieces.take(viewOf(spec.current, null, spec.now))
  const after = page.read('change', pieces.changeSince(1) ?? '')
  expect(after?.phases[0]?.steps[0]?.state).toBe('passed')
  expect(after?.phases[0]?.steps[1]).toBe(before?.phases[0]?.steps[1])
  expect(after?.phases[2]).toBe(before?.phases[2])
  expect(after?.rollouts).toBe(before?.rollouts)
})

test('an answer in a checklist of 600 steps is told in a few kilobytes', () => {
  const bytes = Buffer.from(manySteps(600))
  const { plan: long } = compile({ file: 'long.md', bytes, shared: null }, kinds())
  const spec = new ReleaseSpec().start(long!, { environment: 'staging' })
  const pieces = new ViewPieces()
  pieces.take(viewOf(spec.current, null, spec.now))
  const first = long!.steps[0]!.id
  spec.do({ kind: 'Answer', step: first, answer: 'yes', note: null, fields: {}, evidence: [] }, person('ben'))
  pieces.take(viewOf(spec.current, null, spec.now))
  const [change, all] = [pieces.changeSince(1)?.length ?? Infinity, pieces.whole().length]
  expect(change).toBeLessThan(8_000)
  expect(all).toBeGreaterThan(20 * change)
})

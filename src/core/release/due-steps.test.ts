import fc from 'fast-check'
import { expect, test } from 'vitest'
import { started } from '../../../test/support/canary.ts'
import { check, phase, plan, question, run, step, wait } from '../../../test/support/plan-builder.ts'
import { engine, person, type ReleaseSpec } from '../../../test/support/release-spec.ts'
import type { PersonCommand } from './commands.ts'
import { due } from './due.ts'
import { liveAttempts } from './standing.ts'
import { StepTable } from './step-table.ts'

const ids = Array.from({ length: 90 }, (_, index) => `s${index}`)
const long = plan([
  phase(
    'p',
    ids.map((id, at) => {
      if (at === 40) return step(id, question)
      if (at === 60) return step(id, run())
      if (at === 75) return step(id, wait(1_000))
      return step(id, check(), at % 9 === 0 ? { severity: 'warning' } : {})
    }),
  ),
])

type Move = (spec: ReleaseSpec, id: string) => void

const told =
  (command: PersonCommand): Move =>
  (spec) =>
    void spec.send(command, person('ben'))

const ended =
  (outcome: 'passed' | 'failed' | 'errored', lost = false): Move =>
  (spec, id) => {
    const [live] = liveAttempts(spec.current.steps.get(id)!)
    const result = { outcome, say: outcome, evidence: [], captures: {}, facts: { lost } }
    if (live) spec.do({ kind: 'FinishAttempt', step: id, attempt: live.id, ...result, observedAt: spec.now })
  }

const begun: Move = (spec, id) => {
  const purpose = id === 's60' ? 'action' : 'check'
  spec.send({ kind: 'BeginAttempt', step: id, purpose, epoch: 1 }, engine)
}

const moves: Readonly<Record<string, Move>> = {
  begun,
  'begun and passed': (spec, id) => {
    begun(spec, id)
    ended('passed')(spec, id)
  },
  passed: ended('passed'),
  failed: ended('failed'),
  lost: ended('errored', true),
  retried: (spec, id) => told({ kind: 'Retry', step: id })(spec, id),
  waived: (spec, id) => told({ kind: 'Waive', step: id, reason: 'known', role: 'lead', expires: null })(spec, id),
  held: told({ kind: 'Hold', why: 'wait' }),
  resumed: told({ kind: 'Resume', why: 'go on' }),
  later: (spec) => void spec.pass(2_000),
}

test('what a long checklist owes is the same, whatever of it was asked before', () => {
  const move = fc.tuple(fc.constantFrom(...Object.keys(moves)), fc.constantFrom(...ids))
  fc.assert(
    fc.property(fc.array(move, { minLength: 40, maxLength: 200 }), fc.boolean(), (made, goesBack) => {
      const spec = started(long)
      for (const [name, id] of made) {
        moves[name]!(spec, id)
        expectSameAsAfresh(spec)
      }
      if (goesBack) spec.send({ kind: 'Abort', why: 'no', leave: false, typed: null }, person('ben'))
      expectSameAsAfresh(spec)
    }),
    { numRuns: 30, seed: 7 },
  )
})

/** A table made anew has no part that was ever asked about. */
function expectSameAsAfresh(spec: ReleaseSpec): void {
  const afresh = { ...spec.current, steps: StepTable.of([...spec.current.steps.values()]) }
  expect(spec.due()).toEqual(due(afresh, spec.now))
}

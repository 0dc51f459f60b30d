import { describe, expect, test } from 'vitest'
import { started } from '../../test/support/canary.ts'
import { check, phase, plan, question, step } from '../../test/support/plan-builder.ts'
import { person } from '../../test/support/release-spec.ts'
import { debtOf, debtWords, letPassIn, type PastRelease } from './debt.ts'

const past = (version: number, ...steps: readonly string[]): PastRelease => ({
  release: `r${version}`,
  version: `${version}.0`,
  startedAt: version,
  letPass: steps.map((id) => ({ step: id, text: id, how: 'waived', why: `why ${version}`, at: version * 10 })),
})

describe('the debt of a checklist', () => {
  test('is every step that two of its last five releases let pass, the worst first, with the last reasons', () => {
    const debt = debtOf([past(9, 'a', 'b'), past(8), past(7, 'b'), past(6, 'b', 'c'), past(5, 'a'), past(4, 'c', 'd')])
    expect(debt.map(({ step: id, count, of, since }) => ({ id, count, of, since }))).toEqual([
      { id: 'b', count: 3, of: 5, since: 60 },
      { id: 'a', count: 2, of: 5, since: 50 },
    ])
    expect(debtWords(debt[0]!)).toBe('waived in 3 of the last 5 releases, last: why 9')
  })

  test('counts waivers, words of people that a step does not apply, and warnings, but no conditions of the checklist', () => {
    const spec = started(
      plan([
        phase('p', [
          step('waived', question),
          step('left-out', question),
          step('condition', question, { never: ['production'] }),
          step('warned', check(), { severity: 'warning' }),
          step('passed', question),
        ]),
      ]),
    )
    const ana = person('ana')
    spec.do({ kind: 'Waive', step: 'waived', role: 'lead', reason: 'known flake', expires: null }, ana)
    spec.do({ kind: 'MarkNotApplicable', step: 'left-out', reason: 'no schema change', role: null }, ana)
    spec.attempt('warned', 'check', 'failed')
    spec.do({ kind: 'Answer', step: 'passed', answer: 'passed', note: null, fields: {}, evidence: [] }, ana)
    expect(letPassIn(spec.current).map(({ step: id, how }) => [id, how])).toEqual([
      ['waived', 'waived'],
      ['left-out', 'not-applicable'],
      ['warned', 'warned'],
    ])
  })
})

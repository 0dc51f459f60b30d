/** The lines of a signature find their steps, and those that did not simply pass come first. */
import { expect, test } from 'vitest'
import type { ReleaseView, StepView, TimelineLine } from '../../../../src/api/wire/web.ts'
import { coverOf, sinceLastSignature } from './covered.ts'

const step = (id: string, state: StepView['state']): StepView => ({
  id,
  text: id,
  line: 1,
  depth: 0,
  section: [],
  word: 'check',
  state,
  blocks: true,
  say: '',
  owner: null,
  since: null,
  attempts: 0,
  undo: null,
  evidence: [],
  asks: null,
})

const viewWith = (steps: readonly StepView[]) => ({ phases: [{ title: 'Gate', steps }] }) as unknown as ReleaseView

test('a line goes to the step with the longest id that it begins with, and what did not pass comes first', () => {
  const view = viewWith([
    step('gate/tests', 'passed'),
    step('gate/tests-of-load', 'waived'),
    step('ship/go', 'waiting'),
  ])
  const cover = coverOf(view, [
    'plan abc',
    'version 1',
    'gate/tests: passed',
    'gate/tests.errors = 0.4 %',
    'gate/tests-of-load: waived',
    'gate/tests-of-load waived as lead: no time',
  ])
  expect(cover.passed.map(({ step: { id }, lines }) => [id, lines])).toEqual([
    ['gate/tests', ['gate/tests: passed', 'gate/tests.errors = 0.4 %']],
  ])
  expect(cover.deviations.map(({ step: { id }, lines }) => [id, lines])).toEqual([
    ['gate/tests-of-load', ['gate/tests-of-load: waived', 'gate/tests-of-load waived as lead: no time']],
  ])
})

test('the step that is signed stands with its signatures, not among what was let pass', () => {
  const view = viewWith([step('gate/tests', 'passed'), step('gate/sign', 'needs a person')])
  const signs = ['gate/tests: passed', 'gate/sign: security-lead not needed']
  expect(coverOf(view, signs, 'gate/sign').deviations).toEqual([])
  expect(coverOf(view, signs).deviations).toHaveLength(1)
})

test('only what happened after the last signature of this step is told; nothing where nobody has signed', () => {
  const line = (version: number, kind: string, about: string | null, who = 'ana'): TimelineLine => ({
    version,
    at: version,
    who,
    kind,
    say: `${kind} ${version}`,
    step: about,
  })
  const past = [
    line(1, 'ApprovalGiven', 'sign', 'ben'),
    line(2, 'ApprovalGiven', 'other'),
    line(3, 'AnswerGiven', 'notes'),
    line(4, 'ApprovalVoided', 'sign'),
  ]
  expect(sinceLastSignature(past, 'sign')).toEqual({ by: 'ben', at: 1, lines: past.slice(1) })
  expect(sinceLastSignature(past, 'never')).toBeNull()
})

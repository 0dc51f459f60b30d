/** What is told of a release before it starts is what it then leaves out. */
import { expect, test } from 'vitest'
import { phase, plan, question, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import { leftOut, type StartKnown } from './left-out.ts'

const asked = { type: 'string', options: null, default: null, required: false, description: null } as const
const phases = [
  phase('ready', [
    step('tests', question),
    step('load', question, { only: ['production'] }),
    step('load-plan', question, { parent: 'load' }),
    step('dry-run', question, { never: ['production'] }),
    step('mobile', question, { when: 'input.app == "mobile"' }),
    step('found', question, { when: 'steps.tests.answer == "failed"' }),
  ]),
  phase('training', [step('train', question)], { onlyFor: ['major'] }),
  phase('europe', [step('translate', question)], { when: 'region == "eu"' }),
]
const shop = plan(phases, { inputs: { app: asked, region: asked } })
const at = (more: Partial<StartKnown>): StartKnown => ({
  version: '2.1.0',
  previous: '2.0.0',
  environment: 'production',
  inputs: { app: 'web', region: 'eu' },
  ...more,
})

/** Whoever is asked says yes, until nobody is asked any more. */
function wholeRelease({ version, previous, environment, inputs }: StartKnown): ReadonlyMap<string, string> {
  const spec = new ReleaseSpec().start(shop, { version: version ?? '', previous, environment, inputs })
  const next = () => spec.current.plan.steps.find(({ id }) => isAsked(spec, id))
  for (let asks = next(); asks; asks = next())
    spec.do({ kind: 'Answer', step: asks.id, answer: 'passed', note: null, fields: {}, evidence: [] }, person('ana'))
  const without = spec.current.plan.steps.flatMap(({ id }) => {
    const closed = spec.current.steps.get(id)?.closed
    return closed?.how === 'not-applicable' ? [[id, closed.why] as const] : []
  })
  return new Map(without)
}

function isAsked(spec: ReleaseSpec, id: string): boolean {
  const state = spec.current.steps.get(id)
  return state !== undefined && state.reachedAt !== null && state.closed === null
}

test.each([
  at({}),
  at({ environment: 'staging' }),
  at({ version: '3.0.0', inputs: { app: 'mobile', region: 'us' } }),
  at({ environment: 'staging', inputs: { app: 'mobile', region: 'us' } }),
])('is left out for the same reasons: $version to $environment with $inputs', (known) => {
  const whole = wholeRelease(known)
  const told = leftOut(shop, known).steps
  // What hangs on an answer is decided only when it is given.
  expect(new Map([...told, ['found', 'steps.tests.answer == "failed" is false']])).toEqual(whole)
})

test('what is not known leaves nothing out', () => {
  const left = leftOut(shop, at({ version: null, previous: null, inputs: {} }))
  expect([...left.phases, ...left.steps]).toEqual([['dry-run', 'never in production']])
})

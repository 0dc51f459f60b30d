/** What served of a component before: read first, kept as it was, and what `previous` means for it. */
import { expect, test } from 'vitest'
import { check, phase, plan, run, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import { evolve } from './evolve.ts'
import type { ReleaseEvent } from './events.ts'
import { asSeenBy, previousOf, servingOf } from './serving.ts'

const look = (component: string) => check({ serving: component, component, captures: [`serving_${component}`] })
const ana = person('ana')

function begun(): ReleaseSpec {
  return new ReleaseSpec().start(
    plan([
      phase('ship', [
        step('look-api', look('api')),
        step('look-web', look('web')),
        step('api', run('deploy', { component: 'api' })),
        step('web', run('deploy', { component: 'web' })),
      ]),
    ]),
  )
}

test('nothing is brought out while it cannot be read what serves', () => {
  const spec = begun().attempt('look-api', 'check', 'passed', { captures: { serving_api: '1.0' } })
  spec.attempt('look-web', 'check', 'failed', { say: 'connection refused' })
  expect(spec.owes()).toEqual([])
  expect(servingOf(spec.current)).toEqual([
    { component: 'api', version: '1.0', say: 'passed' },
    { component: 'web', version: null, say: 'connection refused' },
  ])
})

test('each component has the version before that was read of it, and a later look changes nothing', () => {
  const spec = begun()
  spec.attempt('look-api', 'check', 'passed', { captures: { serving_api: '1.0' } })
  spec.attempt('look-web', 'check', 'passed', { captures: { serving_web: '0.9' } })
  spec.attempt('api', 'action', 'failed')
  // Amended, or too old for a decision: whatever looks again finds what this release brought.
  const again: ReleaseEvent[] = [
    { kind: 'AttemptStarted', step: 'look-api', attempt: 'late', purpose: 'check', epoch: 1 },
    {
      kind: 'AttemptFinished',
      step: 'look-api',
      attempt: 'late',
      outcome: 'passed',
      say: '',
      evidence: [],
      captures: { serving_api: '1.1' },
      facts: {},
      observedAt: spec.now,
    },
  ]
  const late = again.reduce(
    (state, event) => evolve(state, { version: state.version + 1, at: spec.now, by: ana, event }),
    spec.current,
  )
  expect(previousOf(late, 'api')).toBe('1.0')
  expect(previousOf(spec.current, 'api')).toBe('1.0')
  expect(asSeenBy(spec.current, 'web').previous).toBe('0.9')
  // The target was seen serving something itself: that is what the release as a whole goes back to.
  expect(previousOf(spec.current, null)).toBe(spec.current.previous)
})

test('a check that is asked again until it passes fails only when its time is over', () => {
  const spec = new ReleaseSpec().start(plan([phase('p', [step('healthy', check({ retryForMs: 10_000 }))])]))
  const topics = () =>
    spec.log.flatMap((event) => (event.kind === 'MessageQueued' && event.on === 'step.failed' ? [event.on] : []))
  let looks = 0
  while (looks < 50) {
    spec.attempt('healthy', 'check', 'failed')
    looks += 1
    const next = spec.wakeAt()
    if (next === undefined || next > spec.now + 20_000) break
    expect(topics()).toEqual([])
    spec.now = next
    expect(spec.owes()).toEqual(['check healthy'])
  }
  expect(looks).toBe(5)
  expect(spec.now).toBe(1_010_000)
  expect(spec.owes()).toEqual([])
})

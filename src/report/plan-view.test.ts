/** A plan before its start: who is asked, what is dangerous, where it cannot go, and when it could be through. */
import { expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import type { Plan } from '../core/plan/plan.ts'
import { testKinds } from '../core/plan/test-kinds.ts'
import { planView } from './plan-view.ts'

/** A Monday, 09:00 UTC. */
const MONDAY = Date.UTC(2026, 10, 23, 9)

function planOf(front: readonly string[], body: readonly string[]): Plan {
  const text = ['---', 'holdpoint: 1', 'service: checkout', ...front, '---', '# Release', '', ...body, ''].join('\n')
  const { plan, problems } = compile(
    { file: 'release.md', bytes: new TextEncoder().encode(text), shared: null },
    testKinds,
  )
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  if (plan === null) throw new Error('it has to compile')
  return plan
}

const SHIP = ['## Ship', '- [ ] Notes are written', '- [ ] It is shipped', '  ```sh run', '  ./ship', '  ```']

test('an action without a way back is told first, and bars a protected environment', () => {
  const view = planView(planOf(['environments: { staging: {}, production: { protected: true } }'], SHIP), MONDAY)
  expect(view.counts).toEqual({ steps: 2, checks: 0, actions: 1, people: 1, rollouts: 0 })
  expect(view.dangers).toEqual([
    { step: 'ship/it-is-shipped', text: 'It is shipped', why: 'nothing says how to take it back' },
  ])
  expect(view.environments.map(({ name, barred }) => [name, barred])).toEqual([
    ['staging', null],
    ['production', 'It is protected, and nobody takes back: It is shipped.'],
  ])
  expect(view.phases[0]?.steps.map(({ does, notes }) => [does, notes])).toEqual([
    ['person', ['a person answers']],
    ['change', ['action', 'nobody takes it back']],
  ])
})

test('the earliest end counts waits and watches, and is later where a window has yet to open', () => {
  const wait = ['## Settle', '- [ ] Let it settle', '  ```yaml wait', '  for: 30m', '  ```']
  const at = (plan: Plan, now: number) => planView(plan, now).endsAt
  expect(at(planOf([], wait), MONDAY)).toBe(MONDAY + 30 * 60_000)
  const windowed = planOf(
    ['windows: { office: { zone: UTC, allow: [{ weekdays: mon-fri, from: "10:00", to: "16:00" }] } }'],
    ['## Settle', '```yaml phase', 'window: office', '```', ...wait.slice(1)],
  )
  expect(at(windowed, MONDAY)).toBe(MONDAY + 90 * 60_000)
})

test('secrets are told by name and place; the view holds nothing that a value could hide in', () => {
  const view = planView(planOf(['secrets: { KEY: { from: env }, CERT: { file: /run/cert } }'], SHIP), MONDAY)
  expect(view.secrets).toEqual([
    { name: 'KEY', from: 'env KEY' },
    { name: 'CERT', from: 'a file of the worker' },
  ])
})

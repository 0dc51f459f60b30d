import { describe, expect, test } from 'vitest'
import { engine, person, ReleaseSpec, verdict } from '../../../test/support/release-spec.ts'
import { started } from '../../../test/support/canary.ts'
import { compile } from '../plan/compile.ts'
import type { Plan } from '../plan/plan.ts'
import { renderProblem } from '../plan/problem.ts'
import { testKinds } from '../plan/test-kinds.ts'
import { signatureOf } from './values.ts'
import { watchEndsAt } from './watch-times.ts'

const minute = 60_000
const judge = 'judge: { every: 10s, metrics: { up: { kind: gauge, query: up, go: "> 0" } } }'

const watchItem = (title: string, settings: string): string =>
  `- [ ] ${title}\n  \`\`\`yaml watch\n  ${settings.replaceAll('\n', '\n  ')}\n  ${judge}\n  \`\`\`\n`

const document = (watches: string): string => `---
holdpoint: 1
sources: { prom: { kind: prometheus, url: "http://localhost:9090" } }
---
# R

## Rollout
\`\`\`yaml rollout
components: { api: { traffic: command, set: "true", read: "true", restore: "true" } }
stages: [{ weight: 100%, soak: 1m }]
${judge}
\`\`\`

## Watch
\`\`\`yaml trigger
action: page
check: { kind: tcp, host: db, port: 5432 }
\`\`\`
${watches}
## Sign-off
- [ ] Lead signs
  \`\`\`yaml approve
  count: 1
  \`\`\`
`

function compiled(watches: string): Plan {
  const bytes = new TextEncoder().encode(document(watches))
  const { plan, problems } = compile({ file: 'release.md', bytes, shared: null }, testKinds)
  expect(problems.filter(({ severity }) => severity === 'error').map(renderProblem)).toEqual([])
  return plan!
}

const four = [
  watchItem('First quarter', 'for: 15m\nstarts: 0m'),
  watchItem('Rest of the hour', 'for: 45m\nstarts: 15m'),
  watchItem('Two hours', 'for: 2h\nstarts: 0m\non-incident: { extend: 30m }'),
  watchItem('A day', 'for: 24h\nstarts: 0m\nbefore: close\non-incident: restart'),
].join('')

const ids = {
  quarter: 'watch/first-quarter',
  hour: 'watch/rest-of-the-hour',
  two: 'watch/two-hours',
  day: 'watch/a-day',
}
const sign = 'sign-off/lead-signs'

/** At 100 %, soaked: all that is left is to be watched. */
function released(plan = compiled(four)): ReleaseSpec {
  const rollout = plan.steps.find(({ block }) => block.word === 'rollout')!.id
  const spec = started(plan).shift(rollout, 'api')
  return spec.measure(rollout, 0, minute, verdict('go', 'healthy', spec.now))
}

const healthy = (spec: ReleaseSpec, step: string, soakMs: number): ReleaseSpec =>
  spec.measure(step, null, soakMs, verdict('go', 'healthy', spec.now))

const running = (spec: ReleaseSpec): readonly string[] =>
  [...spec.current.observations.values()].filter(({ stage, ended }) => stage === null && !ended).map(({ step }) => step)

describe('overlapping watches', () => {
  test('those with an offset run beside each other, each from its own minute after the rollout', () => {
    const spec = released()
    expect(spec.current.phase).toBe('validating')
    expect(running(spec)).toEqual([ids.quarter, ids.two, ids.day])
    const end = spec.current.steps.get('rollout')?.closed?.at ?? spec.now
    expect(spec.wakeAt()).toBe(end + 15 * minute)
    spec.pass(15 * minute - 1)
    expect(running(spec)).not.toContain(ids.hour)
    spec.pass(1)
    expect(running(spec)).toContain(ids.hour)
  })

  test('a late engine begins a watch late: what nobody looked at is no healthy time', () => {
    const spec = released()
    spec.now += 40 * minute
    spec.tick()
    const observation = spec.current.observations.get(ids.hour)!
    expect(observation).toMatchObject({ startedAt: spec.now, soakMs: 0 })
    const plan = spec.current.index.step.get(ids.hour)!
    expect(watchEndsAt(spec.current, plan)).toBe(spec.now + 45 * minute)
  })

  test('the sign-off is refused before the longest of them has ended, and says when that can be', () => {
    const spec = released()
    healthy(spec, ids.quarter, 15 * minute)
    const decision = spec.send(
      { kind: 'Approve', step: sign, role: null, digest: null, typed: null, note: null },
      person('ben'),
    )
    expect(decision).toMatchObject({ kind: 'refused', code: 'not-reached' })
    const when = new Date(spec.current.observations.get(ids.two)!.startedAt + 120 * minute).toISOString()
    expect(decision).toMatchObject({
      reason: `"Lead signs" has not been reached yet. It comes when the watches "Rest of the hour", "Two hours" have ended, at ${when.slice(0, 10)} ${when.slice(11, 16)} UTC at the earliest.`,
    })
  })

  test('in validation, signed off while the day is watched on, closed when that has ended, with triggers armed throughout', () => {
    const spec = released().pass(15 * minute)
    const phases = [spec.current.phase]
    healthy(spec, ids.quarter, 15 * minute)
    healthy(spec, ids.hour, 45 * minute)
    healthy(spec, ids.two, 120 * minute)
    expect(spec.current.steps.get(sign)?.reachedAt).not.toBeNull()
    phases.push(spec.current.phase)
    const { digest } = signatureOf(spec.current, sign)
    spec.now += minute
    spec.do({ kind: 'Approve', step: sign, role: null, digest, typed: null, note: null }, person('ben'))
    phases.push(spec.current.phase)
    expect(running(spec)).toEqual([ids.day])
    const [trigger] = spec.current.triggers.values()
    expect(trigger?.status).toBe('armed')
    expect(spec.owes()).toContain(`trigger ${trigger?.id}`)
    healthy(spec, ids.day, 24 * 60 * minute)
    phases.push(spec.current.phase)
    expect(phases).toEqual(['validating', 'validating', 'signed-off', 'closed'])
    expect(spec.current.triggers.get(trigger!.id)?.status).toBe('disarmed')
    expect(spec.current).toMatchObject({ signedOffAt: expect.any(Number), validatingAt: expect.any(Number) })
  })

  test('a trigger still turns the release back after the sign-off', () => {
    const spec = released()
    for (const [step, ms] of [
      [ids.quarter, 15],
      [ids.two, 120],
    ] as const)
      healthy(spec, step, ms * minute)
    healthy(spec.pass(15 * minute), ids.hour, 45 * minute)
    const { digest } = signatureOf(spec.current, sign)
    spec.do({ kind: 'Approve', step: sign, role: null, digest, typed: null, note: null }, person('ben'))
    spec.measure(ids.day, null, minute, verdict('rollback', 'breach', spec.now, 'up is 0'))
    expect(spec.current.rollback).toMatchObject({ cause: 'verdict', from: 'signed-off' })
  })

  test('an incident begins the one again and makes the other longer, as the checklist says', () => {
    const spec = released()
    healthy(spec, ids.two, 60 * minute)
    healthy(spec, ids.day, 60 * minute)
    const [trigger] = [...spec.current.triggers.keys()]
    spec.now += minute
    spec.do({ kind: 'RecordTriggerReading', trigger: trigger!, reading: 'firing', say: 'no connection' })
    expect(spec.current.observations.get(ids.two)).toMatchObject({ soakMs: 60 * minute, extendedMs: 30 * minute })
    expect(spec.current.observations.get(ids.day)).toMatchObject({ soakMs: 0, restarts: 1, startedAt: spec.now })
    expect(spec.current.observations.get(ids.quarter)).toMatchObject({ restarts: 0, extendedMs: 0 })
    expect(spec.owes().filter((key) => key.includes('again'))).toHaveLength(2)
    healthy(spec, ids.two, 120 * minute)
    expect(running(spec)).toContain(ids.two)
    healthy(spec, ids.two, 150 * minute)
    expect(running(spec)).not.toContain(ids.two)
  })

  test('a person begins a watch again or extends it with a reason, while it runs', () => {
    const spec = released()
    const ask = { kind: 'Rewatch', extendMs: null, why: 'pager' } as const
    spec.refused({ ...ask, step: ids.hour }, person('ana'), 'not-reached')
    spec.refused({ ...ask, step: sign }, person('ana'), 'wrong-kind')
    spec.refused({ ...ask, step: ids.two, why: ' ' }, person('ana'), 'reason-required')
    spec.refused({ ...ask, step: ids.two, extendMs: -1 }, person('ana'), 'bad-answer')
    healthy(spec, ids.two, 60 * minute)
    spec.now += minute
    spec.do({ ...ask, step: ids.two }, person('ana'))
    expect(spec.current.observations.get(ids.two)).toMatchObject({ soakMs: 0, restarts: 1 })
    spec.do({ ...ask, step: ids.two, extendMs: minute }, person('ana'))
    expect(spec.current.observations.get(ids.two)).toMatchObject({ extendedMs: minute })
    healthy(spec, ids.quarter, 15 * minute)
    spec.refused({ ...ask, step: ids.quarter }, person('ana'), 'already-closed')
  })

  test('a release that is validated or signed off may be superseded; one that still moves traffic may not', () => {
    const spec = released()
    expect(spec.send({ kind: 'Supersede', by: 'r2' }, engine).kind).toBe('accepted')
    expect(spec.current.phase).toBe('superseded')
    expect([...spec.current.triggers.values()].map(({ status }) => status)).toEqual(['disarmed'])
    started(compiled(four)).refused({ kind: 'Supersede', by: 'r2' }, engine, 'target-busy')
  })

  test('without an offset watches still run one after another, and their plan is as it was', () => {
    const plan = compiled(watchItem('One', 'for: 5m') + watchItem('Two', 'for: 5m'))
    const [one] = plan.steps.filter(({ block }) => block.word === 'watch')
    expect(Object.keys(one!.block)).toEqual(['word', 'forMs', 'judge', 'checks', 'onFailure'])
    expect(running(released(plan))).toEqual(['watch/one'])
    expect(plan.expectedMs).toBe(11 * minute)
  })

  test('the least time of a checklist counts watches that overlap once', () => {
    expect(compiled(four).expectedMs).toBe((24 * 60 + 1) * minute)
    const short = watchItem('A', 'for: 15m\nstarts: 0m') + watchItem('B', 'for: 45m\nstarts: 15m')
    expect(compiled(short).expectedMs).toBe(61 * minute)
  })
})

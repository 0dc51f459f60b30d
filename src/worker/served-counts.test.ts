/** Counting what was really served of a component, wherever it is counted, and what that says of the weight. */
import { expect, test } from 'vitest'
import type { ComponentPlan } from '../core/plan/plan.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import type { TrafficDriver, TrafficPowers } from '../core/ports/traffic.ts'
import type { Served } from '../core/traffic/served-split.ts'
import type { MetricSources } from './metric-sources.ts'
import { contextFor, releaseOf } from './release.fixture.ts'
import { type CountsSince, servedSplit } from './served-counts.ts'

const state = releaseOf({ frontMatter: 'environments: { test: {} }', steps: '- [ ] Ready' })

function counter(
  counts: ComponentPlan['counts'],
  answers: { readonly driver?: Served; readonly command?: string; readonly metric?: (query: string) => number | null },
) {
  const since: CountsSince = new Map()
  const component: ComponentPlan = { name: 'api', driver: 'haproxy', config: {}, ...(counts && { counts }) }
  return (percent: number, now: typeof answers = answers) =>
    servedSplit({
      component,
      percent,
      driver: (now.driver === undefined ? {} : { counts: () => Promise.resolve(now.driver) }) as TrafficDriver,
      powers: {
        command: () => Promise.resolve({ ended: 'exit', exitCode: 0, stdout: Buffer.from(now.command ?? '') }),
      } as unknown as TrafficPowers,
      context: contextFor(state) as EffectContext,
      metrics: {
        metric: (_source: string, query: string) => {
          const value = now.metric?.(query) ?? null
          return Promise.resolve(value === null ? { noData: 'no series' } : { value })
        },
      } as unknown as MetricSources,
      at: 0,
      since,
    })
}

test('counted is from the weight on: what another weight served says nothing', async () => {
  const look = counter(undefined, { driver: { canary: 0, stable: 50_000 } })
  expect(await look(5)).toMatchObject({ ok: true, say: 'counting begins' })
  expect(await look(5, { driver: { canary: 100, stable: 51_900 } })).toMatchObject({ ok: true })
  expect(await look(25, { driver: { canary: 100, stable: 51_900 } })).toMatchObject({ say: 'counting begins' })
  expect(await look(25, { driver: { canary: 100, stable: 53_900 } })).toMatchObject({ ok: false })
  // The balancer was started anew.
  expect(await look(25, { driver: { canary: 0, stable: 10 } })).toMatchObject({ ok: true, say: 'counting begins' })
})

test('a command counts where the balancer does not, and one that counts nothing is no proof', async () => {
  const look = counter({ command: './counts.sh' }, { command: 'log\n0 100\n' })
  expect(await look(50)).toMatchObject({ ok: true })
  expect(await look(50, { command: '0 2100' })).toMatchObject({
    ok: false,
    say: expect.stringContaining('50 % ordered'),
  })
  expect(await look(50, { command: 'nothing' })).toMatchObject({
    ok: false,
    say: expect.stringContaining('cannot be counted'),
  })
})

test('queries count, and a canary without a series has served nothing', async () => {
  const look = counter(
    { source: 'prom', canary: 'c', stable: 's' },
    { metric: (query) => (query === 's' ? 100 : null) },
  )
  expect(await look(10)).toMatchObject({ ok: true })
  expect(await look(10, { metric: (query) => (query === 's' ? 2_100 : null) })).toMatchObject({ ok: false })
  expect(await look(10, { metric: () => null })).toMatchObject({ ok: false, say: expect.stringContaining('no series') })
})

test('where nobody counts, nothing is said', async () => {
  expect(await counter(undefined, {})(50)).toBeNull()
})

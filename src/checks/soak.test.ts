import { afterEach, describe, expect, test } from 'vitest'
import { type Fault, soakedService, type SoakedService } from '../../test/support/soaked-service.ts'
import type { CheckResult } from '../core/ports/check.ts'
import type { LoadTold } from './load-run/script.ts'
import { evidenceText, runCheck, testPowers } from './parts/powers.fixture.ts'
import { judgeSoak, soak } from './soak.ts'

const services: SoakedService[] = []
afterEach(() => services.splice(0).forEach((service) => service.close()))

/** On a busy machine the generator is late and answers take longer; what is tried here says so itself. */
async function soaked(faults: readonly Fault[], more: Readonly<Record<string, unknown>> = {}): Promise<CheckResult> {
  const service = await soakedService(faults)
  services.push(service)
  const memory = { url: service.metrics, metric: 'shop_heap_bytes' }
  const given = { url: service.url, users: 2, for: '4s', 'max-lag': '1m', memory, 'latency-within': '5000%', ...more }
  return runCheck(soak as never, given, { timeoutMs: 60_000 })
}

test('a sound service stays as it was, and its memory was read all along', async () => {
  const result = await soaked([])
  expect(result, result.say).toMatchObject({
    outcome: 'passed',
    say: expect.stringMatching(/^2 users for 4s: .*memory \+0 %/),
  })
  const { buckets } = JSON.parse(evidenceText(result)) as LoadTold
  expect(buckets).toHaveLength(20)
  expect(new Set(buckets.map(({ memory }) => memory))).toEqual(new Set([64 * 1024]))
})

test('a service that keeps something of each request fails', async () => {
  const result = await soaked(['leaks'])
  expect(result, result.say).toMatchObject({
    outcome: 'failed',
    say: expect.stringMatching(/^memory \+\d+.* at most 10% \(/),
  })
})

test('a service that becomes slower with each request fails', async () => {
  const result = await soaked(['slows'], { 'latency-within': '20%', memory: undefined })
  expect(result, result.say).toMatchObject({
    outcome: 'failed',
    say: expect.stringMatching(/^latency \+\d+.* at most 20% \(/),
  })
})

test('metrics that do not have the name prove nothing', async () => {
  const service = await soakedService()
  services.push(service)
  const result = await soaked([], { memory: { url: service.metrics, metric: 'shop_heap' }, for: '2s' })
  expect(result).toMatchObject({ outcome: 'inconclusive', say: expect.stringMatching(/^memory: nothing was seen/) })
})

describe('what hours say', () => {
  const hour = 3_600_000
  const given = soak.config.parse({
    url: 'https://staging.shop.example/',
    users: 50,
    for: '4h',
    memory: { url: 'http://10.0.0.7:9090/metrics' },
  })
  const told = (memoryAt: (share: number) => number | null): LoadTold => ({
    broken: null,
    startedAt: 0,
    requests: 100_000,
    errors: 0,
    outcomes: { 200: 100_000 },
    ownFaults: 0,
    latency: { p50: 20, p90: 50, p95: 80, p99: 200, max: 900 },
    rate: 7,
    connections: 50,
    lagMs: 3,
    buckets: Array.from({ length: 120 }, (_, index) => ({
      at: (index * 4 * hour) / 120,
      requests: 833,
      errors: 0,
      p50: 20 + (index % 3),
      p95: 80,
      memory: memoryAt(index / 120),
    })),
  })
  const judge = (memoryAt: (share: number) => number | null): CheckResult =>
    judgeSoak(told(memoryAt), given, testPowers())

  test('what fills in the first minutes is no leak, what goes on growing is one', () => {
    expect(judge((share) => (share < 0.1 ? 5e8 * share : 1e8))).toMatchObject({ outcome: 'passed' })
    expect(judge((share) => 1e8 * (1 + share))).toMatchObject({
      outcome: 'failed',
      facts: { memory_growth: expect.closeTo(0.57, 1) },
    })
  })

  test('memory that could be read only now and then proves nothing', () => {
    expect(judge((share) => (Math.round(share * 120) % 2 === 0 ? 1e8 : null))).toMatchObject({
      outcome: 'inconclusive',
    })
  })
})

test('too short a run is refused', () => {
  const refused = soak.config.safeParse({ url: 'https://staging.shop.example/', users: 1, for: '1s' })
  expect(JSON.stringify(refused.error?.issues)).toContain('expected at least 2s')
})

/** What a real Prometheus knows of stable's own instances is read, kept and told before the first sample of a rollout. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SampleBatch } from '../../src/core/judge/verdict.ts'
import { measurementsDigest } from '../../src/core/log/measurements.ts'
import type { ReleaseEvent } from '../../src/core/release/events.ts'
import { describeWith, programs } from '../support/programs.ts'
import { openRealEngine, type RealEngine, type RealRelease } from '../support/real-engine.ts'
import { openWatchedShops, type WatchedShops } from '../support/watched-shops.ts'

type Told = Extract<ReleaseEvent, { kind: 'MeasurementsRecorded' }>

describeWith({ prometheus: programs.prometheus }, 'the time before a rollout', () => {
  let place: WatchedShops
  let engine: RealEngine

  beforeEach(async () => {
    engine = await openRealEngine()
  })
  afterEach(async () => {
    await engine.stop()
    await place.stop()
  })

  const firstTold = async (running: RealRelease): Promise<{ told: Told; batches: readonly SampleBatch[] }> => {
    const toldIn = (events: readonly ReleaseEvent[]): Told | undefined =>
      events.find((event) => event.kind === 'MeasurementsRecorded')
    await running.until('the first measurements are told', (_state, events) => toldIn(events) !== undefined)
    const told = toldIn(running.events) as Told
    const batches = await engine.app.store.batches(running.id, told.step, 0)
    return { told, batches: batches.filter(({ to }) => to <= told.to) }
  }
  const start = (): Promise<RealRelease> =>
    engine.start({
      root: place.folder,
      text: checklist,
      version: '2.0.0',
      previous: '1.0.0',
      environment: 'test',
      inputs: { prometheus: place.url },
      people: [],
    })

  test('one of three instances of stable plays the canary, and the log covers what was read', async () => {
    place = await openPlace(3)
    const running = await start()
    const { told, batches } = await firstTold(running)
    const past = batches.filter(({ history }) => history === true)
    const startedAt = (await running.state()).observations.get(told.step)?.startedAt ?? Number.NaN
    expect(past.length).toBeGreaterThanOrEqual(5)
    for (const { to } of past) expect(to).toBeLessThanOrEqual(startedAt)
    const counts = past.flatMap(({ samples }) => samples.filter(({ metric }) => metric === 'errors'))
    const total = (arm: 'canary' | 'stable'): number =>
      counts.reduce((sum, sample) => sum + (sample[arm].kind === 'ratio' ? sample[arm].total : 0), 0)
    // Each of the three gets the same traffic.
    expect(total('canary') / (total('canary') + total('stable'))).toBeCloseTo(1 / 3, 1)
    expect(past.some(({ samples }) => samples.some(({ canary }) => canary.kind === 'histogram'))).toBe(true)
    expect(told.history).toMatch(/^history of errors(, latency)?: \d+ intervals/)
    expect(told.batches).toBe(batches.length)
    expect(told.digest).toBe(measurementsDigest(batches))
  }, 120_000)

  test('where stable is one instance, that is kept and told in place of a past', async () => {
    place = await openPlace(1)
    const { told, batches } = await firstTold(await start())
    expect(told.history).toMatch(/^no history of errors, latency: stable has one instance only/)
    const past = batches.filter(({ history }) => history === true)
    expect(past).toHaveLength(1)
    for (const { canary } of past[0]?.samples ?? [])
      expect(canary).toEqual({ kind: 'no-data', why: expect.stringContaining('one instance only') as string })
  }, 120_000)
})

const checklist = `---
holdpoint: 1
name: Shop
service: shop
environments: { test: {} }
inputs: { prometheus: {} }
sources:
  prom: { kind: prometheus, url: "{{ prometheus }}" }
---
## Rollout
- [ ] Customers move
  \`\`\`yaml rollout
  components:
    shop: { traffic: command, set: 'echo $HOLDPOINT_WEIGHT > weight', read: 'cat weight || echo 0' }
  stages:
    - { weight: 25%, soak: 10m }
    - { weight: 100%, soak: 10m }
  judge:
    every: 2s
    history: 5m
    arms: { canary: { version: "{{version}}" }, stable: { version: "{{previous}}" } }
    metrics:
      errors:
        kind: ratio
        bad: 'sum(rate(http_requests_total{code=~"5..",{{arm}}}[2s]))'
        total: 'sum(rate(http_requests_total{{{arm}}}[2s]))'
        go: "< 5%"
        rollback: "> 50%"
      latency:
        kind: histogram
        buckets: 'sum by (le) (rate(http_request_duration_seconds_bucket{{{arm}}}[2s]))'
        go: "p95 < 2s"
        versus-stable: "p95 +500%"
  \`\`\`
`

/** So many shops of the version in use and one of the new. */
function openPlace(stable: number): Promise<WatchedShops> {
  const versions = [...Array.from({ length: stable }, () => '1.0.0'), '2.0.0']
  return openWatchedShops(
    versions.map((version) => ({ version, fault: 'none', failEvery: 50 })),
    10,
  )
}

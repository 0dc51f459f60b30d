/** What a real Prometheus knows of stable's own instances is read, kept and told before the first sample of a rollout. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createShop } from '../../demo/service.ts'
import { startTraffic } from '../../demo/traffic.ts'
import type { SampleBatch } from '../../src/core/judge/verdict.ts'
import { measurementsDigest } from '../../src/core/log/measurements.ts'
import type { ReleaseEvent } from '../../src/core/release/events.ts'
import { describeWith, freePort, programs, startProgram, until } from '../support/programs.ts'
import { openRealEngine, type RealEngine, type RealRelease } from '../support/real-engine.ts'

type Told = Extract<ReleaseEvent, { kind: 'MeasurementsRecorded' }>

describeWith({ prometheus: programs.prometheus }, 'the time before a rollout', () => {
  let place: Place
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

interface Place {
  readonly folder: string
  readonly url: string
  stop(): Promise<void>
}

/** So many shops of the version in use and one of the new, each with customers of its own, under the eyes of a Prometheus. */
async function openPlace(stable: number): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'hp-past-'))
  const versions = [...Array.from({ length: stable }, () => '1.0.0'), '2.0.0']
  const shops = versions.map((version) => createShop({ version, fault: 'none', failEvery: 50 }))
  const targets = await Promise.all(shops.map(addressOf))
  const leave = targets.map((shop, seed) =>
    startTraffic({ shop: `http://${shop}`, perSecond: 40, seed, mostMs: 5 * 60_000 }),
  )
  const config = { scrape_interval: '250ms', scrape_timeout: '200ms' }
  const jobs = [{ job_name: 'shop', static_configs: [{ targets }] }]
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({ global: config, scrape_configs: jobs }))
  const listen = `127.0.0.1:${await freePort()}`
  const prometheus = startProgram(programs.prometheus as string, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${listen}`,
    '--log.level=error',
  ])
  const query = 'count(count_over_time(http_requests_in_flight[1m]) > 40)'
  await until(`Prometheus has seen all for a while\n${prometheus.said()}`, async () => {
    const answer = await fetch(`http://${listen}/api/v1/query?${new URLSearchParams({ query }).toString()}`)
    return (await answer.text()).includes(`"${targets.length}"`)
  })
  return {
    folder,
    url: `http://${listen}`,
    async stop() {
      for (const end of leave) end()
      await prometheus.stop()
      for (const server of shops) {
        server.closeAllConnections()
        server.close()
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function addressOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

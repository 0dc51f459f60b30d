/** A release on real HAProxy and real Prometheus, with two versions of the demo's shop and real requests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createShop } from '../../demo/service.ts'
import { startTraffic } from '../../demo/traffic.ts'
import type { ReleaseEvent } from '../../src/core/release/events.ts'
import type { ObservationState, ReleaseState } from '../../src/core/release/state.ts'
import { describeWith, freePort, programs, type Running, startProgram, until } from '../support/programs.ts'
import { openRealEngine, type RealEngine, type RealRelease } from '../support/real-engine.ts'

describeWith({ haproxy: programs.haproxy, prometheus: programs.prometheus }, 'HAProxy and Prometheus', () => {
  let place: Place
  let engine: RealEngine

  beforeEach(async () => {
    engine = await openRealEngine()
  })
  afterEach(async () => {
    await engine.stop()
    await place.stop()
  })

  const release = async (canaryFailsEvery: number, given: Partial<Checklist> = {}): Promise<RealRelease> => {
    place = await openPlace(canaryFailsEvery)
    const inputs = { socket: place.socket, prometheus: place.prometheusUrl }
    const text = checklist({ ...usual, ...given })
    return engine.start({
      root: place.folder,
      text,
      version: '2.0.0',
      previous: '1.0.0',
      environment: 'test',
      inputs,
      people: [],
    })
  }
  const over = ({ phase }: ReleaseState): boolean =>
    ['closed', 'rolled-back', 'rollback-failed', 'left'].includes(phase)

  test('a healthy version goes to 100 %', async () => {
    const running = await release(2000)
    const state = await running.until('over', over)
    expect(state.phase).toBe('closed')
    expect(stagesLeft(running.events)).toEqual([0, 1, 2, 3])
    expect(await place.weights()).toEqual({ v1: 0, v2: 100 })
  }, 240_000)

  test('two percent more errors go back at 5 %', async () => {
    const running = await release(45)
    const state = await running.until('over', over)
    expect(state.phase).toBe('rolled-back')
    expect(stagesLeft(running.events)).toEqual([])
    expect(state.rollback?.cause).not.toBe('person')
    expect(state.rollback?.why).toMatch(
      /errors [\d.]+ % · stable [\d.]+ % .*· beyond its rollback limit \(> 1%\); evidence .* of 100 needed/,
    )
    expect(await place.weights()).toEqual({ v1: 100, v2: 0 })
  }, 240_000)

  test('a Prometheus that goes away in the middle of a soak holds, adds no soak, and leads back in the end', async () => {
    const running = await release(2000, { soak: '10m', noDataHold: '6s' })
    await running.until('soaking', (state) => observed(state)?.verdict?.zone === 'go')
    await place.prometheus.stop('SIGKILL')
    const held = await running.until('no data', (state) => observed(state)?.verdict?.why === 'no-data')
    const soakMs = observed(held)?.soakMs ?? Number.NaN
    const state = await running.until('over', over)
    expect(state.phase).toBe('rolled-back')
    expect(stagesLeft(running.events)).toEqual([])
    const later = running.events
      .flatMap((event) => (event.kind === 'MeasurementsRecorded' ? [event.soakMs] : []))
      .at(-1)
    expect(later).toBe(soakMs)
    expect(await place.weights()).toEqual({ v1: 100, v2: 0 })
  }, 240_000)

  for (const [what, bad] of [
    ['NaN', 'vector(0) / vector(0)'],
    ['an empty answer', 'sum(rate(http_faults_total{code=~"5..",{{arm}}}[3s]))'],
    ['a range of values', 'http_requests_total{{{arm}}}[3s]'],
    ['infinity', '1 / vector(0)'],
  ] as const)
    test(`${what} in place of a number holds and is never a pass`, async () => {
      const running = await release(2000, { bad, soak: '1s' })
      // Six times the soak with everything else healthy.
      await running.until(
        'no data for long',
        (state) => observed(state)?.verdict?.why === 'no-data' && elapsed(state) >= 6_000,
      )
      expect(stagesLeft(running.events)).toEqual([])
      const state = await running.state()
      expect(observed(state)?.soakMs).toBe(0)
      expect(verdicts(running.events).filter((event) => event.verdict.zone === 'go')).toEqual([])
      await engine.app.engine.ask(
        running.id,
        { kind: 'Abort', why: 'seen enough', leave: false, typed: null },
        { id: 'dora', kind: 'person', assurance: 'claimed' },
        null,
      )
      await running.until('over', over)
    }, 240_000)
})

function observed(state: ReleaseState): ObservationState | undefined {
  return [...state.observations.values()].find((one) => !one.ended)
}

function elapsed(state: ReleaseState): number {
  const began = [...state.observations.values()].at(-1)?.startedAt ?? Number.POSITIVE_INFINITY
  return Date.now() - began
}

function verdicts(events: readonly ReleaseEvent[]): readonly Extract<ReleaseEvent, { kind: 'VerdictReached' }>[] {
  return events.filter((event) => event.kind === 'VerdictReached')
}

function stagesLeft(events: readonly ReleaseEvent[]): readonly number[] {
  return events.flatMap((event) => (event.kind === 'StageLeft' ? [event.stage] : []))
}

interface Checklist {
  readonly bad: string
  readonly soak: string
  readonly noDataHold: string
}

const usual: Checklist = {
  bad: 'sum(rate(http_requests_total{code=~"5..",{{arm}}}[3s]))',
  soak: '2s',
  noDataHold: '10m',
}

function checklist({ bad, soak, noDataHold }: Checklist): string {
  return `---
holdpoint: 1
name: Shop
service: shop
environments: { test: {} }
inputs: { socket: {}, prometheus: {} }
sources:
  prom: { kind: prometheus, url: "{{ prometheus }}" }
---
## Rollout
- [ ] Customers move
  \`\`\`yaml rollout
  components:
    shop: { traffic: haproxy, socket: "{{ socket }}", backend: shop, stable: v1, canary: v2 }
  stages:
    - { weight: 5%, soak: ${soak} }
    - { weight: 25%, soak: ${soak} }
    - { weight: 50%, soak: ${soak} }
    - { weight: 100%, soak: ${soak} }
  judge:
    every: 1s
    arms: { canary: { version: "{{version}}" }, stable: { version: "{{previous}}" } }
    metrics:
      errors:
        kind: ratio
        bad: '${bad}'
        total: 'sum(rate(http_requests_total{{{arm}}}[3s]))'
        go: "< 1%"
        rollback: "> 1%"
        min-samples: 100
        window: 60s
      latency:
        kind: histogram
        buckets: 'sum by (le) (rate(http_request_duration_seconds_bucket{{{arm}}}[3s]))'
        go: "p95 < 2s"
        min-samples: 20
        window: 60s
    no-data: { hold: ${noDataHold}, then: rollback }
  \`\`\`
`
}

interface Place {
  readonly folder: string
  readonly socket: string
  readonly prometheus: Running
  readonly prometheusUrl: string
  weights(): Promise<Readonly<Record<string, number>>>
  stop(): Promise<void>
}

/** Two shops, HAProxy before them, customers before HAProxy, and Prometheus beside it all. */
async function openPlace(canaryFailsEvery: number): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'hp-place-'))
  const shops = [
    createShop({ version: '1.0.0', fault: 'none', failEvery: 2000 }),
    createShop({ version: '2.0.0', fault: 'none', failEvery: canaryFailsEvery }),
  ]
  const [stable = '', canary = ''] = await Promise.all(shops.map(addressOf))
  const socket = join(folder, 'admin.sock')
  const front = await freePort()
  writeFileSync(join(folder, 'haproxy.cfg'), haproxyConfig(socket, front, stable, canary))
  const haproxy = startProgram(programs.haproxy as string, ['-db', '-f', join(folder, 'haproxy.cfg')])
  const listen = `127.0.0.1:${await freePort()}`
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global: { scrape_interval: 250ms, scrape_timeout: 200ms }\nscrape_configs:\n  - { job_name: shop, static_configs: [{ targets: ['${stable}', '${canary}'] }] }\n`,
  )
  const prometheus = startProgram(programs.prometheus as string, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${listen}`,
    '--log.level=error',
  ])
  const shop = `http://127.0.0.1:${front}`
  await until(`HAProxy answers\n${haproxy.said()}`, async () => (await fetch(`${shop}/health`)).ok)
  const prometheusUrl = `http://${listen}`
  await until(`Prometheus scrapes both\n${prometheus.said()}`, async () => {
    const answer = await fetch(
      `${prometheusUrl}/api/v1/query?query=count(count_over_time(http_requests_in_flight[5s])>3)`,
    )
    return (await answer.text()).includes('"2"')
  })
  const leave = startTraffic({ shop, perSecond: 500, seed: 1, mostMs: 10 * 60_000 })
  return {
    folder,
    socket,
    prometheus,
    prometheusUrl,
    weights: () => weightsOf(socket),
    async stop() {
      leave()
      await Promise.all([haproxy.stop(), prometheus.stop()])
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

function haproxyConfig(socket: string, front: number, stable: string, canary: string): string {
  return `global
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend front
  bind 127.0.0.1:${front}
  default_backend shop
backend shop
  balance roundrobin
  server v1 ${stable} weight 100
  server v2 ${canary} weight 0
`
}

/** Asked of HAProxy itself, not of the driver. */
async function weightsOf(socket: string): Promise<Readonly<Record<string, number>>> {
  const { connect } = await import('node:net')
  const ask = async (server: string): Promise<number> => {
    const connection = connect(socket)
    connection.end(`get weight shop/${server}\n`)
    let text = ''
    for await (const chunk of connection) text += String(chunk)
    return Number.parseInt(text, 10)
  }
  return { v1: await ask('v1'), v2: await ask('v2') }
}

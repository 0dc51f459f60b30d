/** A real Prometheus scrapes a page of ours, and both sources read the same truth. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, freePort, programs, type Running, startProgram, until } from '../../test/support/programs.ts'
import type { ArmSample } from '../core/judge/verdict.ts'
import type { MetricPowers, MetricQuestion } from '../core/ports/metrics.ts'
import { prometheus } from './prometheus.ts'

describeWith({ prometheus: programs.prometheus }, 'a real Prometheus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-prometheus-'))
  const began = Date.now()
  let service: Server
  let server: Running
  let url: string

  const powers: MetricPowers = {
    signal: new AbortController().signal,
    clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
    http: (address, init) => fetch(address, init),
  }
  const ask = async (kind: MetricQuestion['kind'], queries: Readonly<Record<string, string>>): Promise<ArmSample> => {
    const to = Date.now()
    const source = prometheus.open(prometheus.config.parse({ url, timeout: '30s' }))
    const [sample] = await source.sample([{ kind, queries, arm: 'canary', labels: {}, from: to - 10_000, to }], powers)
    if (!sample) throw new Error('no sample')
    return sample
  }
  const value = (query: string): Promise<unknown> =>
    prometheus.open(prometheus.config.parse({ url, timeout: '30s' })).value(query, Date.now(), powers)

  /** A hundred requests a second since the start, two of them bad, and NaN for a pool nobody measures. */
  const page = (): string => {
    const seconds = (Date.now() - began) / 1000
    const bucket = (le: string, perSecond: number): string => `d_bucket{le="${le}"} ${perSecond * seconds}\n`
    return [
      `r_total{code="200"} ${98 * seconds}\n`,
      `r_total{code="500"} ${2 * seconds}\n`,
      bucket('0.1', 50),
      bucket('0.5', 90),
      bucket('+Inf', 100),
      'pool 0.25\n',
      'broken_pool NaN\n',
    ].join('')
  }

  beforeAll(async () => {
    service = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
      response.end(page())
    })
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
    const target = `127.0.0.1:${(service.address() as AddressInfo).port}`
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 250ms, scrape_timeout: 200ms }\nscrape_configs:\n  - job_name: shop\n    static_configs: [{ targets: ['${target}'] }]\n`,
    )
    const listen = `127.0.0.1:${await freePort()}`
    url = `http://${listen}`
    server = startProgram(programs.prometheus as string, [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listen}`,
      '--log.level=error',
    ])
    await until(`rates are known\n${server.said()}`, async () => {
      const known = (await value('count_over_time(pool[10s]) > 8')) as Record<string, unknown>
      return 'value' in known
    })
  })
  afterAll(async () => {
    await server.stop()
    service.closeAllConnections()
    await new Promise((resolve) => service.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  })

  test('rates become the counts of an interval', async () => {
    const sample = await ask('ratio', { bad: 'sum(rate(r_total{code=~"5.."}[3s]))', total: 'sum(rate(r_total[3s]))' })
    if (sample.kind !== 'ratio') throw new Error(JSON.stringify(sample))
    expect(sample.bad / sample.total).toBeCloseTo(0.02, 6)
    expect(sample.total).toBeGreaterThan(500)
    expect(sample.total).toBeLessThan(1500)
  })

  test('buckets become a histogram', async () => {
    const sample = await ask('histogram', { buckets: 'sum by (le) (rate(d_bucket[3s]))' })
    if (sample.kind !== 'histogram') throw new Error(JSON.stringify(sample))
    expect(sample.le).toEqual([0.1, 0.5, Number.MAX_VALUE])
    const [first = 0, second = 0, all = 0] = sample.counts
    expect(first / all).toBeCloseTo(0.5, 6)
    expect(second / all).toBeCloseTo(0.9, 6)
  })

  test('the past is counted interval by interval, for a part of the instances', async () => {
    const source = prometheus.open(prometheus.config.parse({ url, timeout: '30s' }))
    const to = Date.now()
    const arm = { arm: 'stable' as const, labels: { job: 'shop' }, to }
    const queries = {
      bad: 'sum(rate(r_total{job="shop",code=~"5.."}[1s]))',
      total: 'sum(rate(r_total{job="shop"}[1s]))',
    }
    const members = await source.members!({ ...arm, queries, label: 'instance', from: to - 5000 }, powers)
    expect(members).toEqual({ members: [expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string] })
    const [samples] = await source.history!(
      [{ ...arm, kind: 'ratio', queries, from: to - 15_000, everyMs: 250 }],
      powers,
    )
    expect(samples).toHaveLength(60)
    const known = samples!.filter((sample) => sample.kind === 'ratio')
    // Before the first scrape there is nothing; afterwards each interval is there.
    expect(known.length).toBeGreaterThanOrEqual(4)
    expect(samples![0]?.kind).toBe('no-data')
    for (const { bad, total } of known.slice(1)) expect(bad / total).toBeCloseTo(0.02, 6)
    const nobody = { ...queries, total: 'sum(rate(r_total{job="shop",instance=~"nobody"}[1s]))' }
    const [none] = await source.history!(
      [{ ...arm, kind: 'ratio', queries: nobody, from: to - 750, everyMs: 250 }],
      powers,
    )
    const nothing = { kind: 'no-data', why: 'total: answered without any series' }
    expect(none).toEqual([nothing, nothing, nothing])
  })

  test('one value now', async () => {
    expect(await value('pool')).toEqual({ value: 0.25 })
    expect(await value('1 + 1')).toEqual({ value: 2 })
  })

  test('what is not there, not a number, or more than one is no data', async () => {
    expect(await value('nobody_knows_this')).toEqual({ noData: 'answered without any series' })
    expect(await value('broken_pool')).toEqual({ noData: 'answered NaN, a finite number expected' })
    expect(await value('1 / 0')).toEqual({ noData: 'answered +Inf, a finite number expected' })
    expect(await value('r_total')).toMatchObject({ noData: expect.stringContaining('2 series') as string })
    expect(await value('r_total[1m]')).toMatchObject({ noData: expect.stringContaining('range of values') as string })
    expect(await value('"words"')).toMatchObject({ noData: expect.stringContaining('string') as string })
    expect(await value('rate(')).toMatchObject({
      noData: expect.stringContaining('refused the query: invalid parameter') as string,
    })
  })

  test('it can be probed', async () => {
    expect(await prometheus.open(prometheus.config.parse({ url })).probe(powers)).toEqual({
      ok: true,
      say: `${url} answers queries`,
    })
  })
})

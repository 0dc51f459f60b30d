import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Grafana, people, startGrafana } from '../../test/support/grafana.ts'
import type { CheckResult } from '../core/ports/check.ts'
import { dashboards } from './dashboards.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

let grafana: Grafana
const minute = 60_000
const prom = { type: 'prometheus', uid: 'prom-1' }

beforeAll(async () => {
  grafana = await startGrafana()
  grafana.series.set('streams{env="production"}', [
    { ago: 30_000, value: 4 },
    { ago: 15_000, value: null },
  ])
  grafana.series.set('viewers{job=~"(a|b)"}', [{ ago: 10_000, value: 40 }])
  grafana.series.set('stopped', [{ ago: 20 * minute, value: 1 }])
  grafana.series.set('nothing_but_nan', [{ ago: 5_000, value: null }])
  grafana.dashboards.set('streaming', {
    title: 'Streaming',
    templating: {
      list: [
        { name: 'env', current: { value: 'staging' } },
        { name: 'job', current: { value: ['a', 'b'] } },
      ],
    },
    panels: [
      { type: 'text', title: 'Read me' },
      {
        type: 'row',
        title: 'Folded',
        panels: [{ type: 'stat', title: 'Viewers', targets: [{ expr: 'viewers{job=~"$job"}' }] }],
      },
      {
        type: 'timeseries',
        title: 'Streams in $env',
        datasource: prom,
        targets: [{ refId: 'A', expr: 'streams{env="${env}"}' }],
      },
      { type: 'stat', title: 'Again', datasource: { uid: '-- Dashboard --' }, targets: [{ refId: 'A', panelId: 2 }] },
    ],
  })
  const one = (title: string, target: unknown, datasource: unknown = prom) => ({
    type: 'timeseries',
    title,
    datasource,
    targets: [target],
  })
  grafana.dashboards.set('sick', {
    title: 'Sick',
    panels: [
      one('Nothing', { expr: 'nobody' }),
      one('Empty', { expr: 'nothing_but_nan' }),
      one('Old', { expr: 'stopped' }),
      one('Broken', { expr: 'x{a="$b"}' }),
      one('Gone', { expr: 'x' }, { uid: 'deleted' }),
    ],
  })
  grafana.dashboards.set('table', {
    title: 'Table',
    panels: [one('Rows', { expr: 'stopped', format: 'table' }, 'Prometheus')],
  })
  grafana.dashboards.set('words', { title: 'Words', panels: [{ type: 'text' }] })
  grafana.dashboards.set('twin-1', { title: 'Twin' })
  grafana.dashboards.set('twin-2', { title: 'Twin' })
})
afterAll(() => grafana.close())

const ask = (config: Readonly<Record<string, unknown>>, expectation: string | null = null): Promise<CheckResult> =>
  runCheck(
    dashboards as never,
    { url: grafana.url, token: 'GRAFANA', ...config },
    { expectation, secret: (name) => (name === 'GRAFANA' ? grafana.token : people.password) },
  )

test('dashboards are there by title or uid, with their panels', async () => {
  expect(await ask({ dashboards: ['Streaming', 'sick'], panels: ['Viewers', 'Streams in staging'] })).toMatchObject({
    outcome: 'passed',
    say: `${grafana.url}: 2 dashboards: Streaming, Sick`,
    facts: { dashboards: 2 },
  })
  expect(await ask({ dashboards: ['Streaming', 'Checkout'] })).toMatchObject({
    outcome: 'failed',
    say: 'there is no dashboard Checkout',
  })
  expect(await ask({ dashboards: ['Twin'] })).toMatchObject({
    outcome: 'failed',
    say: expect.stringContaining('name the uid, such as twin-1'),
  })
  expect(await ask({ dashboards: ['twin-2'] })).toMatchObject({ outcome: 'passed' })
  expect(await ask({ dashboards: ['Streaming'], panels: ['Errors'] })).toMatchObject({ outcome: 'failed' })
})

test('every panel shows values of now, with variables as chosen in the dashboard or said by the checklist', async () => {
  const passed = await ask({ dashboards: ['Streaming'], fresh: '5m', variables: { env: 'production' } })
  expect(passed).toMatchObject({
    outcome: 'passed',
    say: `${grafana.url}: 1 dashboard: Streaming; 2 panels with values not older than 5m`,
    facts: { panels: 2, empty_panels: [] },
  })
  expect(evidenceText(passed)).toContain('fresh\tpanel Streams in production shows values of 30s ago')
  expect(grafana.asked).toContain('viewers{job=~"(a|b)"}')
  expect(await ask({ dashboards: ['Streaming'], fresh: '5m' })).toMatchObject({
    outcome: 'failed',
    say: 'panel Streams in staging shows nothing',
  })
  expect(await ask({ dashboards: ['Streaming'], fresh: '5m', except: ['Streams in staging'] })).toMatchObject({
    outcome: 'passed',
  })
})

test('a panel that is empty, old, or cannot be asked fails; one that says no time, or none at all, proves nothing', async () => {
  const sick = await ask({ dashboards: ['Sick'], fresh: '5m' })
  expect(sick).toMatchObject({
    outcome: 'failed',
    say: 'panel Nothing shows nothing; panel Empty shows nothing; panel Old shows values of 20m ago, at most 5m expected and 2 more',
    facts: { empty_panels: ['Nothing', 'Empty'], old_panels: ['Old'], broken_panels: ['Broken', 'Gone'] },
  })
  expect(evidenceText(sick)).toMatch(/broken\tpanel Gone cannot be asked: .*has nothing at \/api\/ds\/query/)
  expect(await ask({ dashboards: ['Table'], fresh: '5m' })).toMatchObject({
    outcome: 'inconclusive',
    say: 'panel Rows does not say of when it is',
  })
  expect(await ask({ dashboards: ['Words'], fresh: '5m' })).toMatchObject({ outcome: 'inconclusive' })
  expect(await ask({ dashboards: ['Words'], fresh: '5m', except: ['Nobody'] })).toMatchObject({
    outcome: 'inconclusive',
  })
})

test('people can log in, and a token that is not known is said', async () => {
  expect(await ask({ login: { user: people.user, password: 'PASSWORD' } })).toMatchObject({
    outcome: 'passed',
    say: `${grafana.url}: release can log in`,
  })
  expect(await ask({ login: { user: 'stranger', password: 'PASSWORD' } })).toMatchObject({ outcome: 'errored' })
  expect(await ask({ token: 'OTHER', dashboards: ['Streaming'] })).toMatchObject({
    outcome: 'errored',
    say: `${grafana.url} does not accept the token, or wants one (401)`,
  })
})

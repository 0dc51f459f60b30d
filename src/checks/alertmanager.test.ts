import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, freePort, programs, type Running, startProgram, until } from '../../test/support/programs.ts'
import type { CheckResult } from '../core/ports/check.ts'
import { alertmanager } from './alertmanager.ts'
import { runCheck } from './parts/powers.fixture.ts'

const configuration = `
time_intervals: [{ name: office, time_intervals: [{ weekdays: ['monday:friday'] }] }]
route:
  receiver: quiet
  group_by: [alertname]
  routes:
    - { matchers: ['severity="P1"', 'team!~"lab.*"'], receiver: pager, continue: true }
    - matchers: ['severity=~"P[12]"']
      receiver: chat
      routes:
        - { match: { service: shop }, receiver: shop-chat }
        - { match_re: { service: 'pay.*' } }
    - { matchers: ['{severity="P3",team="web"}'], receiver: day, active_time_intervals: [office] }
receivers: [{ name: quiet }, { name: pager }, { name: chat }, { name: shop-chat }, { name: day }]
`

/** Alerts, by which it is seen that our reading of the routes is its own. */
const alerts: readonly Readonly<Record<string, string>>[] = [
  { alertname: 'A', severity: 'P1' },
  { alertname: 'B', severity: 'P1', team: 'lab-2', service: 'shop' },
  { alertname: 'C', severity: 'P2', service: 'payments' },
  { alertname: 'D', severity: 'P3', team: 'web' },
  { alertname: 'E', severity: 'P12' },
]

describeWith({ alertmanager: programs.alertmanager }, 'a real Alertmanager', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-alertmanager-'))
  let server: Running
  let url: string
  const ask = (config: Readonly<Record<string, unknown>>): Promise<CheckResult> =>
    runCheck(alertmanager as never, { url, ...config })
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.status).toBe(200)
    return answer.text()
  }
  const seen = async (): Promise<readonly { labels: Record<string, string>; receivers: { name: string }[] }[]> =>
    (await (await fetch(`${url}/api/v2/alerts`)).json()) as never

  beforeAll(async () => {
    url = `http://127.0.0.1:${await freePort()}`
    writeFileSync(join(folder, 'alertmanager.yml'), configuration)
    server = startProgram(programs.alertmanager as string, [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${url.slice('http://'.length)}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ])
    await until(`it answers\n${server.said()}`, async () => (await fetch(`${url}/-/ready`)).ok)
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('an alert reaches whom Alertmanager itself would tell', async () => {
    expect(await ask({ firing: 'none', silences: 'none', receivers: ['pager', 'chat'] })).toMatchObject({
      outcome: 'passed',
      say: `${url}: receivers pager, chat; no silence is active; no alert is active`,
    })
    await post(
      '/api/v2/alerts',
      alerts.map((labels) => ({ labels })),
    )
    await until('it knows all of them', async () => (await seen()).length === alerts.length)
    for (const { labels, receivers } of await seen()) {
      const to = receivers.map(({ name }) => name)
      const result = await ask({ reaches: [{ alert: labels, to }] })
      expect(result.outcome, result.say).toBe(labels['alertname'] === 'D' ? 'inconclusive' : 'passed')
      const others = ['quiet', 'pager', 'chat', 'shop-chat', 'day'].filter((one) => !to.includes(one))
      for (const other of others)
        expect(
          (await ask({ reaches: [{ alert: labels, to: other }] })).outcome,
          `${labels['alertname']} ${other}`,
        ).toBe('failed')
    }
    expect(await ask({ reaches: [{ alert: { severity: 'P2', service: 'shop' }, to: ['pager'] }] })).toMatchObject({
      say: 'an alert {severity=P2, service=shop} reaches shop-chat, not pager',
    })
    expect(await ask({ receivers: ['nobody'] })).toMatchObject({
      outcome: 'failed',
      say: 'there is no receiver nobody',
    })
  })

  test('alerts that are active are seen by their labels', async () => {
    await post(
      '/api/v2/alerts',
      alerts.map((labels) => ({ labels })),
    )
    await until('it knows all of them', async () => (await seen()).length === alerts.length)
    expect(await ask({ firing: 'none', where: { severity: ['P1', 'P2'] }, except: ['B'] })).toMatchObject({
      outcome: 'failed',
      facts: { firing: ['A', 'C'] },
    })
    expect(await ask({ firing: 'none', where: { severity: 'P4' } })).toMatchObject({ outcome: 'passed' })
    expect(await ask({ firing: ['A', 'Z'] })).toMatchObject({ outcome: 'failed', say: 'Z is not active' })
  })

  test('a silence that could hide an alert fails, and during maintenance has to be there', async () => {
    const silenced = { alertname: 'A', severity: 'P1' }
    expect(await ask({ silenced })).toMatchObject({
      outcome: 'failed',
      say: 'an alert {alertname=A, severity=P1} is not silenced',
    })
    await post('/api/v2/silences', {
      matchers: [{ name: 'severity', value: 'P[1]', isRegex: true, isEqual: true }],
      startsAt: new Date(Date.now() - 1000).toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: 'ann',
      comment: 'database move',
    })
    expect(await ask({ silenced })).toMatchObject({ outcome: 'passed' })
    expect(await ask({ silences: 'none' })).toMatchObject({
      outcome: 'failed',
      say: expect.stringMatching(/^1 silence active, the first by ann until .*: database move$/),
    })
    expect(await ask({ silences: 'none', where: { severity: 'P2' } })).toMatchObject({ outcome: 'passed' })
    expect(await ask({ silences: 'none', where: { alertname: 'A' } })).toMatchObject({ outcome: 'failed' })
    expect(await ask({ peers: 2 })).toMatchObject({
      outcome: 'failed',
      say: '0 peers in the cluster, expected at least 2',
    })
  })
})

test('what nothing is asked of is refused with one that can', () => {
  const said = (config: Readonly<Record<string, unknown>>): string =>
    JSON.stringify(alertmanager.config.safeParse(config).error?.issues.map(({ message }) => message))
  expect(said({ url: 'http://a' })).toContain('such as firing: none')
  expect(said({ url: 'http://a', peers: 2, where: { severity: 'P1' } })).toContain('beside where')
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, freePort, programs, type Running, startProgram, until } from '../../test/support/programs.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { prometheus } from './prometheus.ts'

const expression = 'sum(rate(prometheus_http_requests_total{code=~"5.."}[1m])) by (job) > 0.05'

const rules = `groups:
- name: shop
  interval: 250ms
  rules:
  - { alert: HighErrorRate, expr: '${expression}', for: 2m, labels: { severity: P1 } }
  - { alert: HighErrorRate, expr: '${expression.replace('0.05', '0.02')}', for: 5m, labels: { severity: P2 } }
  - { alert: Watchdog, expr: vector(1), labels: { severity: none } }
  - { record: 'job:up:sum', expr: sum by (job) (up) }
- name: sick
  interval: 250ms
  rules:
  - { alert: Sick, expr: 'up * on (job) group_left () {__name__=~".+"}', labels: { severity: P4 } }
`

describeWith({ prometheus: programs.prometheus }, 'a real Prometheus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-prometheus-check-'))
  let server: Running
  let url: string
  const ask = (config: Readonly<Record<string, unknown>>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
    runCheck(prometheus as never, { url, ...config }, powers)

  beforeAll(async () => {
    const listen = `127.0.0.1:${await freePort()}`
    url = `http://${listen}`
    writeFileSync(join(folder, 'rules.yml'), rules)
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 250ms, scrape_timeout: 200ms, evaluation_interval: 250ms }
rule_files: [rules.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:9'] }] }] }
scrape_configs:
- { job_name: api, static_configs: [{ targets: ['${listen}'] }] }
- { job_name: gone, static_configs: [{ targets: ['127.0.0.1:9'] }] }
`,
    )
    server = startProgram(programs.prometheus as string, [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listen}`,
      '--log.level=error',
    ])
    await until(`it has looked at everything\n${server.said()}`, async () => {
      const seen = await ask({ targets: ['api', 'gone'], rules: ['Sick'], firing: ['Watchdog'] })
      return /1 target down/.test(seen.say) && /Sick/.test(seen.say) && !/not fire/.test(seen.say)
    })
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('targets have to be up, by job and in their number', async () => {
    expect(await ask({ targets: { api: 1 } })).toMatchObject({
      outcome: 'passed',
      say: `${url}: 1 target up`,
      facts: { targets_up: 1, targets_down: [] },
    })
    expect(await ask({ targets: { api: 3 } })).toMatchObject({
      outcome: 'failed',
      say: '1 target of job api up, expected at least 3',
    })
    expect(await ask({ targets: 'all' })).toMatchObject({
      outcome: 'failed',
      say: expect.stringMatching(/^1 target down: gone 127\.0\.0\.1:9 \(.*connection refused\)$/),
      facts: { targets_down: ['gone 127.0.0.1:9'] },
    })
    expect(await ask({ targets: 'all', 'may-be-down': 1 })).toMatchObject({ outcome: 'passed' })
    expect(await ask({ targets: ['nobody'] })).toMatchObject({ outcome: 'failed' })
    expect(evidenceText(await ask({ targets: 'all' }))).toContain('up\tapi 127.0.0.1')
  })

  test('rules have to be loaded, able to be evaluated, and as the checklist says', async () => {
    const severe = { alert: 'HighErrorRate', labels: { severity: 'P1' } }
    expect(
      await ask({
        rules: ['Watchdog', { ...severe, expr: expression.replaceAll('"', "'"), for: '2m' }, { record: 'job:up:sum' }],
      }),
    ).toMatchObject({ outcome: 'failed' })
    expect(
      await ask({
        rules: [
          'Watchdog',
          { ...severe, expr: "sum by (job) (rate(prometheus_http_requests_total{code=~'5..'}[1m])) > 0.05", for: '2m' },
          { ...severe, labels: { severity: 'P2' }, 'expr-has': '>0.02' },
          { record: 'job:up:sum', expr: 'sum by (job) (up)' },
        ],
      }),
    ).toMatchObject({
      outcome: 'passed',
      say: expect.stringContaining('4 rules loaded: Watchdog, HighErrorRate severity=P1'),
    })
    const wrong = await ask({ rules: ['Nobody', { ...severe, 'expr-has': '> 0.1' }, { ...severe, for: '9m' }] })
    expect(wrong.outcome).toBe('failed')
    expect(wrong.say).toMatch(
      /^there is no alerting rule Nobody; rule HighErrorRate severity=P1: its expression .* does not have > 0\.1; /,
    )
    expect(wrong.say).toContain('it waits for 2m, expected 9m')
    expect(await ask({ rules: 'all' })).toMatchObject({
      outcome: 'failed',
      say: expect.stringMatching(/^1 rule cannot be evaluated: Sick \(/),
    })
  })

  test('no alert may fire of those that are meant; silence of what cannot warn proves nothing', async () => {
    expect(await ask({ firing: 'none', where: { severity: ['P1', 'P2'] } })).toMatchObject({
      outcome: 'passed',
      say: `${url}: no alert of severity P1 or P2 fires (2 rules)`,
    })
    expect(await ask({ firing: 'none' })).toMatchObject({
      outcome: 'failed',
      say: '1 alert active: Watchdog',
      facts: { firing: ['Watchdog'] },
    })
    expect(await ask({ firing: 'none', except: ['Watchdog'] })).toMatchObject({
      outcome: 'inconclusive',
      say: expect.stringContaining('Sick'),
    })
    expect(await ask({ firing: 'none', where: { severity: 'P9' } })).toMatchObject({
      outcome: 'inconclusive',
      say: 'no alerting rule of severity P9 is loaded that could fire',
    })
    // A label of series may come with an alert; one that nothing has is a slip of the pen, and would be quiet for ever.
    expect(await ask({ firing: 'none', where: { instance: '127.0.0.1:1' }, except: ['Sick'] })).toMatchObject({
      outcome: 'passed',
    })
    expect(await ask({ firing: 'none', where: { sevrity: 'P1' }, except: ['Sick'] })).toMatchObject({
      outcome: 'inconclusive',
      say: 'no alerting rule of sevrity P1 is loaded that could fire',
    })
    expect(await ask({ firing: ['Watchdog', 'HighErrorRate'] })).toMatchObject({
      outcome: 'failed',
      say: 'HighErrorRate does not fire',
    })
    expect(await ask({ firing: ['Watchdog'], alertmanagers: 1 })).toMatchObject({ outcome: 'passed' })
    expect(await ask({ alertmanagers: 2 })).toMatchObject({
      outcome: 'failed',
      say: 'alerts are sent to 1 Alertmanagers, expected at least 2',
    })
  })

  test('metrics have samples now, and over a time without a gap', async () => {
    await until('it has a few seconds of the past', async () => {
      const { outcome } = await ask({ metrics: ['up'], 'without-gaps': '3s', silence: '1s' })
      return outcome === 'passed'
    })
    expect(await ask({ metrics: ['up', 'nobody_counts_this'] })).toMatchObject({
      outcome: 'failed',
      say: 'no sample of nobody_counts_this within 1m',
    })
    const long = await ask({ metrics: ['up'], 'without-gaps': '1h', silence: '30s' })
    expect(long).toMatchObject({ outcome: 'failed', say: expect.stringMatching(/^up has \d+ gaps of 30s, the first/) })
  })

  test('a source says where it is, and a token goes along', async () => {
    const source = (): { kind: string; config: Record<string, string> } => ({
      kind: 'prometheus',
      config: { url: `${url}/` },
    })
    const seen: Readonly<Record<string, string>>[] = []
    const powers: Partial<CheckPowers> = {
      source: source as never,
      http: (address, init) => {
        seen.push(init.headers)
        return fetch(address, init)
      },
    }
    const given = { url: undefined, on: 'metrics', token: 'PROM', targets: ['{{ job }}'] }
    expect(await ask(given, { ...powers, variables: { job: 'api' } })).toMatchObject({
      outcome: 'passed',
      say: 'metrics: 1 target up',
    })
    expect(seen[0]?.['authorization']).toBe('Bearer secret-PROM')
    const other = { ...powers, variables: { job: 'api' }, source: (() => ({ kind: 'sqlite', config: {} })) as never }
    expect(await ask(given, other)).toMatchObject({
      outcome: 'errored',
      say: 'metrics is a source of kind sqlite, expected prometheus or http',
    })
  })
})

test('what nothing is asked of, or cannot be meant, is refused with one that can', () => {
  const said = (config: Readonly<Record<string, unknown>>): string =>
    JSON.stringify(prometheus.config.safeParse(config).error?.issues.map(({ message }) => message))
  expect(said({ url: 'http://p' })).toContain('such as targets: all')
  expect(said({ targets: 'all' })).toContain('expected on: NAME of a source, or url')
  expect(said({ url: 'http://p', targets: 'all', where: { severity: 'P1' } })).toContain('expected firing beside where')
  expect(said({ url: 'http://p', metrics: ['up'], 'without-gaps': '1s' })).toContain('times silence')
})

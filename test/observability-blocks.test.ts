/** What teams ask of their monitoring before and during a release is one short block each, with the sources it names. */
import { expect, test } from 'vitest'
import { kinds } from '../src/app/app.ts'
import { compile } from '../src/core/plan/compile.ts'
import { renderProblem } from '../src/core/plan/problem.ts'

/** `;` ends a line of the block. */
const blocks: readonly (readonly [item: string, opening: string, body: string])[] = [
  ['Dashboards show live values', 'yaml check', 'kind: dashboards;on: grafana;dashboards: [Shop];fresh: 5m'],
  ['People can log in to Grafana', 'yaml check', 'kind: dashboards;on: grafana;login: { user: release, password: T }'],
  [
    'Error-rate alerts at two severities',
    'yaml check',
    'kind: prometheus;on: prom;rules:;  - { alert: Errors, expr-has: "> 0.02", labels: { severity: P2 } };  - { alert: Errors, expr-has: "> 0.05", labels: { severity: P1 } }',
  ],
  ['Four alert policies are active', 'yaml check', 'kind: prometheus;on: prom;rules: [Latency, Http5xx, Queue, DbCpu]'],
  ['Targets are scraped', 'yaml check', 'kind: prometheus;on: prom;targets: { api: 3, worker: 1 }'],
  [
    'The streaming metric is there',
    'yaml check',
    'kind: prometheus;on: prom;metrics: [active_streams];without-gaps: 6h',
  ],
  ['Nobody ignores an alert', 'yaml check', 'kind: alertmanager;on: am;firing: none;where: { severity: [P1, P2] }'],
  ['P1 reaches the pager', 'yaml check', 'kind: alertmanager;on: am;reaches: [{ alert: { severity: P1 }, to: pager }]'],
  [
    'Errors of both tiers arrive',
    'yaml check',
    'kind: error-sink;on: tracker;token: T;organization: acme;send: { api: "https://k@in.example.com/1", web: "https://k@in.example.com/2" }',
  ],
  ['No new P1 problems', 'promql check on=errors below=1', 'new-issues level:fatal firstRelease:"{{version}}"'],
  [
    'Logs arrive',
    'yaml check',
    `kind: log;search: { loki: "https://loki.example.com", query: '{ns="shop"}' };last: 5m`,
  ],
  [
    'Sign-ups hold up',
    'promql check on=business versus=baseline.signups within=+20%',
    'select count(*) from signups where at >= $to-1h',
  ],
  ['Logins succeed', 'promql check on=business above=0.95', 'select avg(ok) from logins where at >= $to-1h'],
  ['Few tickets', 'promql check on=desk below=5', '/tickets{since="$to-1h",tag="{{version}}"} body.count'],
]

const head = `---
holdpoint: 1
name: Example
service: example
secrets: { T: env }
sources:
  prom: { kind: prometheus, url: "http://prometheus.example.com" }
  grafana: { kind: http, url: "https://grafana.example.com", headers: { authorization: "Bearer {{ secret.T }}" } }
  am: { kind: http, url: "http://alertmanager.example.com" }
  tracker: { kind: http, url: "https://sentry.example.com" }
  errors: { kind: sentry, url: "https://sentry.example.com", organization: acme, token: "{{ secret.T }}" }
  orders: { kind: sqlite, file: shop.db }
  business: { kind: sql, database: orders }
  desk: { kind: http-json, url: "https://desk.example.com" }
---
## Before
- [ ] Base line
  \`\`\`yaml baseline
  on: business
  values: { signups: { query: "select count(*) from signups where at >= $to-1h and at < $to" } }
  \`\`\`

## Checks
`

test.each(blocks)('%s', (item, opening, body) => {
  const block = `  \`\`\`${opening}\n${body.replaceAll(';', '\n').replace(/^/gm, '  ')}\n  \`\`\`\n`
  const bytes = new TextEncoder().encode(`${head}- [ ] ${item}\n${block}`)
  const { plan, problems } = compile({ file: 'release.md', bytes, shared: null }, kinds())
  expect(problems.filter(({ severity }) => severity === 'error').map(renderProblem)).toEqual([])
  expect(plan?.steps.at(-1)?.block.word).toBe('check')
})

import { expect, test } from 'vitest'
import { checks } from '../../checks/index.ts'
import { compile } from './compile.ts'
import type { Plan } from './plan.ts'
import { testKinds } from './test-kinds.ts'

const kinds = { ...testKinds, checks: new Map(checks.map((each) => [each.kind, each])) }
const bad = 'sum(rate(http_requests_total{code=~"5..",{{arm}}}[1m]))'
const total = 'sum(rate(http_requests_total{ {{arm}} }[1m]))'

function compiled(body: string, queries: string, shared: string | null = null): ReturnType<typeof compile> {
  const head = `sources: { prom: { kind: prometheus, url: "http://prom:9090" } }\n${queries}`
  const text = `---\nholdpoint: 1\nservice: shop\n${head}---\n## Ship\n${body}`
  const file = shared === null ? null : { file: 'holdpoint.yaml', text: shared }
  return compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: file }, kinds)
}

function planOf(body: string, queries: string, shared: string | null = null): Plan {
  const { plan, problems } = compiled(body, queries, shared)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return plan!
}

const declared = `queries:
  bad: '${bad}'
  total: '${total}'
  errors: "{{ query.bad }} / {{ query.total }}"
  load: sum(rate(http_requests_total[5m]))
windows:
  quiet: { zone: UTC, low-traffic: { on: prom, query: "{{ query.load }}", below: 40 } }
`
const everywhere = (name: (query: string) => string, alone: (query: string) => string): string => `
- [ ] Few errors
  \`\`\`promql check below=40
  ${alone('load')}
  \`\`\`
- [ ] The numbers before
  \`\`\`yaml baseline
  values: { load: { query: ${name('load')} } }
  \`\`\`
- [ ] The numbers now
  \`\`\`yaml fields
  load: { type: number, capture: ${name('load').replace('"', '"promql ')} }
  \`\`\`
- [ ] Steady
  \`\`\`yaml check
  kind: trend
  rule: stable
  query: ${name('load')}
  \`\`\`
- [ ] A day
  \`\`\`promql trigger above=90 action=ask
  ${alone('load')} > 0
  \`\`\`
  \`\`\`yaml watch
  for: 24h
  judge: { metrics: { load: { kind: gauge, query: ${name('load')}, go: "< 40" } } }
  \`\`\`
`

test('a query that has a name stands wherever a source is asked, as if it had been written there', () => {
  const load = 'sum(rate(http_requests_total[5m]))'
  const byName = planOf(
    everywhere(
      (name) => `"{{ query.${name} }}"`,
      (name) => `{{ query.${name} }}`,
    ),
    declared,
  )
  const written = planOf(
    everywhere(
      () => `"${load}"`,
      () => load,
    ).replace(`${load} > 0`, `(${load}) > 0`),
    declared,
  )
  const bare = ({ steps, triggers }: Plan): unknown => [
    steps.map(({ block }) => block),
    triggers.map(({ check }) => check),
  ]
  expect(bare(byName)).toEqual(bare(written))
  expect(byName.windows['quiet']?.lowTraffic).toMatchObject({ query: load })
})

test('one within another stands in parentheses, and a shared file declares them too', () => {
  const watch =
    '- [ ] A day\n  ```yaml watch\n  for: 1h\n  judge: { metrics: { errors: { kind: gauge, query: "{{ query.errors }}", go: "< 1%" } } }\n  ```\n'
  const plan = planOf(
    watch,
    'queries: { total: up }\n',
    declared.slice(0, declared.indexOf('windows')).replace(total, 'x'),
  )
  const [step] = plan.steps
  expect(step?.block.word === 'watch' && step.block.judge.metrics[0]?.queries).toEqual({ query: `(${bad}) / (up)` })
})

test('commands and requests get nothing pasted into them', () => {
  const step =
    '- [ ] Alive\n  ```yaml watch\n  for: 1h\n  checks: [{ name: a, kind: command, script: "echo {{ query.load }}" }]\n  ```\n'
  const plan = planOf(step, declared)
  const [watch] = plan.steps
  expect(watch?.block.word === 'watch' && watch.block.checks[0]?.check.config['script']).toBe('echo {{ query.load }}')
})

test('a name that is not declared is an error where it stands, with the nearest one', () => {
  const told = (body: string, queries: string): readonly string[] =>
    compiled(body, queries).problems.map(({ code, line, expected }) => `${line} ${code}: ${expected}`)
  const check = '- [ ] Few\n  ```promql check below=1\n  {{ query.lod }}\n  ```\n'
  expect(told(check, declared)).toEqual([expect.stringMatching(/^16 unknown-query: .*load/)])
  expect(told('- [ ] One\n', 'queries: { a: "{{ query.b }} + 1", b: up }\n')[0]).toContain('unknown-query')
  expect(told('- [ ] One\n', 'queries: { a: [up] }\n')[0]).toContain('bad-value')
})

test('of two metric sources one has to be named', () => {
  const check = '- [ ] Few\n  ```promql check below=1\n  up\n  ```\n'
  const two = compiled(check, '').problems
  expect(two).toEqual([])
  const text = `---\nholdpoint: 1\nservice: shop\nsources: { a: { kind: prometheus, url: "http://a:9090" }, b: { kind: prometheus, url: "http://b:9090" } }\n---\n## Ship\n${check}`
  const { problems } = compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, kinds)
  expect(problems.map(({ code }) => code)).toContain('missing-attribute')
})

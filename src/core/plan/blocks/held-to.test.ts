import { expect, test } from 'vitest'
import { checks } from '../../../checks/index.ts'
import { compile } from '../compile.ts'
import { testKinds } from '../test-kinds.ts'

function compiled(block: string): ReturnType<typeof compile> {
  const head =
    'environments: { staging: {}, production: {} }\nsources: { prom: { kind: prometheus, url: "http://prom:9090" }, db: { kind: sqlite, file: a.db } }'
  const text = `---\nholdpoint: 1\nservice: shop\n${head}\n---\n## Checks\n- [ ] One\n${block.replace(/^/gm, '  ')}\n- [ ] Two\n`
  const kinds = { ...testKinds, checks: new Map(checks.map((each) => [each.kind, each])) }
  return compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, kinds)
}

const errorsOf = (block: string): readonly string[] =>
  compiled(block)
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ code, found }) => `${code}: ${found}`)

test('a query is held to a limit or to `expect`, and to nothing is an error, in a scenario too', () => {
  expect(errorsOf('```promql check on=prom\nup\n```')).toEqual([
    'missing-attribute: a "promql check" block without anything that it is held to',
  ])
  expect(errorsOf('```promql check on=prom expect="value == 1"\nup\n```')).toEqual([])
  const scenario = (more: string): string =>
    `\`\`\`yaml check\nkind: scenario\nsteps: [{ kind: promql, on: prom, query: up${more} }]\n\`\`\``
  expect(errorsOf(scenario(''))).toEqual([expect.stringMatching(/^bad-config: /)])
  expect(errorsOf(scenario(', expect: value == 1'))).toEqual([])
  expect(errorsOf(scenario(', capture: { now: value }'))).toEqual([])
  expect(errorsOf('```promql check on=prom capture=value\nup\n```')).toEqual([])
  expect(errorsOf('```promql trigger on=prom action=ask\nup\n```')).toHaveLength(1)
})

test('an answer of a database is held to something, a host is a host, and secrets of settings are declared', () => {
  expect(errorsOf('```sql check on=prom\nselect 1\n```')).toContain(
    'missing-attribute: a "sql check" block without anything that it is held to',
  )
  const redis = (settings: string): readonly string[] => errorsOf(`\`\`\`yaml check\nkind: redis\n${settings}\n\`\`\``)
  expect(redis('host: db.internal\npassword: "{{ secret.NOPE }}"')).toEqual([
    'unknown-secret: unknown secret "NOPE" in {{ secret.NOPE }}',
  ])
  expect(redis('host: "::1"\nport: "{{ version }}"')).toEqual([])
  expect(redis('host: https://db.internal')).toEqual([expect.stringMatching(/^bad-config: "https:/)])
  expect(redis('host: db.internal:6379')).toHaveLength(1)
  expect(redis('host: db.internal\nport: abc')).toHaveLength(1)
  const yaml = (settings: string): readonly string[] => errorsOf(`\`\`\`yaml check\n${settings}\n\`\`\``)
  expect(yaml('kind: dns\nname: https://shop.example/')).toHaveLength(1)
  expect(yaml('kind: rtmp\nurl: rtmp://ingest.example/live')).toHaveLength(1)
  const soak = 'kind: soak\nurl: https://a.example\nusers: 1\nfor: 4h'
  expect(yaml(`${soak}\ntimeout: 1h`)).toEqual([expect.stringContaining('which lasts 14410s by its other settings')])
  expect(yaml(`${soak}\ntimeout: 5h`)).toEqual([])
  const probed = 'kind: security-probe\nbase: https://a.example\ntokens: { request: GET /, valid: NOPE }'
  expect(errorsOf(`\`\`\`yaml check\n${probed}\n\`\`\``)).toEqual(['unknown-secret: unknown secret "NOPE"'])
  const load = 'kind: load\nurl: https://a.example\nusers: 1\nfor: 5s\ntoken: NOPE'
  expect(errorsOf(`\`\`\`yaml check\n${load}\n\`\`\``)).toEqual(['unknown-secret: unknown secret "NOPE"'])
})

test('limits of checks and triggers differ between environments that are declared', () => {
  const below = 'below="production: 1%, else: 5%"'
  expect(errorsOf(`\`\`\`promql check on=prom ${below}\nup\n\`\`\``)).toEqual([])
  expect(errorsOf(`\`\`\`promql check on=prom ${below.replace('production', 'prodution')}\nup\n\`\`\``)).toEqual([
    'unknown-environment: unknown environment "prodution"',
  ])
  const sql = (more: string): readonly string[] => errorsOf(`\`\`\`sql check on=db ${more}\nselect 1 as a\n\`\`\``)
  expect(sql('limits="a <= 0, b < 10s"')).toEqual([])
  expect(sql('limits="a = 0"')[0]).toMatch(/^bad-config: /)
  expect(sql('')).toEqual(['missing-attribute: a "sql check" block without anything that it is held to'])
  const trigger = compiled('```promql trigger on=prom action=ask above="production: 1%, else: 5%"\nup\n```')
  expect(trigger.plan?.triggers[0]?.check.config).toMatchObject({ below: 'production: 1%, else: 5%' })
})

test('a setting of several shapes that is not there is told what it is for', () => {
  const [problem] = compiled('```yaml check\nkind: manifests\nserver: http://127.0.0.1:8001\n```').problems.filter(
    ({ found }) => found.endsWith('without "path"'),
  )
  expect(problem?.expected).toMatch(/^Files, or files with \*/)
})

import { expect, test } from 'vitest'
import { z } from 'zod'
import { kubernetesFields, kubernetesSecrets, kubernetesSource } from '../../kubernetes/fields.ts'
import { compile } from '../compile.ts'

const about = { summary: 'x', takes: kubernetesSource, secrets: kubernetesSecrets }
const config = z.strictObject({ ...kubernetesFields, workload: z.string() })
const kinds = {
  checks: new Map([
    ['rollout', { ...about, kind: 'rollout', config, needs: [], timeoutMs: 1, facts: {}, example: 'x' } as never],
  ]),
  actions: new Map([
    ['restart', { ...about, kind: 'restart', config, captures: [], timeoutMs: 1, example: 'x' } as never],
  ]),
  drivers: new Map([['route', { ...about, kind: 'route', config, example: 'x' } as never]]),
  sources: new Map(),
  notifiers: new Map(),
}

const compiled = (sources: string, settings: string): ReturnType<typeof compile> => {
  const block = `kind: rollout\n  workload: deployment/api${settings}`
  const text = `---
holdpoint: 1
name: Shop
service: shop
secrets: { KUBE: env, KUBE_CA: env }
sources:
${sources}
---
## Ship
- [ ] A check
  \`\`\`yaml check
  ${block}
  \`\`\`
- [ ] An action
  \`\`\`yaml run
  ${block.replace('rollout', 'restart')}
  \`\`\`
- [ ] A rollout
  \`\`\`yaml rollout
  components: { api: { traffic: route, workload: api${settings.replace(/\n\s+/g, ', ')} } }
  stages: [{ weight: 100% }]
  \`\`\`
`
  return compile({ file: 'shop.md', bytes: new TextEncoder().encode(text), shared: null }, kinds)
}

const staging =
  '  staging: { kind: kubernetes, server: "https://staging.example:6443", token: KUBE, ca: KUBE_CA, namespace: shop }'
const production = '  production: { kind: kubernetes, server: "https://production.example:6443", token: KUBE }'
const errorsOf = ({ problems }: ReturnType<typeof compile>): readonly string[] =>
  problems
    .filter(({ severity }) => severity === 'error')
    .map(({ code, found, expected }) => `${code}: ${found}; ${expected}`)

test('where a cluster answers is said once: checks, actions and drivers take it from the only source of the kind', () => {
  const result = compiled(staging, '\n  namespace: web')
  expect(errorsOf(result)).toEqual([])
  const taken = {
    server: 'https://staging.example:6443',
    token: 'KUBE',
    ca: 'KUBE_CA',
    namespace: 'web',
    on: 'staging',
  }
  const [check, action, rollout] = result.plan?.steps.map(({ block }) => block) ?? []
  expect(check).toMatchObject({ config: taken })
  expect(action).toMatchObject({ command: { secrets: ['KUBE', 'KUBE_CA'] } })
  expect(action?.word === 'run' && JSON.parse(action.command.script)).toMatchObject({ config: taken })
  expect(rollout).toMatchObject({ components: [{ config: taken }] })
})

test('of several sources one is named; a block with a server of its own takes nothing', () => {
  const named = compiled(`${staging}\n${production}`, '\n  on: production')
  expect(errorsOf(named)).toEqual([])
  expect(named.plan?.steps[0]?.block).toMatchObject({ config: { server: 'https://production.example:6443' } })
  const own = compiled(staging, '\n  server: http://127.0.0.1:8001\n  token: false')
  expect(errorsOf(own)).toEqual([])
  expect(own.plan?.steps[0]?.block).toMatchObject({ config: { server: 'http://127.0.0.1:8001', token: false } })
})

test('a source that is not named among several, is another, or needs a secret that nobody declared is said', () => {
  const [unnamed] = errorsOf(compiled(`${staging}\n${production}`, ''))
  expect(unnamed).toMatch(/^unknown-source: no "on" beside 2 sources of the kind kubernetes; .*staging/)
  const other = errorsOf(compiled(`${staging}\n  db: { kind: sqlite, file: a.db }`, '\n  on: db'))
  expect(other).toContainEqual(expect.stringContaining('"db", which is no source of the kind kubernetes'))
  expect(errorsOf(compiled(staging.replace('KUBE_CA', 'GONE'), ''))).toHaveLength(3)
})

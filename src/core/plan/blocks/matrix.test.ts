import { expect, test } from 'vitest'
import type { CheckBlock, StepPlan } from '../plan.ts'
import { compile } from '../compile.ts'
import { testKinds } from '../test-kinds.ts'

const frontMatter = `holdpoint: 1
name: Shop
sources: { db: { kind: sqlite, file: shop.db } }
inputs: { tenant: { default: one } }`

function compiled(steps: string): ReturnType<typeof compile> {
  const text = `---\n${frontMatter}\n---\n${steps}\n`
  return compile({ file: 'shop.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
}

const rollout = (matrix: string, more = ''): string => `- [ ] Rolled out
  \`\`\`sh check ${matrix} timeout=2m ${more}
  kubectl --context "$region" rollout status "deploy/$app"
  \`\`\``

function errorsOf(steps: string): readonly string[] {
  return compiled(steps)
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ code, found, expected }) => `${code}: ${found}; ${expected}`)
}

const cells = (steps: readonly StepPlan[]): readonly unknown[] =>
  steps.flatMap(({ id, block }) => (block.word === 'check' ? [[id, block.matrix]] : []))

test('a matrix is a group with a check for each combination, called by its values', () => {
  const { plan, problems } = compiled(
    `${rollout('matrix="app=api,web region=eu-1,us"', 'severity=warning owner=ana')}\n- [ ] Ready`,
  )
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(cells(plan?.steps ?? [])).toEqual([
    ['shop/rolled-out/api-eu-1', { app: 'api', region: 'eu-1' }],
    ['shop/rolled-out/api-us', { app: 'api', region: 'us' }],
    ['shop/rolled-out/web-eu-1', { app: 'web', region: 'eu-1' }],
    ['shop/rolled-out/web-us', { app: 'web', region: 'us' }],
  ])
  const [group, ...each] = plan?.steps.slice(0, 5) ?? []
  expect(group?.block).toEqual({ word: 'group' })
  expect(each.map(({ severity, owner, after }) => [severity, owner, after])).toEqual(
    Array.from({ length: 4 }, () => ['warning', 'ana', []]),
  )
  const scripts = each.map(({ block }) => (block as CheckBlock).config['script'])
  expect(new Set(scripts).size).toBe(1)
  expect(new Set(each.map(({ digest }) => digest)).size).toBe(4)
})

test('its names are known in expect and in settings, as YAML too, and nowhere else', () => {
  const sql = '```sql check on=db matrix="queue=mail,bills" expect="count < 5 && queue != \\"x\\""\n  select 1\n  ```'
  const yaml =
    '```yaml check\n  kind: promql\n  matrix: { region: [eu, 2] }\n  on: db\n  query: "up{region=\'{{ region }}\'}"\n  below: "5"\n  ```'
  expect(errorsOf(`- [ ] A\n  ${sql}`)).toEqual([])
  expect(cells(compiled(`- [ ] B\n  ${yaml}`).plan?.steps ?? [])).toEqual([
    ['shop/b/eu', { region: 'eu' }],
    ['shop/b/2', { region: '2' }],
  ])
  expect(compiled(`- [ ] B\n  ${yaml}`).problems.filter(({ code }) => code === 'unknown-value')).toEqual([])
  const other = '```sql check on=db expect="queue == 1"\n  select 1\n  ```'
  expect(errorsOf(`- [ ] A\n  ${sql}\n- [ ] B\n  ${other}`)).toHaveLength(1)
})

test.each([
  ['matrix="region=eu,us,eu"', 'the value "eu" of "region" twice in "matrix"; each value once'],
  ['matrix="region=eu region=us"', '"region" a second time in "matrix"; each name once'],
  ['matrix="eu,us"', '"eu,us" in "matrix"; names with their values, between commas and without spaces'],
  ['matrix="region=eu,"', 'the value "" of "region" in "matrix"; words on one line, without {{ }}'],
  ['matrix="PATH=/tmp"', 'the name "PATH" in "matrix"; small letters, digits and "_", not ending in _proxy'],
  ['matrix="https_proxy=x"', 'the name "https_proxy" in "matrix"; small letters, digits and "_", not ending in _proxy'],
  [
    'matrix="service=a,b"',
    'the name "service" in "matrix", which every release has; a name of its own, such as app or region',
  ],
  [
    'matrix="tenant=a,b"',
    'the name "tenant" in "matrix", which an input has; a name of its own, such as app or region',
  ],
  [
    'matrix="app=a,b" capture=x',
    '"capture" beside "matrix" in a "sh check" block; a check of its own for it, without a matrix',
  ],
  [
    'matrix="app=a,b" record=x',
    '"record" beside "matrix" in a "sh check" block; a check of its own for it, without a matrix',
  ],
  ['matrix="a=1,2,3,4,5,6,7,8,9,0 b=1,2,3,4,5,6,7,8,9,0 c=1,2"', 'a matrix of 200 cells; at most 100'],
])('%s is refused', (matrix, words) => {
  expect(errorsOf(rollout(matrix))).toEqual([`bad-value: ${words}`])
})

import { expect, test } from 'vitest'
import { checks } from '../../../checks/index.ts'
import { compile } from '../compile.ts'
import type { Block } from '../plan.ts'
import { testKinds } from '../test-kinds.ts'

function blockOf(block: string): Block | undefined {
  const text = `---\nholdpoint: 1\nservice: shop\n---\n## Checks\n- [ ] One\n${block.replace(/^/gm, '  ')}\n`
  const kinds = { ...testKinds, checks: new Map(checks.map((each) => [each.kind, each])) }
  const { plan, problems } = compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, kinds)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return plan?.steps[0]?.block
}

test('a word of an info string is a yes where the kind wants one, and a text where it wants a text', () => {
  expect(blockOf('```sh check json\necho {}\n```')).toMatchObject({ config: { json: true } })
  expect(blockOf('```yaml check\nkind: file\npath: "true"\n```')).toMatchObject({ config: { path: 'true' } })
  expect(blockOf('```yaml check\nkind: file\npath: a\nexists: false\n```')).toMatchObject({ config: { exists: false } })
})

test('a quoted command of a watch stays what was written', () => {
  const watch = '```yaml watch\nfor: 1m\nchecks:\n  - { name: alive, kind: command, shell: bash, script: "true" }\n```'
  expect(blockOf(watch)).toMatchObject({ checks: [{ check: { config: { script: 'true' } } }] })
})

function errorsOf(settings: string) {
  const text = `---\nholdpoint: 1\n---\n- [ ] One\n  \`\`\`yaml check\n  kind: prometheus\n  url: http://p\n${settings}  \`\`\`\n`
  const kinds = { ...testKinds, checks: new Map(checks.map((each) => [each.kind, each])) }
  const { problems } = compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, kinds)
  return problems.filter(({ severity }) => severity === 'error')
}

test('a setting of a shape that none of those it may have fits is told what it is for', () => {
  expect(errorsOf('  targets: 3\n')).toMatchObject([
    {
      found: '3 for "targets" in a "yaml check" block',
      expected: expect.stringMatching(/^Jobs whose targets are up: /),
    },
  ])
})

test('settings of which something is missing are told by their names, not as what they are in memory', () => {
  expect(errorsOf('')).toMatchObject([
    { found: 'a "yaml check" block with url', expected: expect.stringMatching(/^at least one of targets, /) },
  ])
})

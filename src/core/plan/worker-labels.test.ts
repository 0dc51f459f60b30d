/** Labels of workers in a checklist: on a block, or for all of it. */
import { expect, test } from 'vitest'
import { compile } from './compile.ts'
import type { Plan } from './plan.ts'
import { testKinds } from './test-kinds.ts'

function planOf(frontMatter: string, steps: string): Plan {
  const text = `---\nholdpoint: 1\n${frontMatter}\n---\n## Go\n${steps}\n`
  const { plan, problems } = compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return plan!
}

const run = '- [ ] Ship\n  ```sh run worker=gpu,eu-1 irreversible="x" probe="true"\n  true\n  ```\n'
const undone = '- [ ] Ship\n  ```sh run\n  true\n  ```\n  ```sh undo worker=eu-2\n  true\n  ```\n'
const check = '- [ ] Look\n  ```sh check worker=gpu\n  true\n  ```\n'

test('a command names the labels that its worker must have, and its probe goes to the same worker', () => {
  const { block } = planOf('', run).steps[0]!
  expect(block).toMatchObject({ command: { worker: ['gpu', 'eu-1'] }, probe: { worker: ['gpu', 'eu-1'] } })
})

test('an undo may need another worker than its action', () => {
  const [step] = planOf('', undone).steps
  expect(step).toMatchObject({ undo: { worker: ['eu-2'] } })
  expect(step?.block).not.toHaveProperty('command.worker')
})

test('a check in a shell language names them too, and its own settings do not see the word', () => {
  const { block } = planOf('', check).steps[0]!
  expect(block).toMatchObject({ kind: 'command', worker: ['gpu'] })
  expect(block).not.toHaveProperty('config.worker')
})

test('the front matter says it for every command', () => {
  expect(planOf('worker: [linux, eu-1]', check).worker).toEqual(['linux', 'eu-1'])
})

test('a plan that names no worker is the same, byte for byte, as before there were any', () => {
  expect(planOf('', '- [ ] Look\n  ```sh check\n  true\n  ```\n')).not.toHaveProperty('worker')
})

test('a check that runs in the server itself has no worker', () => {
  const text =
    '---\nholdpoint: 1\n---\n- [ ] Port\n  ```yaml check\n  kind: tcp\n  host: db\n  port: 1\n  worker: gpu\n  ```\n'
  const { problems } = compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
  expect(problems.map(({ found }) => found).join()).toContain('worker')
})

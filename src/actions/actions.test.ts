import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { actionContract, type ActionCases } from './actions.contract.ts'
import { actions } from './index.ts'
import { runActionProcess } from './parts/process.fixture.ts'

/** Each kind has a file of cases: a world to act in, and what can be broken about it. */
const cases = new Map<string, ActionCases>()
for (const { kind } of actions) {
  const file = join(import.meta.dirname, 'cases', `${kind}.ts`)
  if (existsSync(file)) cases.set(kind, ((await import(file)) as { readonly cases: ActionCases }).cases)
}

for (const definition of actions) {
  describe(definition.kind, () => {
    const own = cases.get(definition.kind)
    if (own) actionContract(definition, own)
    else test('has cases for the contract', () => expect.fail(`write src/actions/cases/${definition.kind}.ts`))
  })
}

test('every file of this folder is listed, under its own name', () => {
  const kinds = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !/\.(?:test|contract|fixture)\.ts$|^index\.ts$/.test(name))
    .map((name) => name.slice(0, -'.ts'.length))
  expect(actions.map(({ kind }) => kind)).toEqual(kinds.toSorted())
})

test('a kind that this worker does not know is said, and whether it is done cannot be told', async () => {
  const given = { cwd: '/' }
  expect(await runActionProcess('teleport', 'run', {}, given)).toMatchObject({
    exitCode: 1,
    stderr: 'there is no action of the kind teleport here; the worker may be older\n',
  })
  expect(await runActionProcess('teleport', 'probe', {}, given)).toMatchObject({ exitCode: 2 })
})

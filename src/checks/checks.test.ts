import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkContract, type CheckCases } from './checks.contract.ts'
import { checks } from './index.ts'

/** Each kind has a file of cases: what can be broken about it. */
const files = checks.map(({ kind }) => [kind, join(import.meta.dirname, 'cases', `${kind}.ts`)] as const)
const cases = new Map<string, CheckCases>()
for (const [kind, file] of files)
  if (existsSync(file)) cases.set(kind, ((await import(file)) as { readonly cases: CheckCases }).cases)

for (const definition of checks) {
  describe(definition.kind, () => {
    const own = cases.get(definition.kind)
    if (own) checkContract(definition, own)
    else test('has cases for the contract', () => expect.fail(`write src/checks/cases/${definition.kind}.ts`))
  })
}

test('every file of this folder is listed, under its own name', () => {
  const kinds = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !/\.(?:test|contract|fixture)\.ts$|^index\.ts$/.test(name))
    .map((name) => name.slice(0, -'.ts'.length))
  expect(checks.map((definition) => definition.kind)).toEqual(kinds.toSorted())
})

/** A signature that has to come after a watch is told when no watch can end before it. */
import { expect, test } from 'vitest'
import { compile } from './compile.ts'
import { testKinds } from './test-kinds.ts'

const problemsOf = (settings: string) =>
  compile(
    {
      file: 'R.md',
      bytes: new TextEncoder().encode(`---
holdpoint: 1
---
- [ ] A quiet hour
  \`\`\`yaml watch
  for: 1h
  checks: [{ name: port, kind: command, script: "true" }]${settings}
  \`\`\`
- [ ] Signed off
  \`\`\`yaml approve
  after-watch: true
  \`\`\`
`),
      shared: null,
    },
    testKinds,
  ).problems

test('a watch that lasts until the release is closed is no watch that a signature can come after', () => {
  expect(problemsOf('')).toEqual([])
  expect(problemsOf('\n  before: close')).toEqual([
    expect.objectContaining({
      code: 'bad-value',
      expected: expect.stringContaining('outlasts every signature') as string,
    }),
  ])
})

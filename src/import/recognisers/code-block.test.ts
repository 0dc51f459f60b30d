/** Blocks of code: what they run, what belongs to a heading, and what is only shown. */
import { describe, expect, test } from 'vitest'
import { known, seen } from './cases.ts'
import { codeBlock } from './code-block.ts'

const block = (info: string, body: string): string => `## Look\n\n\`\`\`${info}\n${body}\n\`\`\`\n`

describe('a block of code', () => {
  test.for([
    ['bash', 'npm test', { commands: 1, risk: 'reads', language: 'bash' }],
    ['console', '$ npm test\n12 passed', { commands: 1, risk: 'reads' }],
    ['', 'git fetch\ngit status --short', { commands: 2, risk: 'reads' }],
    ['sh', 'cd shop\nnpm run build\nrm -rf dist', { commands: 3, risk: 'destroys', folder: 'shop' }],
    ['bash', 'kubectl logs shop --since=5m | grep ok', { span: { value: 5, unit: 'min' } }],
    ['bash', '# Expected: three lines\nwc -l a.txt', { expected: '# Expected: three lines' }],
    ['bash', '# Warning: last resort\nnpm run reset-all', { guard: 'Warning: last resort' }],
  ] as const)('%s %s', ([info, body, params]) =>
    expect(known(codeBlock, block(info, body), 3)).toMatchObject({ kind: 'command', role: 'step', params }),
  )

  test('with a query is for a database', () => {
    expect(known(codeBlock, block('sql', "SELECT 1\nWHERE now() > INTERVAL '1 hour'"), 3)).toMatchObject({
      kind: 'sql',
      params: { span: { value: 1, unit: 'h' } },
      proposal: null,
    })
  })

  test('in a section that goes back is a step back, and one that moves traffic says so', () => {
    expect(seen('## Rollback\n\n```bash\nhelm rollback shop\n```\n', 3)).toMatchObject({ kind: 'rollback-step' })
    expect(seen('## Shift traffic to canary\n\n```bash\n./shift.sh 10\n```\n', 3)).toMatchObject({
      kind: 'traffic-shift',
    })
  })

  test.for([
    ['text', 'npm test'],
    ['yaml', 'git: status'],
    ['json', '{ "run": "npm test" }'],
    ['', 'Version 1.2.3 is out.\nThank you all!'],
    ['bash', '# only a remark'],
  ] as const)('is only shown: %s %s', ([info, body]) => expect(known(codeBlock, block(info, body), 3)).toBeNull())

  test('in a quotation is never a step', () => {
    expect(known(codeBlock, '> ```bash\n> npm test\n> ```\n', 1)).toBeNull()
  })
})

describe('what is proposed of it', () => {
  const proposed = (text: string, line: number): string | undefined => seen(text, line).proposal?.block

  test('below a heading it is for the heading, and only the first', () => {
    const text = '## Checks\n\n```bash\nnpm test\n```\n\n```bash\nnpm run lint\n```\n'
    expect(proposed(text, 3)).toBe('```sh check timeout=10m\nnpm test\n```')
    expect(proposed(text, 7)).toBeUndefined()
  })

  test('prompts are taken off and output is left out', () => {
    expect(proposed('```console\n$ npm test\n12 passed\n```\n', 1)).toBe('```sh check timeout=10m\nnpm test\n```')
    expect(proposed('```console\n$ npm test \\\n    --all\n12 passed\n```\n', 1)).toBe(
      '```sh check timeout=10m\nnpm test \\\n    --all\n```',
    )
  })

  test('values alone, a grep among others that must find nothing, and a line too long are for a person', () => {
    expect(proposed('```bash\nMODE=live\nLIMIT=3\n```\n', 1)).toBeUndefined()
    expect(proposed('## Look\n\n```bash\nuptime\nkubectl logs deploy/shop | grep ERROR\n```\n', 3)).toBeUndefined()
    expect(proposed(`\`\`\`bash\nnpm test ${'x'.repeat(2000)}\n\`\`\`\n`, 1)).toBeUndefined()
  })
})

test('boxes in a block are a list to tick, whatever language it claims', () => {
  expect(known(codeBlock, block('bash', '# Settings\n[ ] LOG_LEVEL=info\n[ ] API_KEY=<set>'), 3)).toBeNull()
})

test('one way and another are not both run', () => {
  const found = known(codeBlock, block('bash', 'pg_dump shop > a.dump\n# OR for SQLite:\ncp shop.db a.db'), 3)
  expect(found).toMatchObject({ kind: 'command', proposal: null })
  expect(found?.why).toContain('which of them is meant has to be said')
})

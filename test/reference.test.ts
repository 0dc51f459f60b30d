/** The pages that are written from the code, or quote it, are as the code is. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { referencePage, renderReference } from '../scripts/reference.ts'
import { checkContract } from '../src/checks/checks.contract.ts'
import { runCheck } from '../src/checks/parts/powers.fixture.ts'
import { diskFree } from './support/extending/disk-free.ts'

const page = (name: string): string => readFileSync(join(import.meta.dirname, '..', 'docs', name), 'utf8')

test('the reference page is as the definitions say; if not: node scripts/reference.ts', () => {
  expect(readFileSync(referencePage, 'utf8')).toBe(renderReference())
})

test('the example of the page on extending is the file that is compiled and tested here', () => {
  const source = readFileSync(join(import.meta.dirname, 'support', 'extending', 'disk-free.ts'), 'utf8')
  const shown = source.replace('../../../src/core/', '../core/').trimEnd()
  expect(page('extending.md')).toContain(`\`\`\`ts\n${shown}\n\`\`\``)
})

describe('the example check of the page on extending', () => {
  const definition = diskFree as never
  checkContract(definition, {
    config: { path: '/', 'min-percent': 0 },
    broken: [
      { name: 'the folder is gone', config: { path: '/no/such/folder' } },
      { name: 'the disk is not empty', config: { 'min-percent': 100 } },
    ],
    hangs: null,
  })

  test('passes where enough is free', async () => {
    expect((await runCheck(definition, { path: '/', 'min-percent': 0 })).outcome).toBe('passed')
  })
})

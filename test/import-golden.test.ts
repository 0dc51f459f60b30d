/** What importing makes of documents in golden/import: each item with its kind, state, reason and block, and the copy that runs. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kinds } from '../src/app/app.ts'
import { compile } from '../src/core/plan/compile.ts'
import { writeCopy } from '../src/import/copy.ts'
import { decisionsIn } from '../src/import/decisions.ts'
import { importDocument, type ImportedItem } from '../src/import/import.ts'
import { removeBlocks } from '../src/import/remove.ts'

const root = join(import.meta.dirname, '../golden/import')
const update = process.env['UPDATE_GOLDEN'] === '1'

function compare(file: string, text: string): void {
  if (update) writeFileSync(file, text)
  expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : `no ${file}: run with UPDATE_GOLDEN=1`)
}

function told({ line, form, role, kind, state, text, why, params, proposal }: ImportedItem): string {
  const { demands: _demands, ...shown } = params
  const block = proposal?.block.replace(/^/gm, '    ') ?? ''
  return [
    `${line} ${form}, ${role}, ${kind}, ${state}: ${text}`,
    `  ${why}`,
    ...(Object.keys(shown).length > 0 ? [`  ${JSON.stringify(shown)}`] : []),
    ...(proposal
      ? [`  ${proposal.risk}${proposal.needs.length > 0 ? `, needs ${proposal.needs.join(', ')}` : ''}`]
      : []),
    ...(block === '' ? [] : [block]),
  ].join('\n')
}

describe.each(readdirSync(root))('%s', (name) => {
  const bytes = readFileSync(join(root, name, 'release.md'))
  const source = importDocument(bytes, { file: 'release.md' })
  const { items } = source.imported
  const accepted = items.flatMap(({ proposal }, at) => (proposal ? [{ at, block: proposal.block }] : []))
  const copy = writeCopy(source, accepted, { file: 'copy.md', shared: null, kinds: kinds(), skipped: [] })

  test('each item is taken for what it is', () => {
    compare(join(root, name, 'items.txt'), `${items.map(told).join('\n\n')}\n`)
  })

  test('the copy with every block compiles, none is left out, and taking them out gives the document back', () => {
    expect(copy.leftOut).toEqual([])
    compare(join(root, name, 'copy.md'), copy.text ?? '')
    const compiled = compile(
      { file: 'copy.md', bytes: new TextEncoder().encode(copy.text ?? ''), shared: null },
      kinds(),
    )
    expect(compiled.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(compiled.plan?.steps.length).toBeGreaterThan(0)
    expect(removeBlocks(copy.text ?? '')?.text).toBe(bytes.toString('utf8'))
  })

  test('blocks that only read compile without the others', () => {
    const reading = accepted.filter(({ at }) => items[at]?.proposal?.risk === 'reads')
    const { leftOut, text } = writeCopy(source, reading, { file: 'copy.md', shared: null, kinds: kinds(), skipped: [] })
    expect(leftOut).toEqual([])
    expect(text).not.toBeNull()
  })
})

test('what the kinds of blocks take is declared, and what a person made of that stays', () => {
  const source = importDocument(new TextEncoder().encode('GitHub has it.\n\n- [ ] All CI checks passing\n'), {
    file: 'release.md',
  })
  const { items } = source.imported
  const accepted = items.flatMap(({ proposal }, at) => (proposal ? [{ at, block: proposal.block }] : []))
  const options = { file: 'copy.md', shared: null, kinds: kinds(), skipped: [] }
  const { text } = writeCopy(source, accepted, options)
  expect(text).toContain('secrets: { GITHUB_TOKEN: env }\n')
  const changed = (text ?? '').replace('GITHUB_TOKEN: env', 'GITHUB_TOKEN: { env: CI_TOKEN }')
  const found = decisionsIn(changed, source)
  const again = writeCopy(source, found?.accepted ?? [], { ...options, extra: found?.extra ?? [] })
  expect(again.text?.match(/^secrets:.*$/gm)).toEqual(['secrets: { GITHUB_TOKEN: { env: CI_TOKEN } }'])
  expect(removeBlocks(again.text ?? '')?.text).toBe(source.text)
})

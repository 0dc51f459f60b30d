/** The conversation about proposed blocks: what a person says is what is accepted, and nothing else. */
import { expect, test } from 'vitest'
import { importDocument, type ImportedItem } from '../import/import.ts'
import type { Risk } from '../import/item.ts'
import { askAll, type Asked } from './import-questions.ts'

const blockOf = (at: number): string => `\`\`\`sh check\necho ${at}\n\`\`\``

function proposals(...wanted: readonly Risk[]): readonly Asked[] {
  const text = wanted.map((risk, at) => `- [ ] ${risk} ${at}\n`).join('')
  const { imported } = importDocument(new TextEncoder().encode(text), { file: 'R.md', recognisers: [] })
  return wanted.flatMap((risk, at): Asked[] => {
    const item: ImportedItem | undefined = imported.items[at]
    return item ? [{ at, item, proposal: { block: blockOf(at), why: 'It is a command.', risk, needs: [] } }] : []
  })
}

async function talk(asked: readonly Asked[], says: readonly (string | null)[], edited: string | null = null) {
  const said: string[] = []
  const left = [...says]
  const answers = await askAll(asked, {
    ask: async () => left.shift() ?? null,
    say: (line) => void said.push(line.map((span) => (typeof span === 'string' ? span : span[0])).join('')),
    edit: async () => edited,
  })
  return { answers, said, left }
}

test('each block is accepted or skipped as the person says', async () => {
  const { answers } = await talk(proposals('reads', 'changes', 'reads'), ['a', 's', 'accept'])
  expect(answers).toEqual({
    accepted: [
      { at: 0, block: blockOf(0) },
      { at: 2, block: blockOf(2) },
    ],
    skipped: [1],
  })
})

test('accepting all that only read never accepts what changes something', async () => {
  const { answers, left } = await talk(proposals('reads', 'reads', 'changes', 'reads', 'destroys'), ['r', 's', 's'])
  expect(answers?.accepted.map(({ at }) => at)).toEqual([0, 1, 3])
  expect(answers?.skipped).toEqual([2, 4])
  expect(left).toEqual([])
})

test('said at a block that does more than read, that block is asked about by itself', async () => {
  const { answers } = await talk(proposals('changes', 'reads'), ['r', 's'])
  expect(answers).toEqual({ accepted: [{ at: 1, block: blockOf(1) }], skipped: [0] })
})

test('an edited block is accepted as edited; an edit that came to nothing asks again', async () => {
  const edited = '```sh check\nnpm run quick\n```'
  expect((await talk(proposals('reads'), ['e'], edited)).answers?.accepted).toEqual([{ at: 0, block: edited }])
  expect((await talk(proposals('reads'), ['e', 's'], null)).answers?.skipped).toEqual([0])
})

test('enough leaves the rest undecided, so that it is asked again another time', async () => {
  expect((await talk(proposals('reads', 'reads'), ['a', 'q'])).answers).toEqual({
    accepted: [{ at: 0, block: blockOf(0) }],
    skipped: [],
  })
})

test('an interruption decides nothing', async () => {
  expect((await talk(proposals('reads', 'reads'), ['a', null])).answers).toBeNull()
})

test('an empty line is no answer; each block is shown with its risk and why before it is asked about', async () => {
  const { answers, said } = await talk(proposals('destroys'), ['', 'yes?', 's'])
  expect(answers?.skipped).toEqual([0])
  expect(said.join('\n')).toContain('     can destroy\n     It is a command.')
  expect(said.join('\n')).toContain('echo 0')
  expect(said.filter((line) => line.includes('one of these letters'))).toHaveLength(2)
})

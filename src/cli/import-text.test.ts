/** The tree of an imported document fits the terminal, explains what is proposed, and shows a person's step as usual. */
import { expect, test } from 'vitest'
import { importDocument, type Imported } from '../import/import.ts'
import type { Recogniser } from '../import/item.ts'
import { blockLines, importLines, proposedWords } from './import-text.ts'
import { paint } from './terminal/line.ts'
import { widthOf } from './terminal/text.ts'

const commands: Recogniser = {
  name: 'commands',
  recognise: ({ code, text }) => {
    const [command] = code
    if (command === undefined) return null
    const risk = /push/.test(command) ? 'destroys' : 'reads'
    const block = /sign/.test(text) ? '```yaml approve\ncount: 2\n```' : `\`\`\`sh check\n${command}\n\`\`\``
    const why = 'It names a command, which is run where the checklist lies and passes or fails by itself.'
    return { role: 'step', kind: 'command', alsoKinds: [], why, params: {}, proposal: { block, risk }, confidence: 1 }
  },
}

const text = `# Shop
## Before the release, with everybody who has a part in it › and more of them
### Code quality of all services that take part
- [ ] Tests pass: \`npm test\`
- [ ] Somebody looked at a very long list of everything that anybody could have forgotten to look at
- [ ] Parent
  - [ ] Push it: \`git push\`
- [ ] Two sign \`it\`
## Notes
Words to read.
`

const imported: Imported = importDocument(new TextEncoder().encode(text), {
  file: 'R.md',
  recognisers: [commands],
}).imported
const shown = (width: number, decided?: Parameters<typeof importLines>[2]): readonly string[] =>
  importLines(imported, width, decided).map((line) => paint(line, { width, colour: false }))

test('says state, risk and why, in 80 columns', () => {
  expect(shown(80).join('\n')).toBe(`Shop  R.md
4 items: 2 can run, 0 are numbers, 0 have an age, 2 need a person

… › Code quality of all services that take part
 ◇ Tests pass: npm test                                     proposed, only reads
   It names a command, which is run where the checklist lies and passes or fails
   by itself.
 ☛ Somebody looked at a very long list of everything that anybody coul… a person
 ▾ Parent
   ◇ Push it: git push                                        proposed, destroys
     It names a command, which is run where the checklist lies and passes or
     fails by itself.
 ◇ Two sign it                                           proposed, asks a person
   It names a command, which is run where the checklist lies and passes or fails
   by itself.

☛ a person does it and says so, the usual case
◇ a block could do it; it runs only if you accept it`)
})

test('no line is wider than the terminal', () => {
  for (const width of [40, 60, 80, 120])
    for (const line of shown(width)) expect(widthOf(line)).toBeLessThanOrEqual(width)
})

test('what was decided before is said', () => {
  const lines = shown(80, new Map([[3, 'accepted']]))
  expect(lines.find((line) => line.includes('npm test'))).toMatch(/accepted before$/)
})

test('the proposals are counted by their risk', () => {
  expect(proposedWords(imported)).toBe('3 blocks proposed: 2 only read, 1 can destroy')
})

test('a heading that gets a block is one line with its state, and says what each run asks for', () => {
  const words = '# S\n\n## Out\n\n### Stage 1: 10% canary (5 minutes)\n- [ ] a\n\n### Stage 2: 100%\n- [ ] b\n'
  const { imported } = importDocument(new TextEncoder().encode(words), { file: 'R.md' })
  const lines = importLines(imported, 90).map((line) =>
    line.map((span) => (typeof span === 'string' ? span : span[0])).join(''),
  )
  expect(lines.filter((line) => /\bOut$/.test(line))).toEqual([])
  expect(lines).toContainEqual(expect.stringMatching(/^ ◇ Out +proposed, changes$/))
  expect(lines).toContainEqual(expect.stringMatching(/^ ◇ Out › Stage 2: 100% +proposed, changes$/))
  expect(lines.join(' ').replace(/\s+/g, ' ')).toContain('Each run asks for set_weight, read_weight.')
})

test('a block is shown whole, however long its lines are', () => {
  const long = `a ${'b'.repeat(200)} c`
  const shown = blockLines(long).map((line) => line.map((span) => (typeof span === 'string' ? span : span[0])).join(''))
  expect(shown.every((line) => line.length <= 80)).toBe(true)
  expect(
    shown
      .map((line) => line.slice(line.search(/\S/)))
      .join('')
      .replace(/ /g, ''),
  ).toBe(long.replace(/ /g, ''))
})

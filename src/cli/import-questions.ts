/** Asks about each proposed block: accept, edit, skip, or accept all that only read. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asksPeople } from '../import/coverage.ts'
import type { ImportedItem } from '../import/import.ts'
import { askLine, askUntil } from './ask-line.ts'
import { blockLines, needsOf } from './import-text.ts'
import { wrap } from './terminal/text.ts'
import { paint, type Line, type Paper } from './terminal/line.ts'

export interface Asked {
  readonly at: number
  readonly item: ImportedItem
  readonly proposal: NonNullable<ImportedItem['proposal']>
}

/** What a person made of the proposals: blocks by item, and the items not wanted. What was not asked is in neither. */
export interface Answers {
  readonly accepted: readonly { readonly at: number; readonly block: string }[]
  readonly skipped: readonly number[]
}

export interface Talk {
  readonly ask: (question: string) => Promise<string | null>
  readonly say: (line: Line) => void
  /** null = nothing was kept. */
  readonly edit: (block: string) => Promise<string | null>
}

type Choice = 'accept' | 'edit' | 'skip' | 'reads' | 'stop'

const keys = 'a accept · e edit · s skip · r all that only read · q enough, then Enter'

/** null = interrupted: nothing was decided. */
export async function askAll(proposals: readonly Asked[], talk: Talk): Promise<Answers | null> {
  const accepted: { at: number; block: string }[] = []
  const skipped: number[] = []
  let takesReads = false
  for (const [index, asked] of proposals.entries()) {
    const { at, proposal } = asked
    if (takesReads && proposal.risk === 'reads') {
      accepted.push({ at, block: proposal.block })
      continue
    }
    show(asked, index, proposals.length, talk)
    const answer = await answerTo(proposal.block, talk)
    if (answer === null) return null
    if (answer.choice === 'stop') break
    takesReads ||= answer.choice === 'reads'
    if (answer.choice === 'reads' && proposal.risk !== 'reads') {
      // The others are taken; this one does more than read, so it is asked about by itself.
      const own = await answerTo(proposal.block, talk)
      if (own === null) return null
      if (own.choice === 'stop') break
      if (own.block === null) skipped.push(at)
      else accepted.push({ at, block: own.block })
    } else if (answer.block === null) skipped.push(at)
    else accepted.push({ at, block: answer.block })
  }
  return { accepted, skipped }
}

function show({ item, proposal }: Asked, index: number, count: number, { say }: Talk): void {
  const tone = proposal.risk === 'reads' ? 'good' : proposal.risk === 'changes' ? 'warn' : 'bad'
  say([])
  say([[`${index + 1}/${count}`, 'dim'], ' ', [item.text, 'strong'], [`  line ${item.line}`, 'dim']])
  const risk = asksPeople(proposal.block) ? 'asks a person' : riskWords[proposal.risk]
  say(['     ', [risk, tone]])
  for (const part of wrap(`${proposal.why}${needsOf(item)}`, 70)) say(['     ', [part, 'dim']])
  for (const line of blockLines(proposal.block)) say(line)
}

const riskWords = { reads: 'only reads', changes: 'changes something', destroys: 'can destroy' } as const

interface Answer {
  readonly choice: Choice
  /** null = not wanted. */
  readonly block: string | null
}

async function answerTo(block: string, talk: Talk): Promise<Answer | null> {
  const choice = await askUntil<Choice>(`   ${keys} `, read, talk.ask, (line) => talk.say([line]))
  if (choice === null) return null
  if (choice === 'skip' || choice === 'stop') return { choice, block: null }
  if (choice !== 'edit') return { choice, block }
  const edited = await talk.edit(block)
  if (edited === null) return answerTo(block, talk)
  talk.say(['   ', ['accepted as edited', 'good']])
  return { choice, block: edited }
}

function read(given: string): { readonly value: Choice } | { readonly again: string } {
  const choices: readonly Choice[] = ['accept', 'edit', 'skip', 'reads', 'stop']
  const word = given.toLowerCase() === 'q' ? 'stop' : given.toLowerCase()
  const value = choices.find((choice) => word !== '' && choice.startsWith(word))
  return value ? { value } : { again: 'one of these letters, then Enter' }
}

export function terminalTalk(paper: () => Paper, out: (text: string) => void): Talk {
  const say = (line: Line): void => out(paint(line, paper()))
  return { ask: askLine, say, edit: (block) => editBlock(block, say) }
}

/** With the person's editor; without one, line by line. */
async function editBlock(block: string, say: (line: Line) => void): Promise<string | null> {
  const editor = process.env['VISUAL'] || process.env['EDITOR']
  if (!editor) return editLines(say)
  const folder = await mkdtemp(join(tmpdir(), 'holdpoint-import-'))
  try {
    const file = join(folder, 'block.md')
    await writeFile(file, `${block}\n`)
    // As git does: the variable may hold options, so a shell reads it; the file is an argument of its own.
    const ended = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
    if (ended.status !== 0) {
      say([`   ${editor} ended with ${ended.status ?? ended.signal}: the block stays as it was`])
      return null
    }
    const edited = (await readFile(file, 'utf8')).replace(/\s+$/, '')
    return edited === '' ? null : edited
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function editLines(say: (line: Line) => void): Promise<string | null> {
  say(['   type the whole block, marks included; a line with only "." ends it'])
  const lines: string[] = []
  for (;;) {
    const line = await askLine('   | ')
    if (line === null) return null
    if (line === '.') break
    lines.push(line)
  }
  return lines.length === 0 ? null : lines.join('\n')
}

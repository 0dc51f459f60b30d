/** `import`: what a team's document holds and what could run; `-o` writes a copy with what was accepted. Nothing runs. */
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { writeCopy, type Accepted, type Copy } from '../../import/copy.ts'
import { decisionsIn, noDecisions, printsOf, type Decisions } from '../../import/decisions.ts'
import { importDocument, type Import, type Imported } from '../../import/import.ts'
import { withTextProblems } from '../../import/lint/text-problems.ts'
import type { ImportProblem } from '../../import/problems.ts'
import { word } from '../../report/view/shell-word.ts'
import { countWords } from '../../report/words.ts'
import type { Run } from '../command-entry.ts'
import { printJson, type Context } from '../context.ts'
import { calendarsBeside } from '../calendars.ts'
import { sharedBeside } from '../document.ts'
import { UsageFault, type ExitCode } from '../faults.ts'
import { readGiven } from '../given-file.ts'
import { askAll, terminalTalk, type Answers, type Asked } from '../import-questions.ts'
import { importLines, proposedWords, textProblemLines } from '../import-text.ts'
import { problemText } from '../problem-text.ts'
import { paint } from '../terminal/line.ts'
import { flag, text } from '../values.ts'

const largest = 1024 * 1024

export const importCommand: Run = async (context, words, options) => {
  const [file = ''] = words
  const bytes = await readGiven(file)
  if (bytes.length > largest)
    throw new UsageFault(`${file} has ${bytes.length} bytes, expected at most ${largest}: one checklist in each file`)
  const read = importDocument(bytes, { file, repair: flag(options, 'repair') })
  if (read.imported.encoding.name === 'windows-1252' && bytes.includes(0))
    throw new UsageFault(`${file} is no text, expected Markdown, for example: holdpoint import RELEASE.md`)
  const source = { ...read, imported: withTextProblems(read, new Date().toISOString().slice(0, 10)) }
  const out = text(options, 'out')
  const accept = text(options, 'accept')
  if (out === null && accept !== null)
    throw new UsageFault(`--accept needs a file to write to, for example -o ${copyName(file)} --accept ${accept}`)
  if (out === null) return told(source, context)
  return written(source, { file, out, accept }, context)
}

function told({ imported }: Import, context: Context): ExitCode {
  if (context.json) printJson(context, imported)
  else {
    print(imported, context)
    const proposes = imported.totals.proposed > 0
    const how = proposes ? 'write a copy with the blocks you accept' : 'write a copy that runs'
    context.err(`\n${proposedWords(imported)}. Nothing has run. To ${how}:`)
    context.err(`  holdpoint import ${word(imported.file)} -o ${word(copyName(imported.file))}`)
  }
  return hasErrors(imported) ? 2 : 0
}

function hasErrors({ problems }: Imported): boolean {
  return problems.some(({ severity }) => severity === 'error')
}

/** `RELEASE.md` becomes `RELEASE.holdpoint.md`. */
function copyName(file: string): string {
  return `${basename(file).replace(/\.(?:md|markdown)$/i, '')}.holdpoint.md`
}

function print(imported: Imported, context: Context, { accepted, skipped } = noDecisions): void {
  const paper = context.paper()
  const decided = new Map([
    ...accepted.map(({ at }) => [at, 'accepted'] as const),
    ...[...skipped].map((at) => [at, 'skipped'] as const),
  ])
  for (const line of importLines(imported, paper.width, decided)) context.out(paint(line, paper))
  for (const problem of imported.problems)
    if (problem.code.startsWith('import-')) context.out(`\n${problemOf(imported.file, problem)}`)
  for (const line of textProblemLines(imported, paper.width)) context.out(paint(line, paper))
}

function problemOf(file: string, problem: ImportProblem): string {
  return problemText({ file, column: 1, ...problem })
}

interface Wanted {
  readonly file: string
  readonly out: string
  readonly accept: string | null
}

async function written(source: Import, wanted: Wanted, context: Context): Promise<ExitCode> {
  const { imported } = source
  const { file, out } = wanted
  if (!imported.encoding.isWritable) {
    const [first] = imported.problems
    throw new UsageFault(first ? problemOf(file, first) : `${file} is no text`)
  }
  const earlier = await earlierDecisions(source, wanted)
  if (!context.json && context.interactive && wanted.accept === null) print(imported, context, earlier)
  const answers = await answersOf(source, earlier, wanted, context)
  if (answers === null) {
    context.err(`${out} was not written; start again: holdpoint import ${word(file)} -o ${word(out)}`)
    return 130
  }
  const accepted = [...earlier.accepted, ...answers.accepted].sort((a, b) => a.at - b.at)
  const prints = printsOf(source.outline)
  const skipped = [...earlier.skipped, ...answers.skipped].flatMap((at) => prints[at] ?? [])
  const { kinds } = await import('../../app/app.ts')
  const shared = await sharedBeside(out)
  const calendars = await calendarsBeside(dirname(resolve(out)), Buffer.from(source.text), shared)
  const options = { file: out, shared, calendars, kinds: kinds(), skipped, extra: earlier.extra }
  const copy = writeCopy(source, accepted, options)
  if (copy.text === null) {
    const problems = copy.problems.map((problem) => problemText(problem)).join('\n')
    throw new UsageFault(`${out} was not written: the document does not compile\n${problems}`)
  }
  const kept = earlier.isChanged ? await keepOld(out) : null
  await writeWhole(out, copy.text)
  tellWritten(source, { out, copy, earlier, kept, asked: answers }, context)
  return hasErrors(imported) ? 2 : 0
}

async function earlierDecisions(source: Import, { file, out }: Wanted): Promise<Decisions> {
  let copy: string
  try {
    copy = (await readGiven(out)).toString('utf8')
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return noDecisions
    throw fault
  }
  const example = `for example -o ${word(copyName(file))}`
  if ((await realpath(out)) === (await realpath(file)))
    throw new UsageFault(`${out} is the document itself, and stays as it is: choose another file, ${example}`)
  const decisions = decisionsIn(copy, source)
  if (!decisions)
    throw new UsageFault(`${out} exists and is no copy that import wrote: choose another file, ${example}`)
  return decisions
}

/** null = the person interrupted. */
async function answersOf(
  { imported }: Import,
  earlier: Decisions,
  { accept }: Wanted,
  context: Context,
): Promise<Answers | null> {
  const decided = new Set([...earlier.accepted.map(({ at }) => at), ...earlier.skipped])
  const open = imported.items.flatMap((item, at): Asked[] =>
    item.proposal && !decided.has(at) ? [{ at, item, proposal: item.proposal }] : [],
  )
  if (accept !== null) {
    const wanted = open.filter(({ proposal }) => accept === 'all' || proposal.risk === 'reads')
    return { accepted: wanted.map(({ at, proposal }) => ({ at, block: proposal.block })), skipped: [] }
  }
  if (!context.interactive || open.length === 0) return { accepted: [], skipped: [] }
  return askAll(
    open,
    terminalTalk(() => context.paper(), context.out),
  )
}

/** The copy that people changed by hand, beside the new one. */
async function keepOld(out: string): Promise<string> {
  const kept = `${out}.before`
  await rename(out, kept)
  return kept
}

/** A link stays a link: what it leads to is written. */
async function writeWhole(out: string, text: string): Promise<void> {
  const target = await realpath(out).catch(() => resolve(out))
  const folder = dirname(target)
  if (!(await isFolder(folder))) throw new UsageFault(`${out} cannot be written: there is no folder ${dirname(out)}`)
  const draft = join(folder, `.${basename(target)}.${process.pid}`)
  try {
    await writeFile(draft, text)
    await rename(draft, target)
  } catch (fault) {
    await rm(draft, { force: true })
    throw fault instanceof Error ? Object.assign(fault, { path: out }) : fault
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

interface Written {
  readonly out: string
  readonly copy: Copy
  readonly earlier: Decisions
  readonly kept: string | null
  readonly asked: Answers
}

function tellWritten(source: Import, { out, copy, earlier, kept }: Written, context: Context): void {
  const problems = [...source.imported.problems, ...copy.leftOut.map(leftOutProblem), ...earlier.lost.map(lostProblem)]
  if (context.json) {
    const place = ({ at, block }: Accepted) => ({ line: source.imported.items[at]?.line ?? 0, block })
    const told = { file: out, accepted: copy.written.map(place), leftOut: copy.leftOut.length, kept }
    printJson(context, { ...source.imported, problems, copy: told })
    return
  }
  for (const problem of problems.slice(source.imported.problems.length))
    context.err(problemOf(source.imported.file, problem))
  const before = earlier.accepted.length > 0 ? `, ${earlier.accepted.length} of them from before` : ''
  context.err(`wrote ${out} with ${countWords(copy.written.length, 'block')}${before}`)
  if (kept !== null) context.err(`${out} had been changed by hand besides its blocks: that one is now ${kept}`)
  if (source.imported.encoding.repaired > 0)
    context.err(`mended ${countWords(source.imported.encoding.repaired, 'damaged place')}`)
  context.err(`see what it does: holdpoint plan ${word(out)}`)
}

function leftOutProblem({ line, found, expected, block }: Copy['leftOut'][number]): ImportProblem {
  return { line, code: 'import-left-out', severity: 'warning', found: `left out: ${found}`, expected, example: block }
}

function lostProblem({ block, text: words }: Decisions['lost'][number]): ImportProblem {
  return {
    line: 1,
    code: 'import-lost-decision',
    severity: 'warning',
    found: `a block accepted before, whose item "${words.slice(0, 60)}" is gone`,
    expected: 'the block by hand where it belongs now, if anywhere',
    example: block,
  }
}

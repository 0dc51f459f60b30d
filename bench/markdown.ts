/**
 * P17: Markdown to plan, in MB per second, beside commonmark.js reading and rendering the same documents.
 *
 * The documents are checklists of 2 to 16 kB that are written anew for every round, so that nothing can be remembered from
 * one round to the next. They have nothing of ours in them, and the proportions of the checklists that teams publish:
 * about 180 bytes for each step, half of them prose, headings, commands to read and tables; half of the items with a
 * link, code or emphasis; four items under a heading, a fifth of them below another; boxes in six documents of ten.
 *
 * Other lines have no goal: the same with our front matter and a block in one item of ten, what import makes of documents,
 * and the repository's own checklists, of which two thirds are YAML and commands.
 * `node bench/markdown.ts DIR` measures the Markdown of a folder of one's own instead.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HtmlRenderer, Parser } from 'commonmark'
import { kinds } from '../src/app/app.ts'
import { compile } from '../src/core/plan/compile.ts'
import { importDocument } from '../src/import/import.ts'
import { median, report } from './measure.ts'
import { drawFrom, writtenChecklist } from './written-checklists.ts'

const rounds = 15
const perRound = 48
const warmRounds = 15
const root = join(import.meta.dirname, '..')
const examples = ['examples/hello/release.md', 'examples/four-stages/release.md', 'demo/release.md'].map((file) =>
  readFileSync(join(root, file)),
)

type Way = (document: Uint8Array) => void
const known = kinds()
const parser = new Parser()
const renderer = new HtmlRenderer()
const decoder = new TextDecoder()
const commonmark: Way = (document) => void renderer.render(parser.parse(decoder.decode(document)))
const toPlan: Way = (bytes) => {
  if (!compile({ file: 'bench.md', bytes, shared: null }, known).plan)
    throw new Error('a document of the bench is wrong')
}
const toImport: Way = (document) => void importDocument(document, { file: 'bench.md' })

function written(round: number, isDeclared: boolean): readonly Uint8Array[] {
  return Array.from({ length: perRound }, (_, at) => {
    const length = 2_000 + (14_000 * at) / (perRound - 1)
    return new TextEncoder().encode(writtenChecklist(drawFrom(round * perRound + at), length, isDeclared))
  })
}

/** Both ways take turns, each round over documents of its own. */
function compare(
  name: string,
  way: Way,
  documentsOf: (round: number) => readonly Uint8Array[],
  goal: number | null,
): void {
  const speeds: { way: number[]; commonmark: number[] } = { way: [], commonmark: [] }
  for (let round = 0; round < warmRounds + rounds; round++) {
    const documents = documentsOf(round)
    const both = { way: megabytesPerSecond(way, documents), commonmark: megabytesPerSecond(commonmark, documents) }
    if (round < warmRounds) continue
    speeds.way.push(both.way)
    speeds.commonmark.push(both.commonmark)
  }
  const [value, baseline] = [median(speeds.way), median(speeds.commonmark)]
  if (goal !== null) report(`P17 ${name} beside commonmark.js`, { value, baseline, unit: 'MB/s', goal, atLeast: true })
  else
    process.stdout.write(
      `       ${name}: ${(value / baseline).toFixed(2)} x: ${value.toFixed(1)} MB/s beside ${baseline.toFixed(1)} MB/s\n`,
    )
}

/**
 * Of this thread's own time, so that a busy machine says the same as an idle one. That clock moves by milliseconds, so it
 * is read once for all documents of a round. A byte in a microsecond is a megabyte in a second.
 */
function megabytesPerSecond(way: Way, documents: readonly Uint8Array[]): number {
  const before = process.threadCpuUsage()
  for (const document of documents) way(document)
  const bytes = documents.reduce((sum, document) => sum + document.length, 0)
  const { user, system } = process.threadCpuUsage(before)
  return bytes / (user + system)
}

/** Every Markdown file of a folder that a person wrote: 0.5 to 200 kB. */
function markdownUnder(folder: string): readonly Uint8Array[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(md|markdown)$/i.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    .filter(({ length }) => length > 500 && length < 200_000)
}

const given = process.argv[2]
if (given === undefined) {
  const manyTimes = Array.from({ length: 8 }, () => examples).flat()
  compare('Markdown to plan', toPlan, (round) => written(round, false), 0.5)
  compare('documents with our blocks to plan', toPlan, (round) => written(round, true), null)
  compare('documents to import', toImport, (round) => written(round, false), null)
  compare('our own examples to plan', toPlan, () => manyTimes, null)
  compare('our own examples to import', toImport, () => manyTimes, null)
} else {
  const own = markdownUnder(given)
  process.stdout.write(`${own.length} documents under ${given}\n`)
  compare(
    'Markdown to plan',
    (bytes) => void compile({ file: 'own.md', bytes, shared: null }, known),
    () => own,
    0.5,
  )
  compare('documents to import', toImport, () => own, null)
}

/**
 * P17: Markdown to plan and to an import, in MB per second, beside commonmark.js reading and rendering the same documents.
 *
 * The documents are checklists of 8 to 30 kB that are written anew for every round, so that nothing can be remembered
 * from one round to the next. Their proportions are those of the checklists that teams publish: four steps under a heading, half
 * of them below 45 characters, one in ten with a block (half commands, half YAML; where nothing is declared yet, a block
 * to read), one heading in four with a block to read, a tenth of the items with children, one heading in eight with a table. The plan is made of
 * documents that declare themselves, the import of documents that do not.
 *
 * The repository's own checklists are shown beside them: two thirds of their lines are YAML and commands. No goal is set for them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HtmlRenderer, Parser } from 'commonmark'
import { kinds } from '../src/app.ts'
import { compile } from '../src/core/plan/compile.ts'
import { importDocument } from '../src/import/import.ts'
import { median, report } from './measure.ts'
import { drawFrom, writtenChecklist } from './written-checklists.ts'

const rounds = 15
const perRound = 12
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
    const length = 8_000 + (22_000 * at) / (perRound - 1)
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

/** Of this thread's own time, so that a busy machine says the same as an idle one. A byte in a microsecond is a megabyte in a second. */
function megabytesPerSecond(way: Way, documents: readonly Uint8Array[]): number {
  const before = process.threadCpuUsage()
  for (const document of documents) way(document)
  const bytes = documents.reduce((sum, document) => sum + document.length, 0)
  const { user, system } = process.threadCpuUsage(before)
  return bytes / (user + system)
}

const given = process.argv[2]
if (given !== undefined) {
  const published = markdownUnder(given)
  process.stdout.write(`${published.length} documents under ${given}\n`)
  compare(
    'published documents to plan',
    (bytes) => void compile({ file: 'x.md', bytes, shared: null }, known),
    () => published,
    0.5,
  )
  compare('published documents to import', toImport, () => published, 0.5)
  process.exit()
}

/** Every Markdown file of a folder that a person wrote: 0.5 to 200 kB. */
function markdownUnder(folder: string): readonly Uint8Array[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(md|markdown)$/i.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    .filter(({ length }) => length > 500 && length < 200_000)
}

const manyTimes = Array.from({ length: 8 }, () => examples).flat()
compare('Markdown to plan', toPlan, (round) => written(round, true), 0.5)
compare('Markdown to import', toImport, (round) => written(round, false), 0.5)
compare('our own examples to plan', toPlan, () => manyTimes, null)
compare('our own examples to import', toImport, () => manyTimes, null)

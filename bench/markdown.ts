/** P17: Markdown to plan and to an import, in MB per second, beside commonmark.js reading and rendering the same documents. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HtmlRenderer, Parser } from 'commonmark'
import { kinds } from '../src/app.ts'
import { compile } from '../src/core/plan/compile.ts'
import { importDocument } from '../src/import/import.ts'
import { median, report } from './measure.ts'

const ROUNDS = 15
const root = join(import.meta.dirname, '..')
const documents = [
  'examples/hello/release.md',
  'examples/four-stages/release.md',
  'demo/release.md',
  'docs/language.md',
  'docs/judge.md',
].map((file) => readFileSync(join(root, file)))
const bytes = documents.reduce((sum, document) => sum + document.length, 0)

const parser = new Parser()
const renderer = new HtmlRenderer()
const ways = {
  commonmark: () => {
    for (const document of documents) renderer.render(parser.parse(document.toString('utf8')))
  },
  plan: () => {
    for (const document of documents) compile({ file: 'bench.md', bytes: document, shared: null }, kinds())
  },
  import: () => {
    for (const document of documents) importDocument(document, { file: 'bench.md' })
  },
} as const

const speeds: Record<keyof typeof ways, number[]> = { commonmark: [], plan: [], import: [] }
for (const way of Object.values(ways)) for (let warm = 0; warm < 5; warm += 1) way()
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, way] of Object.entries(ways) as [keyof typeof ways, () => void][]) speeds[name].push(perSecond(way))

for (const name of ['plan', 'import'] as const)
  report(`P17 Markdown to ${name} beside commonmark.js`, {
    value: median(speeds[name]),
    baseline: median(speeds.commonmark),
    unit: 'MB/s',
    goal: 0.5,
    atLeast: true,
  })

function perSecond(way: () => void): number {
  const start = performance.now()
  for (let times = 0; times < 4; times += 1) way()
  return (4 * bytes) / 1e6 / ((performance.now() - start) / 1_000)
}

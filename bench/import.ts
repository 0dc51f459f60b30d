/** Twice the text costs at most two and a half times the time, whatever its shape: importing it, linting it, making a plan of it. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { kinds } from '../src/app/app.ts'
import { compile } from '../src/core/plan/compile.ts'
import { importDocument } from '../src/import/import.ts'
import { lintDocument } from '../src/import/lint/lint-document.ts'
import { evilShapes } from '../test/support/evil-shapes.ts'
import { report } from './measure.ts'

const small = Number(process.argv[2] ?? 60_000)
const only = process.argv[3] ?? ''
const known = kinds()

/** `isDeclared`: as a checklist of ours, in which every rule looks at every step. */
const ways: readonly {
  readonly name: string
  readonly isDeclared: boolean
  readonly run: (bytes: Uint8Array) => void
}[] = [
  { name: 'import', isDeclared: false, run: (bytes) => void importDocument(bytes, { file: 'evil.md' }) },
  { name: 'lint', isDeclared: false, run: (bytes) => void lintDocument(documentOf(bytes), known, '2030-01-31') },
  { name: 'plan', isDeclared: true, run: (bytes) => void compile(documentOf(bytes), known) },
  {
    name: 'lint of a plan',
    isDeclared: true,
    run: (bytes) => void lintDocument(documentOf(bytes), known, '2030-01-31'),
  },
]

function documentOf(bytes: Uint8Array) {
  return { file: 'evil.md', bytes, shared: null }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** This thread's own time, the best of several, each length in turn: what else the machine does falls on neither. */
function timesOf(run: (bytes: Uint8Array) => void, texts: readonly string[]): readonly number[] {
  const documents = texts.map((text) => new TextEncoder().encode(text))
  const best = documents.map(() => Number.POSITIVE_INFINITY)
  // The first reading warms the machine up.
  for (let round = 0; round < 6; round++)
    for (const [at, bytes] of documents.entries()) {
      collect()
      const before = process.threadCpuUsage()
      run(bytes)
      if (round > 0) best[at] = Math.min(best[at] ?? 0, process.threadCpuUsage(before).user / 1_000)
    }
  return best
}

for (const { name, isDeclared, run } of ways)
  for (const [shapeName, shape] of Object.entries(evilShapes)) {
    if (!`${name}, ${shapeName}`.includes(only)) continue
    const head = isDeclared ? '---\nholdpoint: 1\n---\n# R\n\n- [ ] A step\n\n' : ''
    const [once = 0, twice = 0] = timesOf(run, [head + shape(small), head + shape(2 * small)])
    // Below three milliseconds a ratio says nothing.
    report(`${name}, ${shapeName}, twice as long`, {
      value: Math.max(3, twice),
      baseline: Math.max(3, once),
      unit: 'ms',
      goal: 2.5,
    })
  }

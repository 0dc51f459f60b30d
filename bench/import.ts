/** Importing: twice the text costs at most two and a half times the time, whatever its shape; and what a document costs. */
import { performance } from 'node:perf_hooks'
import { importDocument } from '../src/import/import.ts'
import { evilShapes } from '../test/support/evil-shapes.ts'
import { report } from './measure.ts'

const small = Number(process.argv[2] ?? 60_000)

function timeOf(text: string): number {
  const bytes = new TextEncoder().encode(text)
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const from = performance.now()
    importDocument(bytes, { file: 'evil.md' })
    best = Math.min(best, performance.now() - from)
  }
  return best
}

for (const [name, shape] of Object.entries(evilShapes)) {
  // The first reading warms the machine up; below three milliseconds a ratio says nothing.
  timeOf(shape(small))
  const [once, twice] = [timeOf(shape(small)), timeOf(shape(2 * small))]
  report(`import, ${name}, twice as long`, {
    value: Math.max(3, twice),
    baseline: Math.max(3, once),
    unit: 'ms',
    goal: 2.5,
  })
}

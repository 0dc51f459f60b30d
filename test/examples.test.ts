/** Every example compiles and has nothing for the linter to say; the first one runs to its end. */
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kinds } from '../src/app.ts'
import { lintDocument } from '../src/import/lint/lint-document.ts'
import { openRealEngine } from './support/real-engine.ts'

const root = join(import.meta.dirname, '..')
const checklists = [...globSync('examples/*/release.md', { cwd: root }), 'demo/release.md']

test('there are examples', () => expect(checklists.length).toBeGreaterThan(2))

test.each(checklists)('%s compiles, and the linter finds nothing in it', (file) => {
  const { plan, problems } = lintDocument(
    { file, bytes: readFileSync(join(root, file)), shared: null },
    kinds(),
    '2030-01-31',
  )
  expect(problems).toEqual([])
  expect(plan?.steps.length).toBeGreaterThan(2)
})

test('the first example runs to its end when a person answers its one question', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hp-hello-'))
  cpSync(join(root, 'examples/hello'), folder, { recursive: true })
  const engine = await openRealEngine()
  try {
    const answer = { kind: 'Answer', answer: 'passed', note: null, fields: {}, evidence: [] } as const
    const running = await engine.start({
      root: folder,
      text: readFileSync(join(folder, 'release.md'), 'utf8'),
      version: '1.0.0',
      previous: null,
      environment: 'production',
      inputs: {},
      people: [{ who: 'ana', step: 'someone-has-read-the-change-log', ask: (step) => ({ ...answer, step }) }],
    })
    const state = await running.until('closed', ({ endedAt }) => endedAt !== null)
    expect(state.phase).toBe('closed')
  } finally {
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)

/** Every example compiles and has nothing for the linter to say; the first one runs to its end. */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kinds } from '../src/app/app.ts'
import { lintDocument } from '../src/import/lint/lint-document.ts'
import { postgresPrograms, startCluster } from './support/postgres.ts'
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

const programs = postgresPrograms()
test.skipIf(programs === null)(
  'the example of a restore drill restores a real dump, and its record has the numbers',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hp-drill-'))
    cpSync(join(root, 'examples/restore-drill'), folder, { recursive: true })
    const [shop, scratch] = await Promise.all([startCluster(programs ?? ''), startCluster(programs ?? '')])
    const engine = await openRealEngine()
    try {
      await shop.query('create database shop')
      const url = `postgres://holdpoint@127.0.0.1:${shop.port}/shop`
      const orders = "select n as id, 'ana' as customer, now() as placed_at from generate_series(1, 1000) n"
      execFileSync('psql', ['-q', '-d', url, '-c', `create table orders as ${orders}`])
      const dump = join(folder, 'shop.dump')
      execFileSync('pg_dump', ['-Fc', '-f', dump, url])
      utimesSync(dump, Date.now() / 1000 - 60, Date.now() / 1000 - 60)
      const running = await engine.start({
        root: folder,
        text: readFileSync(join(folder, 'release.md'), 'utf8'),
        version: '2030-q1',
        previous: null,
        environment: 'drill',
        inputs: {
          dumps: folder,
          server: `postgres://holdpoint@127.0.0.1:${scratch.port}/postgres`,
          production: `127.0.0.1:${shop.port}`,
        },
        people: [],
      })
      await running.until('recorded', ({ steps }) => [...steps.values()].some(({ written = [] }) => written.length > 0))
      const [record] = await engine.app.store.records('restore-test')
      expect(record).toMatchObject({ environment: 'drill', facts: { dump: 'shop.dump' } })
      expect(record?.facts?.['recovery']).toBeGreaterThan(0)
      expect(record?.outcome).toBeUndefined()
    } finally {
      await engine.stop()
      await Promise.all([shop.dispose(), scratch.dispose()])
      rmSync(folder, { recursive: true, force: true })
    }
  },
  120_000,
)

/** `holdpoint store copy` as a person types it: what it says, its exit codes, and that it shows no password. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresPrograms, startCluster } from '../../test/support/postgres.ts'
import type { PostgresCluster } from '../../test/support/postgres.ts'
import { openStore } from '../store/open.ts'
import { note, summaryOf } from '../store/test-support/examples.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
const programs = postgresPrograms()
let cluster: PostgresCluster | null = null
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-copy-cli-'))
  if (programs) cluster = await startCluster(programs)
  const store = await openStore(join(folder, 'old'), { now: Date.now() })
  await store.append(
    { streams: [{ stream: 'release/r1', expectedVersion: 0, events: [note('a'), note('b')], due: 5 }] },
    summaryOf('r1', 1),
  )
  await store.close()
})
afterAll(async () => {
  await cluster?.dispose()
  await rm(folder, { recursive: true, force: true })
})

function holdpoint(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home') }
    const child = spawn(process.execPath, [bin, 'store', 'copy', ...args], { cwd: folder, env, stdio: 'pipe' })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

test('a store is copied into a new folder, and the two are not confused', async () => {
  const done = await holdpoint('--from', 'sqlite:old', '--to', 'sqlite:new')
  expect(done.code).toBe(0)
  expect(done.out).toContain('✔ copied 1 release: 2 events in 1 stream, 0 pieces of evidence, every chain verified')
  expect(done.err).toContain('run only one of the two from now on')
  const store = await openStore(join(folder, 'new'), { now: Date.now() })
  expect(await store.read('release/r1')).toHaveLength(2)
  expect(await store.nextDue()).toBe(5)
  await store.close()
})

test.skipIf(programs === null)('a store moves to PostgreSQL; what is printed is one document with --json', async () => {
  const to = `postgres://holdpoint:hunter2@127.0.0.1:${cluster!.port}/postgres?schema=moved`
  const done = await holdpoint('--from', 'sqlite:old', '--to', to, '--json')
  expect(done.code).toBe(0)
  expect(JSON.parse(done.out)).toEqual({
    from: 'old',
    to: `127.0.0.1:${cluster!.port}/postgres (schema moved)`,
    counts: { events: 2, streams: 1, evidence: 0, batches: 0, records: 0, releases: 1, entries: 0, dueTimes: 1 },
  })
  expect(done.out + done.err).not.toContain('hunter2')
})

test('a store in use, a missing one and a full one are refused with the reason', async () => {
  const store = await openStore(join(folder, 'busy'), { now: Date.now() })
  const busy = await holdpoint('--from', 'sqlite:busy', '--to', 'sqlite:elsewhere')
  expect([busy.code, busy.err]).toEqual([1, expect.stringContaining(`in use by process ${process.pid}`)])
  await store.append({ streams: [{ stream: 'release/x', expectedVersion: 0, events: [note('x')] }] })
  await store.close()
  const full = await holdpoint('--from', 'sqlite:old', '--to', 'sqlite:busy')
  expect([full.code, full.err]).toEqual([1, expect.stringContaining('the target is not empty')])
  const missing = await holdpoint('--from', 'sqlite:nowhere', '--to', 'sqlite:elsewhere')
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('there is no store in nowhere')])
})

test('a database that does not answer is named, without the password', async () => {
  const away = await holdpoint('--from', 'sqlite:old', '--to', 'postgres://ana:hunter2@127.0.0.1:1/x')
  expect(away.code).toBe(1)
  expect(away.err).toContain('cannot be reached')
  expect(away.err).not.toContain('hunter2')
  const half = await holdpoint('--from', 'sqlite:old')
  expect(half.code).toBe(2)
})

/** One server on the embedded store: killed, asked to end, out of disk, torn, doubled, and with thousands of releases that wait. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { verifyChain } from '../../src/core/log/chain.ts'
import type { ReleaseView } from '../../src/report/view.ts'
import { type Part, releaseOf } from './checklists.ts'
import { evidenceOf } from './evidence.ts'
import { ofReplicas } from './faults.ts'
import { broken, type Log } from './history.ts'
import { approval, playOn, startRelease } from './play.ts'
import { seedReleases } from './seed.ts'
import { persist, Site } from './site.ts'
import { storm } from './storm.ts'
import { until } from './until.ts'

const isLong = process.env['HOLDPOINT_CHAOS'] === 'full'

let site: Site
afterEach(() => site?.close())

const open = async (folder?: string, environment: Readonly<Record<string, string>> = {}) => {
  site = await Site.open({ postgres: null, replicas: 1, environment, ...(folder === undefined ? {} : { folder }) })
  return site.replicas[0]!
}
let services = 0
const text = (...sections: readonly (readonly Part[])[]) =>
  releaseOf({ service: `alone-${(services += 1)}`, port: site.target.port }, ...sections)
const start = (...sections: readonly (readonly Part[])[]) => startRelease(site, text(...sections), `key-${services}`)
const events = async (release: string) =>
  (await persist(() => site.caller('ana').get(`/v1/releases/${release}/events`))).body as unknown as Log
const has = (release: string, kind: string) =>
  until(`${kind} of ${release}`, async () => (await events(release)).find(({ event }) => event.kind === kind) ?? null)

/** Ends the server and looks at everything it left. */
async function holds(): Promise<void> {
  await Promise.all(site.replicas.map((replica) => replica.end('SIGTERM')))
  expect(broken(await evidenceOf(site))).toEqual([])
  expect(site.seen.wrong).toEqual([])
  expect(site.replicas.flatMap(({ bugs }) => bugs)).toEqual([])
}

describe('a server on the embedded store', () => {
  test('that is killed again and again loses nothing acknowledged and doubles no effect', async () => {
    await open()
    const weathered = await storm(site, { seed: 11, lanes: 4, faults: ofReplicas, mostFaults: 5, mostMs: 9_000 })
    expect(weathered.broken, weathered.faults.join('; ')).toEqual([])
    expect(weathered.releases).toBeGreaterThanOrEqual(4)
  }, 400_000)

  test('asked to end during a deploy, once or again and again, lets it finish and knows its result', async () => {
    const server = await open()
    site.target.actionMs = 2_000
    const release = await start(['first', 'check'])
    await until('the action is under way', () => site.target.waiting > 0)
    const ended = server.end('SIGTERM')
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) server.kill(signal)
    expect([0, 'SIGTERM', 'SIGINT']).toContain(await ended)
    expect(server.log).toMatch(/ ended\n$/)
    await server.start()
    expect((await playOn(site, release)).phase).toBe('closed')
    expect(site.target.effects.filter(({ accepted }) => accepted)).toHaveLength(1)
    const ends = (await events(release)).flatMap(({ event }) =>
      event.kind === 'AttemptFinished' ? [event.outcome] : [],
    )
    expect(ends).not.toContain('unknown')
    await holds()
  }, 200_000)

  test('that was away when a timer was due fires it once, and says how late it was', async () => {
    const server = await open()
    const release = await start(['wait', 'check'])
    const began = await has(release, 'WaitStarted')
    const due = began.event.kind === 'WaitStarted' ? began.event.until : 0
    await server.end('SIGKILL')
    await until('the timer is overdue', () => Date.now() > due + 500)
    await server.start()
    await playOn(site, release)
    const fired = (await events(release)).filter(({ event }) => event.kind === 'WaitEnded')
    expect(fired).toHaveLength(1)
    expect(fired[0]!.event).toMatchObject({ lateMs: fired[0]!.at - due })
    expect(fired[0]!.at - due).toBeGreaterThan(500)
    await holds()
  }, 200_000)

  test('is the only one: a second is refused and told who has the store', async () => {
    const server = await open()
    const twin = await server.twin()
    await expect(twin.start()).rejects.toThrow(String(server.pid))
    expect((await site.caller('ana').get('/v1/releases')).status).toBe(200)
  }, 200_000)

  test('of an older program refuses a newer schema, and goes on once it has its own again', async () => {
    const server = await open()
    const release = await start(['approve', 'check'])
    await server.end('SIGKILL')
    const file = join(server.home, 'holdpoint.sqlite')
    const number = schema(file)
    schema(file, number + 1)
    await expect(server.start()).rejects.toThrow(`this store has schema ${number + 1}`)
    schema(file, number)
    await server.start()
    expect((await playOn(site, release)).phase).toBe('closed')
    await holds()
  }, 200_000)

  test('whose log lost its last bytes starts with what is whole, and its releases go on', async () => {
    const server = await open()
    const releases = await Promise.all(Array.from({ length: 4 }, () => start(['check', 'wait', 'check', 'answer'])))
    await Promise.all(releases.map((release) => has(release, 'WaitStarted')))
    await server.end('SIGKILL')
    const wal = join(server.home, 'holdpoint.sqlite-wal')
    truncateSync(wal, statSync(wal).size - 1_000)
    await server.start()
    const there = (await site.caller('ana').get('/v1/releases?open=true')).body as unknown as readonly { id: string }[]
    await Promise.all(there.map(({ id }) => playOn(site, id)))
    await server.end('SIGTERM')
    const { log } = await evidenceOf(site)
    expect(log.map(({ position }) => position)).toEqual(log.map((_, index) => index + 1))
    for (const [, own] of Map.groupBy(log, ({ stream }) => stream)) expect(verifyChain(own).ok).toBe(true)
    expect(server.bugs).toEqual([])
  }, 200_000)

  test('whose store is an older backup is found by its checkpoint, only reads, and goes on once a person has decided', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hp-checkpoint-'))
    const checkpoint = join(folder, 'log.checkpoint')
    const server = await open(undefined, { HOLDPOINT_CHECKPOINT: checkpoint })
    const before = await start(['approve'])
    await server.end('SIGTERM')
    cpSync(server.home, join(folder, 'backup'), { recursive: true })
    await server.start()
    expect((await playOn(site, before)).phase).toBe('closed')
    await server.end('SIGTERM')
    for (const name of readdirSync(server.home).filter((each) => each.startsWith('holdpoint.sqlite')))
      rmSync(join(server.home, name))
    for (const name of readdirSync(join(folder, 'backup')).filter((each) => each.startsWith('holdpoint.sqlite')))
      cpSync(join(folder, 'backup', name), join(server.home, name))
    await server.start()
    expect(server.log).toContain('read-only: the checkpoint in')
    const shown = await site.caller('ana').get(`/v1/releases/${before}`)
    expect((shown.body as unknown as ReleaseView).waitsFor.map(({ kind }) => kind)).toEqual(['approve'])
    const order = { command: approval('agree', 'lead'), seen: null }
    const refused = await site.caller('ben').post(`/v1/releases/${before}/commands`, order)
    expect([refused.status, refused.body['code']]).toEqual([503, 'store-fault'])
    expect(String(refused.body['detail'])).toContain('this server only reads')
    await server.end('SIGTERM')
    rmSync(checkpoint)
    await server.start()
    expect((await playOn(site, before)).phase).toBe('closed')
    await server.end('SIGTERM')
    rmSync(folder, { recursive: true })
    expect(site.seen.wrong).toEqual([])
  }, 200_000)

  const disk = smallDisk()
  afterAll(() => {
    if (disk !== null) execFileSync('umount', ['-l', disk], { stdio: 'ignore' })
  })
  test.skipIf(disk === null)(
    'on a full disk takes nothing new, keeps its holds, and goes on when there is room',
    async () => {
      await open(disk!)
      const release = await start(['approve', 'first', 'check'])
      await has(release, 'StepReached')
      const ballast = join(disk!, 'ballast')
      fill(ballast)
      const refused = await until('the disk is too full for a note', async () => {
        const note = { command: { kind: 'Note', step: null, note: 'x'.repeat(15_000) }, seen: null }
        const answer = await site.caller('ana').post(`/v1/releases/${release}/commands`, note)
        return answer.status === 200 ? null : answer
      })
      expect([refused.status, refused.body['code']]).toEqual([507, 'store-full'])
      const shown = await site.caller('ana').get(`/v1/releases/${release}`)
      expect((shown.body as unknown as ReleaseView).waitsFor.map(({ kind }) => kind)).toEqual(['approve'])
      expect(site.target.effects).toEqual([])
      rmSync(ballast)
      const order = { command: approval('agree', 'lead'), seen: null }
      await until(
        'room for an approval',
        async () => (await site.caller('ben').post(`/v1/releases/${release}/commands`, order)).status === 200,
      )
      expect((await playOn(site, release)).phase).toBe('closed')
      await holds()
    },
    200_000,
  )

  test(`with ${isLong ? '10,000' : '2,000'} releases that wait is killed, and goes on with all of them without a burst`, async () => {
    const server = await open()
    await server.end('SIGTERM')
    const releases = await seed(isLong ? 10_000 : 2_000)
    await server.start()
    await until('it attends them', async () => (await site.stranger.get('/readyz')).status === 200)
    await server.end('SIGKILL')
    await server.start()
    const at = performance.now()
    const first = await until('the first timer fires', async () =>
      (await open_()) < releases ? performance.now() : null,
    )
    await until('all have ended', async () => (await open_()) === 0, { everyMs: 500, withinMs: 600_000 })
    console.info(`first after ${Math.round(first - at)} ms, all after ${Math.round(performance.now() - at)} ms`)
    await server.end('SIGTERM')
    const { log } = await evidenceOf(site)
    expect(log.filter(({ event }) => event.kind === 'WaitEnded')).toHaveLength(releases)
    expect(mostAtOnce(log)).toBeLessThanOrEqual(mostClaimed)
    expect(site.seen.wrong).toEqual([])
  }, 900_000)
})

/** Places for commands, and checks that are claimed and wait for one: four times as many. */
const mostClaimed = 5 * 4

const open_ = async () =>
  (
    (await persist(() => site.caller('ana').get('/v1/releases?open=true&limit=20000')))
      .body as unknown as readonly unknown[]
  ).length

/** Releases whose timers are due in a moment; every twentieth runs a command then. */
async function seed(count: number): Promise<number> {
  await seedReleases(site, count, (index) => text(index % 20 === 0 ? ['wait', 'check'] : ['wait']))
  return count
}

function mostAtOnce(log: Log): number {
  let live = 0
  let most = 0
  for (const { event } of log) {
    if (event.kind === 'AttemptStarted') live += 1
    if (event.kind === 'AttemptFinished') live -= 1
    most = Math.max(most, live)
  }
  return most
}

function schema(file: string, number?: number): number {
  const database = new DatabaseSync(file)
  if (number !== undefined) database.exec(`PRAGMA user_version = ${number}`)
  const { user_version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  database.close()
  return user_version
}

/** A disk of its own that is soon full; null, said aloud, where none may be made. */
function smallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'hp-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    console.warn('no small disk can be mounted here: the test of a full one is skipped')
    rmSync(folder, { recursive: true })
    return null
  }
  return folder
}

function fill(file: string): void {
  const piece = Buffer.alloc(4_096)
  try {
    for (;;) writeFileSync(file, piece, { flag: 'a' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause
  }
}

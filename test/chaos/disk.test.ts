/** A store that is full, or whose disk fails under a real server: nothing acknowledged is lost, and it says what is wrong. */
import { execFileSync, spawnSync } from 'node:child_process'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReleaseView } from '../../src/report/view.ts'
import type { Answer } from './caller.ts'
import { releaseOf } from './checklists.ts'
import { evidenceOf } from './evidence.ts'
import { broken, type Log } from './history.ts'
import { type Acknowledged, acknowledgedIn, approval, decide, playOn, startRelease } from './play.ts'
import { persist, Site } from './site.ts'
import { until } from './until.ts'

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0
if (!hasPrlimit) console.warn('prlimit (util-linux) is not installed: the test of a failing disk is skipped')

let site: Site
let services = 0
beforeAll(async () => {
  const program = join(import.meta.dirname, '..', 'support', 'serve-with-faults.ts')
  site = await Site.open({ postgres: null, replicas: 1, program })
}, 200_000)
afterAll(() => site?.close())

/** A release that waits for ben, and what of it was acknowledged so far. */
async function waiting(): Promise<{ release: string; acknowledged: Acknowledged[] }> {
  const service = `shop-${(services += 1)}`
  const text = releaseOf({ service, port: site.target.port }, ['approve', 'first', 'wait', 'check'])
  const release = await startRelease(site, text, service)
  await until('it waits for ben', async () => (await view(release)).waitsFor.some(({ kind }) => kind === 'approve'))
  return { release, acknowledged: [{ release, version: 1, kinds: ['ReleaseStarted'] }] }
}

const view = async (release: string) =>
  (await persist(() => site.caller('ana').get(`/v1/releases/${release}`))).body as unknown as ReleaseView
const events = async (release: string) =>
  (await persist(() => site.caller('ana').get(`/v1/releases/${release}/events`))).body as unknown as Log

/** Notes until one is refused; what was taken before is acknowledged. */
function noteUntilRefused(release: string, acknowledged: Acknowledged[]): Promise<Answer> {
  const command = { kind: 'Note', step: null, note: 'x'.repeat(15_000) }
  return until('a note is refused', async () => {
    const answer = await decide(site, release, { by: 'ana', command })
    if (answer.status !== 200) return answer
    acknowledged.push(acknowledgedIn(release, answer.body))
    return null
  })
}

async function holds(acknowledged: readonly Acknowledged[]): Promise<void> {
  await Promise.all(site.replicas.map((replica) => replica.end('SIGTERM')))
  expect(broken({ ...(await evidenceOf(site)), acknowledged })).toEqual([])
  await Promise.all(site.replicas.map((replica) => replica.start()))
  expect(site.seen.wrong).toEqual([])
  expect(site.replicas.flatMap(({ bugs }) => bugs)).toEqual([])
}

test('a store that is full refuses with 507 and store-full, loses no result, and goes on by itself when there is room', async () => {
  const { release, acknowledged } = await waiting()
  const full = join(site.replicas[0]!.home, 'full')
  const sign = (note: string) =>
    persist(() => decide(site, release, { by: 'ben', command: { ...approval('agree', 'lead'), note } }), [507])
  writeFileSync(full, '')
  const refused = await noteUntilRefused(release, acknowledged)
  expect([refused.status, refused.type]).toEqual([507, 'application/problem+json'])
  expect(refused.body).toMatchObject({ code: 'store-full', retryable: true })
  const before = await events(release)
  expect((await sign('x'.repeat(15_000))).body['code']).toBe('store-full')
  expect((await view(release)).waitsFor.map(({ kind }) => kind)).toEqual(['approve'])
  expect(site.target.effects.filter((effect) => effect.release === release)).toEqual([])
  rmSync(full)
  site.target.actionMs = 60_000
  acknowledged.push(acknowledgedIn(release, (await sign('now it fits')).body))
  await until('the action is under way', () => site.target.waiting > 0)
  // Full once more while a command runs: its result waits for room.
  writeFileSync(full, '')
  await noteUntilRefused(release, acknowledged)
  site.target.actionMs = 0
  await until('the action has had its effect', () => site.target.isApplied(release, 'first'))
  await until('its result found no room', () => site.replicas[0]!.log.includes('the disk is full'))
  rmSync(full)
  const { phase, acknowledged: more } = await playOn(site, release)
  expect(phase).toBe('closed')
  const after = await events(release)
  expect(after.slice(0, before.length).map(({ hash }) => hash)).toEqual(before.map(({ hash }) => hash))
  expect(site.target.effects.filter((effect) => effect.release === release)).toHaveLength(1)
  const ends = after.flatMap(({ event }) => (event.kind === 'AttemptFinished' ? [event.outcome] : []))
  expect(ends).not.toContain('unknown')
  await holds([...acknowledged, ...more])
}, 200_000)

test.skipIf(!hasPrlimit)(
  'a server whose disk fails writes nothing more, says so to everybody, and has all that it acknowledged when started again',
  async () => {
    const { release, acknowledged } = await waiting()
    const server = site.replicas[0]!
    const written = statSync(join(server.home, 'holdpoint.sqlite-wal')).size
    // The system itself refuses to write beyond that: an error of the disk that is none of room.
    execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${written + 20_000}:unlimited`])
    const refused = await noteUntilRefused(release, acknowledged)
    expect([refused.status, refused.body['code'], refused.body['retryable']]).toEqual([503, 'store-fault', false])
    execFileSync('prlimit', ['--pid', String(server.pid), '--fsize=unlimited:unlimited'])
    // Also when the disk is well again: nobody knows what the failed write left behind.
    const again = await decide(site, release, { by: 'ana', command: { kind: 'Note', step: null, note: 'small' } })
    const read = await site.caller('ana').get(`/v1/releases?limit=1`)
    for (const { status, body } of [again, read]) {
      expect([status, body['code']]).toEqual([503, 'store-fault'])
      expect(body['detail']).toContain('refuses everything until it is reopened')
    }
    expect((await site.stranger.get('/readyz')).status).toBe(503)
    await until('its log says so', () => server.log.includes('refuses everything until it is reopened'))
    expect(site.target.effects.filter((effect) => effect.release === release)).toEqual([])
    await server.end('SIGKILL')
    await server.start()
    const { phase, acknowledged: more } = await playOn(site, release)
    expect(phase).toBe('closed')
    await holds([...acknowledged, ...more])
  },
  200_000,
)

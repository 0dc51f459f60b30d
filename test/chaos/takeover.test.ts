/** A replica dies, stands still or loses its sessions: another goes on with its releases, and what the old one still does is refused. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../../src/api/client.ts'
import type { ReleaseView } from '../../src/report/view.ts'
import { postgresPrograms } from '../support/postgres.ts'
import { type Part, releaseOf } from './checklists.ts'
import { evidenceOf } from './evidence.ts'
import { broken, type Log } from './history.ts'
import { hasEnded, playOn } from './play.ts'
import type { Replica } from './replica.ts'
import { seedReleases } from './seed.ts'
import { persist, Site, startBody } from './site.ts'
import { until } from './until.ts'

const programs = postgresPrograms()

describe.skipIf(programs === null)('three replicas on one database', () => {
  let site: Site
  let services = 0
  beforeAll(async () => {
    site = await Site.open({ postgres: programs, replicas: 3 })
  }, 200_000)
  afterAll(() => site?.close())
  afterEach(async () => {
    site.target.actionMs = 0
    for (const replica of site.replicas)
      if (replica.isRunning) replica.kill('SIGCONT')
      else await replica.start()
  })

  /** Whoever is asked for a release attends it. */
  async function startAt(replica: Replica, ...sections: readonly (readonly Part[])[]): Promise<string> {
    const text = releaseOf({ service: `taken-${(services += 1)}`, port: site.target.port }, ...sections)
    const body = startBody(text, `key-${services}`)
    const answer = await persist(() => site.caller('ana').at(replica.url).post('/v1/releases', body))
    expect(answer.status).toBe(201)
    return String(answer.body['release'])
  }
  const events = async (release: string, at: Replica) =>
    (await persist(() => site.caller('ana').at(at.url).get(`/v1/releases/${release}/events`))).body as unknown as Log
  const kinds = async (release: string, at: Replica) => (await events(release, at)).map(({ event }) => event.kind)
  const end = (release: string, at: Replica) =>
    until(`the end of ${release}`, async () => {
      const { body } = await persist(() => site.caller('ana').at(at.url).get(`/v1/releases/${release}`))
      return hasEnded(body as unknown as ReleaseView) ? body : null
    })
  const epochs = (log: Log) => log.flatMap(({ event }) => ('epoch' in event ? [event.epoch] : []))

  test('a timer that is due when its replica is killed fires once, at another', async () => {
    const [victim, heir] = [site.replicas[0]!, site.replicas[1]!]
    const release = await startAt(victim, ['wait', 'check'])
    await until('the wait began', async () => (await kinds(release, heir)).includes('WaitStarted'))
    await victim.end('SIGKILL')
    await end(release, heir)
    const log = await events(release, heir)
    expect(log.filter(({ event }) => event.kind === 'WaitEnded')).toHaveLength(1)
  }, 200_000)

  test('a thousand timers that are due while all replicas look at them fire once each', async () => {
    // Written beside the replicas: whoever sees one first attends it, and any of them may.
    const releases = await seedReleases(site, 1_000, () =>
      releaseOf({ service: `taken-${(services += 1)}`, port: site.target.port }, ['wait']),
    )
    await until('all have ended', async () => {
      const [row] = await site.cluster!.query<{ open: number }>(
        `SELECT count(*)::int AS open FROM ${site.schema}.summaries WHERE open AND id = ANY ($1)`,
        [releases],
      )
      return row?.open === 0
    })
    const { log } = await evidenceOf(site)
    const fired = Map.groupBy(
      log.filter(({ event }) => event.kind === 'WaitEnded'),
      ({ stream }) => stream,
    )
    expect(new Set(releases.map((release) => fired.get(`release/${release}`)?.length))).toEqual(new Set([1]))
  }, 400_000)

  test('what a frozen replica had begun is shut out at the target when it comes late, and its writes are refused', async () => {
    const [zombie, heir] = [site.replicas[0]!, site.replicas[1]!]
    site.target.actionMs = 20_000
    const release = await startAt(zombie, ['first', 'check'])
    await until('the action is claimed', async () => (await kinds(release, heir)).includes('AttemptStarted'))
    await until('its command has reached the target', () => site.target.waiting > 0)
    const first = await events(release, heir)
    zombie.kill('SIGSTOP')
    const at = performance.now()
    await until('another took it over', async () => new Set(epochs(await events(release, heir))).size > 1)
    await until('it has shown its epoch to the target', () => site.target.fence(release) > epochs(first)[0]!)
    console.info(`taken over after ${Math.round(performance.now() - at)} ms, the lease is 2000`)
    site.target.actionMs = 0
    zombie.kill('SIGCONT')
    const { phase } = await playOn(site, release)
    expect(phase).toBe('closed')
    await until('the late effect came', () => site.target.waiting === 0)
    const acts = site.target.effects.filter((effect) => effect.release === release)
    expect(acts.filter(({ accepted }) => accepted)).toHaveLength(1)
    expect(acts.filter(({ accepted }) => !accepted)).toHaveLength(1)
    expect(epochs(await events(release, zombie))).toEqual(
      epochs(await events(release, zombie)).toSorted((a, b) => a - b),
    )
  }, 200_000)

  test('a replica whose sessions are terminated goes on', async () => {
    const victim = site.replicas[2]!
    const release = await startAt(victim, ['first', 'wait', 'second', 'check'])
    const ports = localPortsOf(victim.pid, site.cluster!.port)
    expect(ports.length).toBeGreaterThan(0)
    const cut = await site.cluster!.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = ANY($1::int[])',
      [ports],
    )
    expect(cut.length).toBeGreaterThan(0)
    expect((await end(release, victim))['phase']).toBe('closed')
    expect(site.target.effects.filter((effect) => effect.release === release && effect.accepted)).toHaveLength(2)
  }, 200_000)

  test('while the database is away every question is answered with 503 and store-fault; then all goes on by itself', async () => {
    const release = await startAt(site.replicas[1]!, ['wait', 'first', 'check'])
    await site.cluster!.stop('SIGKILL')
    const answers = await Promise.all(
      site.replicas.flatMap(({ url }) => [
        site.caller('ana').at(url).get(`/v1/releases/${release}`),
        site.caller('ana').at(url).get('/v1/releases?open=true'),
        site
          .caller('ana')
          .at(url)
          .post(`/v1/releases/${release}/commands`, { command: { kind: 'Hold', why: 'odd' }, seen: null }),
        site.caller('ana').at(url).get('/v1/me'),
      ]),
    )
    const alive = await Promise.all(site.replicas.map(({ url }) => site.stranger.at(url).get('/healthz')))
    await site.cluster!.start()
    expect(answers.map(({ status, type, body }) => [status, type, body['code']])).toEqual(
      answers.map(() => [503, 'application/problem+json', 'store-fault']),
    )
    expect(new Set(alive.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await end(release, site.replicas[0]!))['phase']).toBe('closed')
  }, 200_000)

  test('while the disk of the database is full nothing new is recorded, with 507 and store-full; then all goes on by itself', async () => {
    const { schema, cluster } = site
    const release = await startAt(site.replicas[0]!, ['approve', 'first', 'check'])
    const before = await events(release, site.replicas[1]!)
    // The database's own error, raised where it would be: under an insert.
    await cluster!.query(`CREATE FUNCTION ${schema}.no_room() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`)
    await cluster!.query(`CREATE TRIGGER full_disk BEFORE INSERT ON ${schema}.events
      FOR EACH ROW EXECUTE FUNCTION ${schema}.no_room()`)
    try {
      const command = { kind: 'Hold', why: 'odd' }
      const path = `/v1/releases/${release}/commands`
      for (const { url } of site.replicas) {
        const { status, body } = await site.caller('ana').at(url).post(path, { command, seen: null })
        expect([status, body['code'], body['retryable']]).toEqual([507, 'store-full', true])
      }
      expect(await events(release, site.replicas[2]!)).toEqual(before)
    } finally {
      await cluster!.query(`DROP TRIGGER full_disk ON ${schema}.events`)
    }
    expect((await playOn(site, release)).phase).toBe('closed')
  }, 200_000)

  test('a stream that moves from a killed replica to another has no gap and no event twice, while commits are slow', async () => {
    // Commits overtake each other: the classic way to lose a row behind a cursor.
    await site.cluster!.query(`CREATE FUNCTION ${site.schema}.dawdle() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(random() * 0.02); RETURN NULL; END $$`)
    await site.cluster!.query(`CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON ${site.schema}.events
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${site.schema}.dawdle()`)
    try {
      const release = await startAt(site.replicas[1]!, ['check', 'wait', 'first', 'wait', 'second', 'rollout'])
      const seen: number[] = []
      const done = new AbortController()
      const following = followAnywhere(site, release, (version) => seen.push(version), done.signal)
      const playing = playOn(site, release)
      await until('some events have come', () => seen.length > 3)
      await site.replicas[0]!.end('SIGKILL')
      await site.replicas[0]!.start()
      await playing
      const log = await events(release, site.replicas[2]!)
      await until('the last event has come', () => seen.at(-1) === log.at(-1)?.version)
      done.abort()
      await following
      expect(seen).toEqual(log.map(({ version }) => version))
    } finally {
      await site.cluster!.query(`DROP TRIGGER slow ON ${site.schema}.events`)
    }
  }, 200_000)

  test('a hundred releases that start in one moment all get their turn', async () => {
    const releases = await Promise.all(
      Array.from({ length: 100 }, () => startAt(site.replicas[0]!, ['check', 'check'])),
    )
    await Promise.all(releases.map((release) => end(release, site.replicas[1]!)))
    const { log } = await evidenceOf(site)
    const isEnd = ({ event }: Log[number]) => event.kind === 'AttemptFinished'
    // The wait of a release, in checks of others that were done meanwhile: no clock is asked.
    const waits = releases.map((release) => {
      const stream = `release/${release}`
      const from = log.findIndex((each) => each.stream === stream)
      const to = log.findIndex((each) => each.stream === stream && isEnd(each))
      return log.slice(from, to).filter(isEnd).length
    })
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length
    expect(Math.max(...waits)).toBeLessThanOrEqual(2 * mean + 20)
  }, 200_000)

  test('a program that is older than the schema does not start, and those that run go on', async () => {
    const [release, old] = [await startAt(site.replicas[0]!, ['wait', 'first', 'check']), site.replicas[2]!]
    await old.end('SIGTERM')
    const number = async (more: number) =>
      (
        await site.cluster!.query<{ number: number }>(
          `UPDATE ${site.schema}.schema_number SET number = number + ${more} RETURNING number`,
        )
      )[0]!.number
    const newer = await number(1)
    await expect(old.start()).rejects.toThrow(`this store has schema ${newer}`)
    expect((await end(release, site.replicas[1]!))['phase']).toBe('closed')
    await number(-1)
    await old.start()
    expect(await kinds(release, old)).toEqual(await kinds(release, site.replicas[0]!))
  }, 200_000)

  test('nothing of all this broke a promise, and nobody was answered with a fault', async () => {
    const open = (await site.caller('ana').get('/v1/releases?open=true')).body as unknown as readonly { id: string }[]
    await Promise.all(open.map(({ id }) => playOn(site, id)))
    await Promise.all(site.replicas.map((replica) => replica.end('SIGTERM')))
    expect(broken(await evidenceOf(site))).toEqual([])
    expect(site.seen.wrong).toEqual([])
    expect(site.replicas.flatMap(({ bugs }) => bugs)).toEqual([])
  }, 200_000)
})

/** A reader who goes to the next replica when one is gone, and says what it has seen last. */
async function followAnywhere(
  site: Site,
  release: string,
  onVersion: (version: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let after = 0
  for (let turn = 0; !signal.aborted; turn += 1) {
    const { url } = site.replicas[turn % site.replicas.length]!
    const client = createClient({ server: { url, secret: site.caller('ana').secret } })
    try {
      for await (const item of client.watch(release, { after, signal })) {
        if (item.kind === 'disconnected') break
        if (item.kind !== 'event') continue
        after = item.event.version
        onVersion(after)
      }
    } catch {
      // This one is gone: the next may be there.
    } finally {
      client.close()
    }
    await sleep(50)
  }
}

/** The ports from which a process talks to the database: Linux lists them by socket. */
function localPortsOf(pid: number, remotePort: number): readonly number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`).match(/^socket:\[(\d+)\]$/)?.[1] ?? []
      } catch {
        return []
      }
    }),
  )
  const remote = remotePort.toString(16).toUpperCase().padStart(4, '0')
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[2]?.endsWith(`:${remote}`) && inodes.has(columns[9] ?? ''))
    .map((columns) => Number.parseInt(columns[1]?.split(':')[1] ?? '0', 16))
}

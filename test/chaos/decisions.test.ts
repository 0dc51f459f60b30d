/** What people decide reaches several replicas at once, twice, too late, or from the wrong person: one order, and a reason for every no. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReleaseView } from '../../src/report/view.ts'
import { postgresPrograms } from '../support/postgres.ts'
import type { Answer } from './caller.ts'
import { type Part, releaseOf } from './checklists.ts'
import { evidenceOf } from './evidence.ts'
import { broken, type Log } from './history.ts'
import { approval, hasEnded, playOn, startRelease } from './play.ts'
import { type Person, Site, startBody } from './site.ts'
import { until } from './until.ts'

const programs = postgresPrograms()
const isLong = process.env['HOLDPOINT_CHAOS'] === 'full'
const abort = { kind: 'Abort', why: 'somebody saw smoke', leave: false, typed: null }
const promote = { kind: 'Promote', stage: null, role: 'lead', reason: 'all is well' }

describe.skipIf(programs === null)('decisions over three replicas', () => {
  let site: Site
  let services = 0
  beforeAll(async () => {
    site = await Site.open({ postgres: programs, replicas: 3 })
  }, 200_000)
  afterAll(() => site?.close())

  const text = (...sections: readonly (readonly Part[])[]) =>
    releaseOf({ service: `decided-${(services += 1)}`, port: site.target.port }, ...sections)
  const start = (...sections: readonly (readonly Part[])[]) => {
    const body = text(...sections)
    return startRelease(site, body, `key-${services}`)
  }
  const view = async (release: string) =>
    (await site.caller('ana').get(`/v1/releases/${release}`)).body as unknown as ReleaseView
  const events = async (release: string) =>
    (await site.caller('ana').get(`/v1/releases/${release}/events`)).body as unknown as Log
  const waitsFor = (release: string, kind: string) =>
    until(`${release} waits for ${kind}`, async () => (await view(release)).waitsFor.some((wait) => wait.kind === kind))
  const end = (release: string) =>
    until(`the end of ${release}`, async () => {
      const seen = await view(release)
      return hasEnded(seen) ? seen.phase : null
    })
  /** Through one replica or the other. */
  const ask = (by: Person, release: string, command: object, replica: number, headers: Record<string, string> = {}) =>
    site
      .caller(by)
      .at(site.replicas[replica % 3]!.url)
      .post(`/v1/releases/${release}/commands`, { command, seen: null }, headers)
  const counted = (answers: readonly Answer[]) =>
    Object.fromEntries(
      [
        ...Map.groupBy(answers, ({ status, body }) => (status === 200 ? '200' : `${status} ${String(body['code'])}`)),
      ].map(([what, all]) => [what, all.length]),
    )

  test('an approval that is clicked fifty times is given once, and the others are told so', async () => {
    const release = await start(['approve'])
    await waitsFor(release, 'approve')
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, click) => ask('ben', release, approval('agree', 'lead'), click)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const others = answers.filter(({ status }) => status !== 200)
    // Whoever comes when the step is closed, or the whole release has ended, hears that instead.
    for (const { status, body } of others)
      expect([status, body['code']]).toSatisfy(
        ([code, word]) => code === 409 && ['already-signed', 'already-closed', 'ended'].includes(word as string),
      )
    await end(release)
    expect((await events(release)).filter(({ event }) => event.kind === 'ApprovalGiven')).toHaveLength(1)
  })

  test('with a key every one of fifty clicks gets the same answer, and another body is refused', async () => {
    const release = await start(['approve'])
    await waitsFor(release, 'approve')
    const key = { 'idempotency-key': 'one-click' }
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, click) => ask('ben', release, approval('agree', 'lead'), click, key)),
    )
    expect(counted(answers)).toEqual({ '200': 50 })
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    await end(release)
    expect((await events(release)).filter(({ event }) => event.kind === 'ApprovalGiven')).toHaveLength(1)
    expect(counted([await ask('ben', release, approval('other', 'lead'), 1, key)])).toEqual({ '422 key-reused': 1 })
  })

  test('a start that is sent twenty times is one release', async () => {
    const body = startBody(text(['answer']), 'one-start')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, click) =>
        site
          .caller('ana')
          .at(site.replicas[click % 3]!.url)
          .post('/v1/releases', body),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ body: said }) => said['release'])).size).toBe(1)
  })

  test('an approval is refused after an abort, by whoever started it, by a stranger to the role, over what has changed, and by a disabled person', async () => {
    const release = await start(['approve', 'first'])
    await waitsFor(release, 'approve')
    const everywhere = { organisation: null, project: null, environment: null }
    await site.caller('ana').post('/v1/grants', { holder: 'ana', role: 'approver', place: everywhere })
    // Another replica knows of a right within a moment, not at once.
    await until(
      'the role is known at the first replica',
      async () => counted([await ask('ana', release, approval('agree', 'lead'), 0)])['403 forbidden'] === undefined,
    )
    expect(counted([await ask('ana', release, approval('agree', 'lead'), 0)])).toEqual({ '403 self-approval': 1 })
    expect(counted([await ask('ben', release, approval('agree', 'second'), 0)])).toEqual({ '404 unknown-role': 1 })
    expect(counted([await ask('ben', release, { ...approval('agree', 'lead'), digest: 'f'.repeat(64) }, 1)])).toEqual({
      '409 stale-view': 1,
    })
    await site.caller('ana').post('/v1/people/dan/disable', { reason: 'left' })
    for (const replica of [0, 1, 2])
      await until(
        'dan is nobody',
        async () => (await ask('dan', release, approval('agree', 'lead'), replica)).status === 401,
      )
    expect(counted([await ask('cleo', release, abort, 1)])).toEqual({ '200': 1 })
    const late = await ask('ben', release, approval('agree', 'lead'), 0)
    expect(late.status).toBe(409)
    await end(release)
    const given = (await events(release)).filter(({ event }) => event.kind === 'ApprovalGiven')
    expect(given).toEqual([])
  })

  test('a check that is too old is done again before anybody signs over it', async () => {
    const aged = text(['check', 'wait', 'approve']).replace('```sh check', '```sh check max-age=900ms')
    const release = await startRelease(site, aged, `key-${services}`)
    await waitsFor(release, 'approve')
    const kinds = (await events(release)).map(({ event }) => event.kind)
    expect(kinds.filter((kind) => kind === 'AttemptStarted').length).toBeGreaterThan(1)
    expect((await ask('ben', release, approval('agree', 'lead'), 1)).status).toBe(200)
    expect(await end(release)).toBe('closed')
  }, 200_000)

  test('a waiver that has expired opens nothing: the approval is asked for again, and only that one counts', async () => {
    const release = await start(['approve', 'wait', 'first'])
    await waitsFor(release, 'approve')
    // It lasts until shortly before the wait after it is over, however long the way to the server takes.
    await until('the waiver is taken before it has expired', async () => {
      const expires = Date.now() + 900
      const waiver = { kind: 'Waive', step: 'agree', reason: 'the lead is away', role: 'lead', expires }
      const { status, body } = await ask('cleo', release, waiver, 0)
      if (status !== 200 && !String(body['detail']).includes('already have expired'))
        throw new Error(JSON.stringify(body))
      return status === 200
    })
    await until('the approval is asked for again', async () =>
      (await events(release)).some(({ event }) => event.kind === 'StepReopened' && event.step === 'agree'),
    )
    expect(site.target.effects.filter((effect) => effect.release === release)).toEqual([])
    expect((await ask('ben', release, approval('agree', 'lead'), 1)).status).toBe(200)
    expect(await end(release)).toBe('closed')
    const kinds = (await events(release)).map(({ event }) => event.kind)
    expect(kinds.filter((kind) => kind === 'ApprovalGiven')).toHaveLength(1)
    expect(kinds.indexOf('AttemptStarted')).toBeGreaterThan(kinds.indexOf('ApprovalGiven'))
  }, 200_000)

  test('of an abort and the word that opens the way, sent at once, the log has one order, and after the abort nothing goes forward', async () => {
    const races = isLong ? 1_000 : 200
    const orders: Record<string, number> = {}
    for (let race = 0; race < races; race += 8)
      await Promise.all(
        Array.from({ length: 8 }, async (_, turn) => {
          const release = await start(['approve', 'first'])
          await waitsFor(release, 'approve')
          const asked = [
            () => ask('ben', release, approval('agree', 'lead'), turn),
            () => ask('cleo', release, abort, turn + 1),
          ]
          const answers = await Promise.all((turn % 4 < 2 ? asked : asked.toReversed()).map((one) => one()))
          expect(answers.filter(({ status }) => status >= 500 || status === 0)).toEqual([])
          const phase = await end(release)
          orders[phase] = (orders[phase] ?? 0) + 1
          const kinds = (await events(release)).map(({ event }) => event.kind)
          if (kinds.includes('RollbackStarted')) {
            expect(phase).toBe('rolled-back')
            expect(site.target.isApplied(release, 'first')).toBe(false)
          }
        }),
      )
    expect(Object.values(orders).reduce((sum, count) => sum + count, 0)).toBe(races)
  }, 600_000)

  test('of an abort and a promotion at once, traffic is back whenever the abort is in the log', async () => {
    await Promise.all(
      Array.from({ length: isLong ? 24 : 6 }, async (_, turn) => {
        const release = await start(['rollout'])
        await until(
          `${release} asks for the last word`,
          async () => (await view(release)).waitsFor.some(({ kind }) => kind === 'promote' || kind === 'decide'),
          {
            everyMs: 200,
          },
        )
        await Promise.all([ask('ben', release, promote, turn), ask('cleo', release, abort, turn + 1)])
        await end(release)
        const turned = (await events(release)).some(({ event }) => event.kind === 'RollbackStarted')
        if (turned) expect(site.target.weights.get(`${release} web`)?.percent).toBe(0)
      }),
    )
  }, 300_000)

  test('an abort is taken while a release asks, is held, or has lost sight of an action; one that goes back already says so', async () => {
    const asking = await start(['answer', 'first'])
    await waitsFor(asking, 'answer')
    const held = await start(['answer', 'first'])
    await waitsFor(held, 'answer')
    expect((await ask('ana', held, { kind: 'Hold', why: 'odd' }, 0)).status).toBe(200)
    const done = await start(['first', 'approve'])
    await waitsFor(done, 'approve')
    for (const release of [asking, held, done]) expect((await ask('cleo', release, abort, 1)).status).toBe(200)
    const again = await ask('ben', done, abort, 0)
    expect([again.status, again.body['code']]).toSatisfy(
      ([status, code]) => status === 409 && ['already-rolling-back', 'ended'].includes(code as string),
    )
    for (const release of [asking, held, done]) expect(await end(release)).toBe('rolled-back')
    expect(site.target.isApplied(done, 'first')).toBe(false)
    expect(counted([await ask('cleo', done, abort, 0)])).toEqual({ '409 ended': 1 })
  })

  test('three replicas tell one receiver once of one rollback', async () => {
    const release = await start(['first', 'approve'])
    await waitsFor(release, 'approve')
    await ask('cleo', release, abort, 0)
    await end(release)
    const mine = () => site.target.delivered.filter((each) => each.release === release).map(({ on }) => on)
    await until('both messages', () => mine().length >= 2)
    expect(mine().toSorted()).toEqual(['rollback.finished', 'rollback.started'])
  })

  test('nothing of all this broke a promise, and nobody was answered with a fault', async () => {
    const open = (await site.caller('ana').get('/v1/releases?open=true')).body as unknown as readonly { id: string }[]
    await Promise.all(open.map(({ id }) => playOn(site, id)))
    await Promise.all(site.replicas.map((replica) => replica.end('SIGTERM')))
    expect(broken(await evidenceOf(site))).toEqual([])
    expect(site.seen.wrong).toEqual([])
    expect(site.replicas.flatMap(({ bugs }) => bugs)).toEqual([])
  }, 200_000)
})

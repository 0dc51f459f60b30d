/** Commands run on workers that die, stand still, or cannot be reached: nothing happens twice, and what comes late is refused. */
import { afterEach, describe, expect, test } from 'vitest'
import { evidenceOf } from './evidence.ts'
import { releaseOf } from './checklists.ts'
import { ofReplicas, ofWorkers } from './faults.ts'
import { broken, type Log } from './history.ts'
import { playOn, startRelease } from './play.ts'
import { persist, Site } from './site.ts'
import { storm } from './storm.ts'
import { until } from './until.ts'

const isLong = process.env['HOLDPOINT_CHAOS'] === 'full'

let site: Site | null = null
afterEach(() => site?.close())

const open = async (workers: number): Promise<Site> =>
  (site = await Site.open({ postgres: null, replicas: 1, workers, environment: { HOLDPOINT_WORKER_LEASE: '2s' } }))

describe('workers in processes of their own', () => {
  test.each(isLong ? (['SIGSTOP', 'cut', 'silent'] as const) : (['SIGSTOP'] as const))(
    'what one that is not heard of any more (%s) had begun is shut out at the target when it comes late',
    async (how) => {
      const { target, workers, caller } = await open(1).then((opened) => ({
        target: opened.target,
        workers: opened.workers,
        caller: opened.caller('ana'),
      }))
      const [only] = workers
      target.actionMs = 60_000
      const text = releaseOf({ service: 'shop', port: target.port }, ['first', 'check'])
      const release = await startRelease(site!, text, 'late')
      const log = async () => (await persist(() => caller.get(`/v1/releases/${release}/events`))).body as unknown as Log
      const epochs = async () => (await log()).flatMap(({ event }) => ('epoch' in event ? [event.epoch] : []))
      await until('the command has reached the target', () => target.waiting > 0, { tell: () => only!.story })
      if (how === 'SIGSTOP') only!.signal('SIGSTOP')
      else only!.link.set(how)
      await until('it is lost', async () =>
        (await log()).some(({ event }) => event.kind === 'AttemptFinished' && event.outcome === 'unknown'),
      )
      await until('its probe is claimed', async () => (await epochs()).length > 1)
      const [first, second] = await epochs()
      expect(second).toBeGreaterThan(first!)
      // Whoever asks the target next shows that epoch, here from another place than the lost worker.
      await fetch(`http://127.0.0.1:${target.port}/probe?release=${release}&step=first&epoch=${second}`)
      target.actionMs = 0
      await until('the late effect came', () => target.waiting === 0)
      if (how === 'SIGSTOP') only!.signal('SIGCONT')
      else only!.link.set('open')
      expect((await playOn(site!, release)).phase).toBe('closed')
      const acts = target.effects.filter(({ what }) => what === 'apply')
      expect(acts.map(({ accepted }) => accepted)).toEqual([false, true])
      expect(acts[0]!.epoch).toBe(first)
      expect(acts[1]!.epoch).toBeGreaterThan(first!)
      await site!.replicas[0]!.end('SIGTERM')
      expect(broken(await evidenceOf(site!))).toEqual([])
      expect(site!.seen.wrong).toEqual([])
    },
    200_000,
  )

  test('that are killed, frozen and cut off, with their server, double no effect, and all releases end', async () => {
    const {
      broken: wrong,
      faults,
      releases,
    } = await storm(await open(3), {
      seed: 3,
      lanes: 3,
      faults: [...ofWorkers, ...ofReplicas.slice(0, 1)],
      mostFaults: 4,
      mostMs: 9_000,
    })
    expect(wrong, faults.join('; ')).toEqual([])
    expect(releases).toBeGreaterThanOrEqual(3)
    expect(faults.length).toBeGreaterThan(0)
  }, 400_000)
})

/** Entries of a status page follow a release and end with it, against a stand-in that refuses what the real API refuses. */
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import {
  startStatuspage,
  statuspageComponent,
  statuspagePage,
  type StatuspageStandIn,
  statuspageToken,
} from '../../test/support/statuspage.ts'
import type { StatusWord } from '../core/plan/status-words.ts'
import { type ChannelFacts, type Delivered, type Message, NotifyFault } from '../core/ports/notify.ts'
import type { ReleaseCard } from '../core/ports/card.ts'
import { loopbackPowers } from './notify.fixture.ts'
import { statuspage } from './statuspage.ts'

const opened: { close(): void }[] = []
afterAll(() => {
  for (const server of opened) server.close()
})

async function serving(settings: Parameters<typeof startStatuspage>[0] = {}): Promise<StatuspageStandIn> {
  const server = await startStatuspage(settings)
  opened.push(server)
  return server
}

const now = loopbackPowers().clock.now()

const card: ReleaseCard = {
  service: 'checkout',
  version: '1.2.3',
  previous: '1.2.2',
  environment: 'production',
  isProtected: true,
  phase: 'running',
  tone: 'busy',
  now: 'Soaking: 10 %',
  verdict: '',
  asks: [],
  causes: [],
  isHeld: false,
  isEnded: false,
  startedBy: 'ana',
  startedAt: now,
  expectedEnd: now + 1_800_000,
}

/** A release that tells the page one thing after the other, and remembers what the page gave back. */
class Telling {
  readonly server: StatuspageStandIn
  readonly release: string
  kept: ChannelFacts = {}

  constructor(server: StatuspageStandIn, release = 'r1') {
    this.server = server
    this.release = release
  }

  async tell(on: string, more: Partial<Message> = {}, settings: object = {}): Promise<string> {
    const config = statuspage.config.parse({
      url: `${this.server.url}/v1`,
      page: statuspagePage,
      token: statuspageToken,
      components: [statuspageComponent],
      ...settings,
    })
    const news = { id: on, release: this.release, on, subject: 'ana: 7 % errors', body: 'ana: 7 % errors' }
    const message: Message = { ...news, card, kept: this.kept, ...more }
    const keepAll = (keep: ChannelFacts = {}): void => void (this.kept = { ...this.kept, ...keep })
    try {
      const sent = (await statuspage.send('', message, config, loopbackPowers())) as Delivered
      keepAll(sent.keep)
      return sent.say
    } catch (fault) {
      if (fault instanceof NotifyFault) keepAll(fault.keep)
      throw fault
    }
  }

  get entries(): string[] {
    return [...this.server.incidents.values()].map(({ name, status }) => `${name}: ${status}`)
  }
}

describe('a maintenance', () => {
  test('is announced before its time, begins there by itself, and goes on to its end with the release', async () => {
    const at = new Telling(await serving())
    const from = new Date(now + 3_600_000).toISOString()
    await at.tell('release.started', {}, { from })
    const [incident] = at.server.incidents.values()
    expect(incident).toMatchObject({ status: 'scheduled', scheduled_for: from, scheduled_auto_in_progress: true })
    expect(at.server.components.get(statuspageComponent)).toBe('operational')
    const seen: string[] = []
    for (const on of ['rollout.started', 'rollout.finished', 'release.signed-off', 'release.closed']) {
      await at.tell(on, {}, { from })
      seen.push(`${at.entries.join()} ${at.server.components.get(statuspageComponent)}`)
    }
    expect(seen).toEqual([
      'Maintenance of checkout: in_progress under_maintenance',
      'Maintenance of checkout: verifying under_maintenance',
      'Maintenance of checkout: completed operational',
      'Maintenance of checkout: completed operational',
    ])
  })

  test('without a time of its own has begun with the release, and is over when the release is as planned', async () => {
    const at = new Telling(await serving())
    await at.tell('release.started')
    expect([...at.server.incidents.values()][0]).toMatchObject({
      status: 'in_progress',
      scheduled_for: new Date(now).toISOString(),
      scheduled_until: new Date(now + 1_800_000).toISOString(),
    })
  })

  test('never goes back to what it was before', async () => {
    const at = new Telling(await serving())
    for (const on of ['rollout.started', 'release.validating', 'stage.entered']) await at.tell(on)
    expect(at.entries).toEqual(['Maintenance of checkout: verifying'])
  })
})

describe('an incident', () => {
  test('goes from investigating to resolved, beside the maintenance, and both end with the release', async () => {
    const at = new Telling(await serving())
    await at.tell('rollout.started')
    const seen: string[] = []
    for (const on of ['rollback.started', 'rollback.failed', 'release.resumed', 'rollback.finished']) {
      await at.tell(on)
      seen.push(`${at.entries[1]} ${at.server.components.get(statuspageComponent)}`)
    }
    expect(seen.map((words) => words.replace('Problems with checkout: ', ''))).toEqual([
      'investigating degraded_performance',
      'identified degraded_performance',
      'monitoring degraded_performance',
      'resolved operational',
    ])
    expect(at.entries[0]).toBe('Maintenance of checkout: completed')
  })

  test('takes the word and the text that the checklist gives', async () => {
    const at = new Telling(await serving())
    const text = 'We are seeing slow payments.'
    await at.tell(
      'step.failed',
      { status: 'identified', body: text },
      { title: 'Slow payments', impact: 'major_outage' },
    )
    expect([...at.server.incidents.values()][0]).toMatchObject({
      name: 'Slow payments',
      incident_updates: [{ status: 'identified', body: text }],
    })
    expect(at.server.components.get(statuspageComponent)).toBe('major_outage')
  })
})

test('strangers read the text of the checklist or a sentence of ours, never the news with its people and numbers', async () => {
  const at = new Telling(await serving())
  for (const on of ['release.started', 'rollback.started']) await at.tell(on)
  await at.tell('rollback.finished', { quiet: true, body: 'took back by ben' })
  const all = JSON.stringify([...at.server.incidents.values()])
  expect(all).not.toMatch(/ana|ben|7 %/)
  expect(all).toContain('This is resolved.')
})

test('`resolved` without an incident ends the maintenance that is open, and without either says so', async () => {
  const at = new Telling(await serving())
  await at.tell('rollout.started')
  await at.tell('step.waived', { status: 'resolved', body: 'All is well.' })
  expect(at.entries).toEqual(['Maintenance of checkout: completed'])
  expect(await at.tell('release.closed', { quiet: true })).toBe('nothing is open there, and nothing was opened')
})

describe('the end is certain', () => {
  test('an answer that was lost opens nothing twice: the entry is found by the release it belongs to', async () => {
    const at = new Telling(await serving())
    at.server.loseAnswers(1)
    await expect(at.tell('rollback.started')).rejects.toMatchObject({ retryable: true })
    await at.tell('rollback.started')
    await at.tell('rollback.finished')
    expect(at.entries).toEqual(['Problems with checkout: resolved'])
  })

  test('the entry of another release is left alone', async () => {
    const server = await serving()
    const [one, other] = [new Telling(server, 'r1'), new Telling(server, 'r2')]
    await one.tell('rollback.started')
    await other.tell('rollback.started')
    await one.tell('rollback.finished')
    expect(one.entries).toEqual(['Problems with checkout: resolved', 'Problems with checkout: investigating'])
  })

  test('an entry that somebody deleted there is begun anew while it matters, and counts as ended at the end', async () => {
    const at = new Telling(await serving())
    await at.tell('rollback.started')
    at.server.delete(at.kept['incident'] ?? '')
    await at.tell('rollback.failed')
    expect(at.entries).toEqual(['Problems with checkout: identified'])
    at.server.delete(at.kept['incident'] ?? '')
    expect(await at.tell('release.left', { quiet: true })).toMatch(/was gone already/)
  })

  const topics = [
    'release.started',
    'rollout.started',
    'stage.entered',
    'step.failed',
    'release.held',
    'release.resumed',
    'rollback.started',
    'rollback.failed',
    'release.validating',
  ]
  const words: StatusWord[] = ['investigating', 'monitoring', 'resolved', 'scheduled', 'in_progress', 'completed']
  const endings = ['release.closed', 'release.left', 'release.superseded', 'rollback.finished']

  test('whatever a release told before, nothing of it is open after its end, however many answers are lost', async () => {
    const server = await serving()
    let count = 0
    const course = fc.array(
      fc.record({ on: fc.constantFrom(...topics), status: fc.option(fc.constantFrom(...words)), isLost: fc.boolean() }),
      { maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(course, fc.constantFrom(...endings), fc.boolean(), async (told, end, isLost) => {
        server.incidents.clear()
        count += 1
        const at = new Telling(server, `r-${count}`)
        for (const { on, status, isLost: lost } of [...told, { on: end, status: null, isLost }]) {
          server.loseAnswers(lost ? 1 : 0)
          const more = status === null ? {} : { status }
          await at.tell(on, more).catch(() => at.tell(on, more))
        }
        const open = [...server.incidents.values()].filter(({ status }) => !/resolved|completed/.test(status))
        expect(open).toEqual([])
      }),
      { numRuns: 40, seed: 7 },
    )
  })
})

describe('what Statuspage refuses', () => {
  test.each([
    ['a wrong token', { token: 'wrong' }, /does not know the token \(401\): Could not authenticate/, false],
    ['a page that is not there', { page: 'nowhere' }, /has no such page \(404\)/, false],
    ['a component that is not there', { components: ['nope'] }, /\(422\): Component nope does not exist/, false],
  ])('%s is said in words', async (_name, settings, words, retryable) => {
    const at = new Telling(await serving())
    const refused = at.tell('rollback.started', {}, settings)
    await expect(refused).rejects.toMatchObject({ name: 'NotifyFault', retryable })
    await expect(refused).rejects.toThrow(words)
  })

  test('a limit is waited for once, and left to a later try where it is long', async () => {
    const short = new Telling(await serving({ limited: { times: 1, seconds: '2' } }))
    await short.tell('rollback.started')
    expect(short.entries).toHaveLength(1)
    const long = new Telling(await serving({ limited: { times: 1, seconds: '60' } }))
    await expect(long.tell('rollback.started')).rejects.toThrow('asks to wait 60 s')
  })
})

test('a time without its zone is refused when the checklist is compiled', () => {
  const from = (text: string): string =>
    statuspage.config.safeParse({ page: 'p', token: 't', from: text }).error?.issues[0]?.message ?? ''
  expect(from('2026-03-01T22:00')).toMatch(/expected a time with its zone such as 2026-03-01T22:00Z/)
  expect([from('2026-03-01T22:00+01:00'), from('{{ window_start }}')]).toEqual(['', ''])
})

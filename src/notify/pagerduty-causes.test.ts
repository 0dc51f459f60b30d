/** An alert for each cause, open as long as the cause stands, and resolved with it; other news wakes nobody. */
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { routingKey, startPagerduty } from '../../test/support/pagerduty.ts'
import { check, phase, plan, question, step } from '../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../test/support/release-spec.ts'
import { type ChannelFacts, type Delivered, NotifyFault } from '../core/ports/notify.ts'
import type { MessagePlan } from '../core/plan/plan.ts'
import { cardOf } from '../core/release/card.ts'
import { keptIn } from '../core/release/kept.ts'
import { newsTopics } from '../core/release/news.ts'
import { loopbackPowers } from './notify.fixture.ts'
import { pagerduty } from './pagerduty.ts'

const server = await startPagerduty()
afterAll(() => server.close())

const config = pagerduty.config.parse({ url: server.url, 'routing-key': routingKey })
let count = 0

/** A release whose messages go to PagerDuty as an engine would send them. */
class Paging extends ReleaseSpec {
  readonly release: string

  constructor(topics: readonly string[]) {
    super()
    count += 1
    this.release = `r-${count}`
    const of = plan([phase('p', [step('c', check()), step('q', question)])])
    const messages = topics.map(
      (on): MessagePlan => ({ id: `notify-${on}`, line: 1, on, to: ['pager'], everyMs: null, when: null, body: '' }),
    )
    this.start({ ...of, channels: { pager: { kind: 'pagerduty', config: {} } }, messages }, { release: this.release })
  }

  async deliver(): Promise<this> {
    for (let due = this.#due(); due.length > 0; due = this.#due())
      for (const [id, channel] of due) {
        const sent = channel === 'pager' ? await this.#sent(id) : { say: 'shown' }
        this.do({ kind: 'ReportDelivery', message: id, ok: true, final: true, ...sent })
      }
    return this
  }

  get alerts(): string[] {
    const own = [...server.alerts.values()].filter(({ key }) => key.startsWith(`holdpoint/${this.release}/`))
    return own.map(
      ({ key, state, severity }) => `${key.slice(`holdpoint/${this.release}/`.length)} ${state} ${severity}`,
    )
  }

  #due(): (readonly [string, string])[] {
    return this.due().flatMap((effect) =>
      effect.kind === 'SendMessage' ? [[effect.message, effect.channel] as const] : [],
    )
  }

  async #sent(id: string): Promise<{ say: string; keep?: ChannelFacts }> {
    const told = this.current.messages.get(id)
    if (told === undefined) throw new Error('no message')
    const kept = keptIn(this.current, 'pager')
    const message = {
      id,
      release: this.release,
      on: told.on,
      subject: told.subject,
      body: told.body,
      card: cardOf(this.current),
      ...(told.quiet ? { quiet: told.quiet } : {}),
      ...(kept ? { kept } : {}),
    }
    const sent = (await pagerduty.send('', message, config, loopbackPowers())) as Delivered
    return { say: sent.say, ...(sent.keep ? { keep: sent.keep } : {}) }
  }
}

test('a hold and a failed step are two alerts, and each is resolved when it is over', async () => {
  const at = await new Paging(['step.failed', 'release.held', 'rollback.started']).deliver()
  await at.attempt('c', 'check', 'failed').deliver()
  await at.do({ kind: 'Hold', why: 'look' }, person('ana')).deliver()
  expect(at.alerts).toEqual(['step:c triggered error', 'hold triggered error'])
  await at.do({ kind: 'Resume', why: 'fine' }, person('ana')).deliver()
  expect(at.alerts).toEqual(['step:c triggered error', 'hold resolved error'])
  await at.do({ kind: 'Retry', step: 'c' }, person('ana')).deliver()
  expect(at.alerts[0]).toBe('step:c triggered error')
  await at.attempt('c', 'check', 'passed').deliver()
  expect(at.alerts).toEqual(['step:c resolved error', 'hold resolved error'])
})

test('who is needed is called, and no more when somebody answered', async () => {
  const at = await new Paging(['step.waiting']).deliver()
  await at.attempt('c', 'check', 'passed').deliver()
  expect(at.alerts).toEqual(['ask:q triggered warning'])
  const answer = { kind: 'Answer', step: 'q', answer: 'passed', note: null, fields: {}, evidence: [] } as const
  await at.do(answer, person('ana')).deliver()
  expect(at.alerts).toEqual(['ask:q resolved warning'])
})

test('news that is no alarm is a change, which opens nothing', async () => {
  const before = server.changes.length
  const at = await new Paging(['release.started', 'phase.opened']).deliver()
  expect([at.alerts, server.changes.length - before]).toEqual([[], 2])
})

test('an event that failed is sent again, and what was opened before is not forgotten', async () => {
  const limited = await startPagerduty({ times: 1, seconds: '600' })
  const given = pagerduty.config.parse({ url: limited.url, 'routing-key': routingKey })
  const at = new Paging([]).do({ kind: 'Hold', why: 'x' }, person('ana'))
  const message = { id: 'm', release: 'r9', on: 'release.held', subject: 'x', body: 'x', card: cardOf(at.current) }
  const kept = { alerts: 'step:gone' }
  const failed = pagerduty.send('', { ...message, kept }, given, loopbackPowers())
  await expect(failed).rejects.toBeInstanceOf(NotifyFault)
  await expect(failed).rejects.toMatchObject({ keep: kept })
  const again = (await pagerduty.send('', { ...message, kept }, given, loopbackPowers())) as Delivered
  limited.close()
  expect(again.keep).toEqual({ alerts: 'hold' })
})

test('whatever a release was called for, every alert of it is resolved when it is over', async () => {
  const topics = fc.uniqueArray(fc.constantFrom(...newsTopics), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(topics, fc.boolean(), fc.boolean(), async (wanted, fails, isHeld) => {
      const at = await new Paging(wanted).deliver()
      if (fails) await at.attempt('c', 'check', 'failed').deliver()
      if (isHeld) await at.do({ kind: 'Hold', why: 'x' }, person('ana')).deliver()
      await at.do({ kind: 'Abort', why: 'x', leave: false, typed: null }, person('ana')).deliver()
      expect(at.alerts.filter((line) => !line.includes(' resolved '))).toEqual([])
    }),
    { numRuns: 30, seed: 11 },
  )
})

/** What a release keeps up to date elsewhere: threads, entries, alerts. What was opened is ended, or a person is told. */
import { describe, expect, test } from 'vitest'
import { phase, plan, question, step } from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import type { ChannelPlan, MessagePlan } from '../plan/plan.ts'
import { evolve } from './evolve.ts'
import { keptIn, lastWordTries, leftOpen } from './kept.ts'
import type { ReleaseState } from './state.ts'

const message = (more: Partial<MessagePlan> = {}): MessagePlan => ({
  id: 'notify-1',
  line: 1,
  on: 'release.started',
  to: ['chat'],
  everyMs: null,
  when: null,
  body: '',
  ...more,
})

function telling(
  channels: Readonly<Record<string, string>>,
  messages: readonly MessagePlan[] = [message({ to: Object.keys(channels) })],
): ReleaseSpec {
  const of = plan([phase('p', [step('q', question), step('q2', question)])])
  const declared = Object.entries(channels).map(([name, kind]): [string, ChannelPlan] => [name, { kind, config: {} }])
  return new ReleaseSpec().start({ ...of, channels: Object.fromEntries(declared), messages })
}

const waiting = (spec: ReleaseSpec, channel: string): string[] =>
  [...spec.current.messages.values()]
    .filter((each) => each.channel === channel && each.status === 'queued')
    .map(({ on, quiet }) => (quiet ? `${on} quietly` : on))

function deliver(spec: ReleaseSpec, keep?: Readonly<Record<string, string>>): ReleaseSpec {
  for (const effect of spec.due())
    if (effect.kind === 'SendMessage')
      spec.do({
        kind: 'ReportDelivery',
        message: effect.message,
        ok: true,
        final: true,
        say: 'ok',
        ...(keep && effect.channel !== 'console' ? { keep } : {}),
      })
  return spec
}

test('a channel gets its messages one after the other, so that a thread is begun once', () => {
  const spec = telling({ chat: 'slack', hook: 'webhook' }, [
    message({ to: ['chat', 'hook'] }),
    message({ id: 'notify-2', to: ['chat', 'hook'] }),
  ])
  const sending = () => spec.due().flatMap((effect) => (effect.kind === 'SendMessage' ? [effect.channel] : []))
  expect(sending()).toEqual(['chat', 'hook'])
  deliver(spec)
  expect(sending()).toEqual(['chat', 'hook'])
})

test('a message that fails lets the next one of its channel pass, and comes again in its time', () => {
  const spec = telling({ chat: 'slack' }, [message(), message({ id: 'notify-2' })])
  const due = () => spec.due().flatMap((effect) => (effect.kind === 'SendMessage' ? [effect.message] : []))
  const [first] = due()
  spec.do({ kind: 'ReportDelivery', message: first ?? '', ok: false, final: false, say: 'down' })
  expect(due()).not.toContain(first)
  expect(due()).toHaveLength(1)
  deliver(spec)
  spec.now += 1_000
  expect(due()).toEqual([first])
})

test('a channel that asks to be left alone is, with all its messages, and no try is wasted on it', () => {
  const spec = telling({ chat: 'slack', hook: 'webhook' }, [
    message({ to: ['chat', 'hook'] }),
    message({ id: 'notify-2', to: ['chat'] }),
  ])
  const due = () => spec.due().flatMap((effect) => (effect.kind === 'SendMessage' ? [effect.channel] : []))
  const first = spec.due().find((effect) => effect.kind === 'SendMessage' && effect.channel === 'chat')
  const id = first?.kind === 'SendMessage' ? first.message : ''
  spec.do({ kind: 'ReportDelivery', message: id, ok: false, final: false, say: '429', afterMs: 300_000 })
  expect(due()).toEqual(['hook'])
  deliver(spec)
  expect(spec.wakeAt()).toBe(spec.now + 300_000)
  spec.now += 299_999
  expect(due()).toEqual([])
  spec.now += 1
  expect(due()).toEqual(['chat'])
})

test('what a channel gave back is there for the next message after a restart, newest word of each name', () => {
  const spec = deliver(telling({ chat: 'slack' }), { ts: '1.1', channel: 'C1' })
  spec.do({ kind: 'Hold', why: 'look' }, person('ana'))
  const failed = spec.due().find((effect) => effect.kind === 'SendMessage' && effect.channel === 'chat')
  if (failed?.kind !== 'SendMessage') throw new Error('nothing to send')
  spec.now += 5
  spec.do({
    kind: 'ReportDelivery',
    message: failed.message,
    ok: false,
    final: false,
    say: '',
    keep: { ts: '2.2' },
  })
  const replayed = spec.recorded.reduce<ReleaseState | null>(evolve, null)
  expect(replayed && keptIn(replayed, 'chat')).toEqual({ ts: '2.2', channel: 'C1' })
  expect(replayed).toEqual(spec.current)
})

describe('a card or an entry elsewhere', () => {
  test('follows every turn of the release once it has been told anything, and not before', () => {
    const spec = deliver(telling({ chat: 'slack' }, [message({ on: 'release.held' })]))
    expect(waiting(spec, 'chat')).toEqual([])
    spec.do({ kind: 'Hold', why: 'look' }, person('ana')).do({ kind: 'Resume', why: 'fine' }, person('ana'))
    expect(waiting(spec, 'chat')).toEqual(['release.held', 'release.resumed quietly'])
  })

  test('is ended when the release is over, though no message says so', () => {
    const spec = deliver(telling({ page: 'statuspage' }), { incident: 'x1' })
    spec.do({ kind: 'Hold', why: 'look' }, person('ana'))
    expect(waiting(spec, 'page')).toEqual([])
    spec.do({ kind: 'Abort', why: 'no', leave: false, typed: null }, person('ana'))
    expect(waiting(spec, 'page')).toEqual(['rollback.finished quietly'])
  })

  test('is ended too when what opens it is still on its way', () => {
    const spec = telling({ pager: 'pagerduty' }, [message({ on: 'release.held', to: ['pager'] })])
    spec.do({ kind: 'Hold', why: 'look' }, person('ana'))
    spec.do({ kind: 'Abort', why: 'no', leave: false, typed: null }, person('ana'))
    expect(waiting(spec, 'pager')).toContain('rollback.finished quietly')
  })

  test('that cannot be ended is tried for long, and then a person is told that it is still open', () => {
    const spec = deliver(telling({ page: 'statuspage' }), { incident: 'x1' })
    spec.do({ kind: 'Abort', why: 'no', leave: false, typed: null }, person('ana'))
    const ending =
      [...spec.current.messages.values()].find((each) => each.channel === 'page' && each.on === 'rollback.finished')
        ?.id ?? ''
    for (let tries = 1; tries < lastWordTries; tries += 1) {
      spec.do({ kind: 'ReportDelivery', message: ending, ok: false, final: false, say: 'no answer' })
      expect(spec.current.messages.get(ending)?.status).toBe('queued')
    }
    expect(leftOpen(spec.current)).toEqual([])
    spec.do({ kind: 'ReportDelivery', message: ending, ok: false, final: false, say: 'no answer' })
    expect(leftOpen(spec.current)).toEqual([
      'What page shows of this release could not be ended: no answer. End it there by hand.',
    ])
  })
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  defineNotifier,
  type Message,
  type NotifierDefinition,
  NotifyFault,
  type NotifyPowers,
} from '../core/ports/notify.ts'
import { realClock } from './clock.ts'
import { createMessenger, type MessengerDeps } from './messenger.ts'
import { createOutbound } from './outbound.ts'
import { contextFor, releaseOf } from './release.fixture.ts'
import { createSecretVault } from './secret-vault.ts'

const message: Message = {
  id: 'm1',
  release: 'r1',
  on: 'rollout.started',
  subject: 'Started',
  body: 'token s3cret-value',
}
type Send = (
  rendered: string,
  powers: NotifyPowers,
  config: { readonly url: string; readonly key: string },
) => Promise<string>

function notifier(send: Send): NotifierDefinition<never> {
  const config = z.strictObject({ url: z.string().default(''), key: z.string().default('') })
  return defineNotifier({
    kind: 'hook',
    summary: 'For tests',
    config,
    example: '',
    render: ({ subject, body }) => `${subject}: ${body}`,
    send: (rendered, _message, given, powers) => send(rendered, powers, given),
  }) as never
}

const lines: string[] = []
const shown: NotifierDefinition<never> = defineNotifier({
  kind: 'console',
  summary: 'For tests',
  config: z.strictObject({}),
  example: '',
  render: ({ subject }) => subject,
  send: (rendered, _message, _config, powers) => {
    powers.console(rendered)
    return Promise.resolve('shown')
  },
}) as never

function sending(
  channel: string,
  send: Send,
  url = 'https://hooks.example.com/x',
  overrides: Partial<MessengerDeps> = {},
): ReturnType<ReturnType<typeof createMessenger>['send']> {
  const notifiers = [notifier(send), shown]
  const frontMatter = `secrets: { KEY: env }\nchannels:\n  ops: { kind: hook, url: "${url}", key: "{{ secret.KEY }}" }`
  const state = releaseOf({ frontMatter, steps: '- [ ] Look', notifiers })
  const messenger = createMessenger({
    notifiers,
    clock: realClock(),
    outbound: createOutbound(),
    vault: createSecretVault({ KEY: 's3cret-value' }),
    console: (line) => lines.push(line),
    ...overrides,
  })
  return messenger.send(message, channel, contextFor(state))
}

test('a delivered message says its proof; settings have their secrets filled in, texts have them taken out', async () => {
  const seen: unknown[] = []
  const delivery = await sending('ops', (rendered, _powers, config) => {
    seen.push(rendered, config.key)
    return Promise.resolve(`200 with ${config.key}`)
  })
  expect(delivery).toEqual({ ok: true, final: true, say: '200 with ***' })
  expect(seen).toEqual(['Started: token ***', 's3cret-value'])
})

test('the channel console exists without being declared', async () => {
  expect(await sending('console', () => Promise.reject(new Error('unused')))).toMatchObject({ ok: true })
  expect(lines).toEqual(['Started'])
})

test('an unknown channel and a final fault are not tried again, everything else is', async () => {
  expect(await sending('nobody', () => Promise.resolve(''))).toEqual({
    ok: false,
    final: true,
    say: 'there is no channel nobody',
  })
  expect(await sending('constructor', () => Promise.resolve(''))).toMatchObject({ ok: false, final: true })
  expect(await sending('ops', () => Promise.reject(new NotifyFault('gone', { retryable: false })))).toEqual({
    ok: false,
    final: true,
    say: 'gone',
  })
  expect(await sending('ops', () => Promise.reject(new NotifyFault('busy', { retryable: true })))).toEqual({
    ok: false,
    final: false,
    say: 'busy',
  })
  expect(
    await sending('ops', () => {
      throw new Error('leaks s3cret-value')
    }),
  ).toEqual({ ok: false, final: false, say: 'leaks ***' })
})

test('a missing secret is said and tried again: it may be lent later', async () => {
  const delivery = await sending('ops', () => Promise.resolve('sent'), undefined, { vault: createSecretVault({}) })
  expect(delivery).toMatchObject({ ok: false, final: false })
  expect(delivery.say).toContain('KEY')
})

test('a channel that hangs is given up on', async () => {
  const clock = { now: () => Date.now(), sleep: () => Promise.resolve() }
  expect(await sending('ops', () => new Promise(() => {}), undefined, { clock })).toMatchObject({
    ok: false,
    final: false,
    say: expect.stringContaining('no answer') as string,
  })
})

test('a channel reaches its own address and no other', async () => {
  const server = createServer((_request, response) => response.end('ok'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const post =
    (to: string): Send =>
    async (_rendered, powers) =>
      String((await powers.http(to, { method: 'POST', headers: {}, body: '{}', signal: powers.signal })).status)
  expect(await sending('ops', post(url), url)).toMatchObject({ ok: true, say: '200' })
  expect(await sending('ops', post('http://127.0.0.1:9/'), url)).toMatchObject({
    ok: false,
    say: expect.stringContaining('not declared') as string,
  })
  server.closeAllConnections()
  server.close()
})

test('a kind that is always at one place reaches it undeclared, under the same rules as every other', async () => {
  const asked: string[] = []
  const resolve = (host: string): Promise<readonly { address: string; family: 4 }[]> => {
    asked.push(host)
    return Promise.resolve([{ address: '169.254.169.254', family: 4 }])
  }
  const post =
    (to: string): Send =>
    async (_rendered, powers) =>
      String((await powers.http(to, { method: 'POST', headers: {}, body: '{}', signal: powers.signal })).status)
  const reach = (to: string): ReturnType<typeof sending> =>
    sending('ops', post(to), undefined, {
      outbound: createOutbound({ resolve }),
      notifiers: [{ ...notifier(post(to)), addresses: ['https://chat.example.com/api'] }],
    })
  expect((await reach('https://chat.example.com/api')).say).toContain('local or metadata address')
  expect((await reach('https://other.example.com/api')).say).toContain('not declared')
  expect(asked).toEqual(['chat.example.com'])
})

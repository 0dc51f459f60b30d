import { afterAll, expect, test } from 'vitest'
import { brokenKey, routingKey, startPagerduty } from '../../test/support/pagerduty.ts'
import type { PostedServer } from '../../test/support/posted-server.ts'
import { newsTopics } from '../core/release/news.ts'
import type { Message } from '../core/ports/notify.ts'
import { loopbackPowers, wordsOf } from './notify.fixture.ts'
import { pagerduty } from './pagerduty.ts'

const servers: PostedServer[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

async function serving(limited?: Parameters<typeof startPagerduty>[0]): ReturnType<typeof startPagerduty> {
  const server = await startPagerduty(limited)
  servers.push(server)
  return server
}

function sending(
  { url }: { url: string },
  what: Partial<Message> = {},
  more: object = {},
  slept: number[] = [],
): Promise<string> {
  const config = pagerduty.config.parse({ url, 'routing-key': routingKey, ...more })
  const message = { id: 'm1', release: 'r1', on: 'release.held', subject: 'Held by ana', body: '**why**', ...what }
  return pagerduty.send(pagerduty.render(message, config), message, config, loopbackPowers(slept)).then(wordsOf)
}

test('one release is one alert: it is triggered, seen, triggered again and resolved', async () => {
  const server = await serving()
  expect(await sending(server)).toBe('202: trigger of holdpoint/r1 taken')
  expect(server.alerts.get('holdpoint/r1')).toMatchObject({
    state: 'triggered',
    summary: 'Held by ana',
    severity: 'error',
  })
  await sending(server, { on: 'release.resumed', subject: 'Resumed' })
  expect(server.alerts.get('holdpoint/r1')).toMatchObject({ state: 'acknowledged', summary: 'Held by ana' })
  await sending(server, { on: 'rollback.failed', subject: 'Rollback failed' })
  await sending(server, { release: 'r2' })
  expect(server.alerts.get('holdpoint/r1')).toMatchObject({ summary: 'Rollback failed', severity: 'critical' })
  expect(await sending(server, { on: 'release.closed', subject: 'Closed' })).toBe('202: resolve of holdpoint/r1 taken')
  expect([...server.alerts.values()].map(({ key, state }) => `${key} ${state}`)).toEqual([
    'holdpoint/r1 resolved',
    'holdpoint/r2 triggered',
  ])
})

test('every event there is makes an event that PagerDuty takes, and nothing but an end resolves', async () => {
  const server = await serving()
  const actions: string[] = []
  for (const on of newsTopics) actions.push(`${on} ${(await sending(server, { on })).split(' ')[1]}`)
  expect(actions.filter((line) => !line.endsWith(' trigger'))).toEqual([
    'release.resumed acknowledge',
    'release.signed-off resolve',
    'release.closed resolve',
    'release.left resolve',
    'release.superseded resolve',
  ])
})

test('a checklist may say action, severity and source itself', async () => {
  const server = await serving()
  await sending(server, { on: 'release.closed' }, { action: 'trigger', severity: 'warning', source: 'checkout' })
  expect(server.alerts.get('holdpoint/r1')).toMatchObject({ state: 'triggered', severity: 'warning' })
  expect(JSON.parse(server.posted[0]?.body ?? '')).toMatchObject({
    payload: { source: 'checkout', class: 'release.closed' },
  })
})

test('the longest message is shortened to what PagerDuty takes', async () => {
  const server = await serving()
  await sending(server, { subject: '🚀'.repeat(1_000), body: 'ü'.repeat(900_000), release: 'r'.repeat(400) })
  const [alert] = server.alerts.values()
  expect([alert?.summary.length, alert?.summary.endsWith('🚀…'), alert?.key.length]).toEqual([1_023, true, 250])
})

test.each([
  [
    'a wrong key',
    'W0123456789abcdefW0123456789abcd',
    'answered 400: Event object is invalid; Invalid routing key',
    false,
  ],
  ['a fault of its own', brokenKey, 'answered 500: Internal Server Error', true],
])('%s is said in words, without the key', async (_name, key, words, retryable) => {
  const refused = sending(await serving(), {}, { 'routing-key': key })
  await expect(refused).rejects.toMatchObject({ name: 'NotifyFault', retryable })
  await expect(refused).rejects.toThrow(words)
  await expect(refused).rejects.not.toThrow(key)
})

test('the preview is the event, without the key', () => {
  const config = pagerduty.config.parse({ 'routing-key': routingKey })
  const message = { id: 'm1', release: 'r1', on: 'release.held', subject: 'Held', body: '' }
  expect(pagerduty.render(message, config)).toContain('"summary":"Held"')
  expect(pagerduty.render(message, config)).not.toContain(routingKey)
})

test('too many events: a short wait is waited for, a long one is left to a later try', async () => {
  const [short, long] = [await serving({ times: 1, seconds: '2' }), await serving({ times: 1, seconds: '300' })]
  const slept: number[] = []
  await sending(short, {}, {}, slept)
  await expect(sending(long, {}, {}, slept)).rejects.toMatchObject({ retryable: true, afterMs: 300_000 })
  expect([slept, short.alerts.size, long.alerts.size]).toEqual([[2_000], 1, 0])
})

test('a key that cannot be one is refused when the checklist is compiled', () => {
  const parse = (key: string): string | undefined =>
    pagerduty.config.safeParse({ 'routing-key': key }).error?.issues[0]?.message
  expect(parse('short')).toMatch(/^expected the integration key of a service, 32 letters/)
  expect(parse('{{ secret.ROUTING_KEY }}')).toBeUndefined()
})

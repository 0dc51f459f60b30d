/** The source that counts in Sentry, at a stand-in with its documented API. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sentry, startSentry } from '../../test/support/sentry.ts'
import type { MetricPowers } from '../core/ports/metrics.ts'
import { sentry } from './sentry.ts'

const now = Date.parse('2026-11-22T10:00:00Z')
const powers: MetricPowers = {
  signal: new AbortController().signal,
  clock: { now: () => now, sleep: () => Promise.resolve() },
  http: (address, init) => fetch(address, init),
}
let server: Sentry
const open = (more: Readonly<Record<string, unknown>> = {}) =>
  sentry.open(
    sentry.config.parse({
      url: server.url,
      organization: 'acme',
      token: server.token,
      delay: '1m',
      timeout: '30s',
      ...more,
    }),
  )

beforeAll(async () => {
  server = await startSentry()
  server.now = now
  const issue = { project: 'shop-api', title: 'TypeError', level: 'error', firstRelease: '2', minutesAgo: 4 }
  server.issues.push(issue, { ...issue, minutesAgo: 50 })
  for (let i = 0; i < 20; i += 1)
    server.counted.push({
      at: now - 70_000 - i * 30_000,
      release: i % 2 === 0 ? '2' : '1',
      level: i % 4 === 0 ? 'error' : 'info',
      project: 'shop-api',
      user: `u${i % 3}`,
    })
})
afterAll(() => server.close())

test('events, people and new issues are counted by a search, for each arm and over the past', async () => {
  const source = open()
  expect(await source.value('events', now, powers)).toEqual({ value: 10 })
  expect(await source.value('users release:"2"', now, powers)).toEqual({ value: 3 })
  expect(await source.value('new-issues is:unresolved', now, powers)).toEqual({ value: 1 })
  const common = { arm: 'canary', labels: { release: '2' }, from: now - 120_000, to: now } as const
  const queries = { bad: 'events release="2",  level:error', total: 'events release="2"' }
  expect(await source.sample([{ ...common, kind: 'ratio', queries }], powers)).toEqual([
    { kind: 'ratio', bad: 1, total: 2 },
  ])
  const past = {
    ...common,
    kind: 'events',
    queries: { count: 'events' },
    from: now - 360_000,
    everyMs: 120_000,
  } as const
  expect(await source.history!([past], powers)).toEqual([
    [4, 4, 4].map((count) => ({ kind: 'events', count, total: null })),
  ])
})

test('none of a kind counts as none only where events arrive', async () => {
  expect(await open().value('events release:"9"', now, powers)).toEqual({ value: 0 })
  expect(await open().value('events release:"9"', now + 86_400_000, powers)).toEqual({
    noData: 'took no event at all in an hour, so none of a kind proves nothing',
  })
})

test('what cannot be asked is no data, with its reason', async () => {
  const value = (query: string, more = {}) => open(more).value(query, now, powers)
  expect(await value('events', { token: 'wrong' })).toEqual({ noData: 'does not accept the token (401)' })
  expect(await value('events color:red')).toEqual({ noData: 'answered 400: Invalid key for this search: color' })
  expect(await value('errors')).toMatchObject({
    noData: expect.stringContaining('begins with events, users or new-issues'),
  })
  expect(await value('events', { organization: 'nobody' })).toEqual({
    noData: 'answered 404: The requested resource does not exist',
  })
  expect(await value('events', { url: 'http://127.0.0.1:9' })).toMatchObject({
    noData: expect.stringContaining('cannot be reached'),
  })
  expect(await open().probe(powers)).toEqual({ ok: true, say: `${server.url} answers` })
  expect((await open({ token: 'wrong' }).probe(powers)).ok).toBe(false)
  expect(sentry.checkQuery?.('ratio', 'bad', 'events {{arm}} level:error')).toBeNull()
  expect(sentry.checkQuery?.('histogram', 'buckets', 'events')?.expected).toContain('no buckets')
  expect(sentry.checkQuery?.('value', 'query', 'sum(up)')?.expected).toContain('events, users or new-issues')
})

/** The source that reads JSON: the contract, what a query may say, how old an answer may be, and totals that grow. */
import { describe, expect, test } from 'vitest'
import type { MetricPowers, MetricQuestion } from '../core/ports/metrics.ts'
import { httpJson } from './http-json.ts'
import { checkQuery, readQuery } from './http-json-query.ts'
import { metricSourceContract, type Truth } from './metrics.contract.ts'

const of = 'from="$from_ms",to="$to_ms"'
function questions(from: number, to: number): readonly MetricQuestion[] {
  const common = { arm: 'canary' as const, labels: {}, from, to }
  const [bad, total] = [`/stats{${of}} body.bad`, `/stats{${of}} body.ok + body.bad`]
  return [
    { ...common, kind: 'ratio', queries: { bad, total } },
    { ...common, kind: 'histogram', queries: { buckets: `/stats{${of}} body.buckets` } },
    { ...common, kind: 'gauge', queries: { query: '/stats{to="$to_ms"} body.pool.used' } },
    { ...common, kind: 'events', queries: { count: bad, total } },
  ]
}

function bodyOf(now: Truth, then: Truth): string {
  const bad = now.bad - then.bad
  const le = ['0.1', '0.5', '+Inf']
  const buckets = Object.fromEntries(now.buckets.map((count, i) => [le[i], count - (then.buckets[i] ?? 0)]))
  return JSON.stringify({ bad, ok: now.total - then.total - bad, buckets, pool: { used: now.gauge } })
}

const json = 'application/json'
metricSourceContract({
  kind: 'http-json',
  open: (url, timeout) => httpJson.open(httpJson.config.parse({ url, timeout })),
  questions,
  gaugeQuery: '/stats body.pool.used',
  answer: (now, before) => (_request, response) => {
    response.writeHead(200, { 'content-type': json })
    response.end(bodyOf(now, before))
  },
  past: (truthAt) => (request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://x')
    const to = Number(searchParams.get('to'))
    response.writeHead(200, { 'content-type': json })
    response.end(bodyOf(truthAt(to), truthAt(Number(searchParams.get('from') ?? to))))
  },
  hasMembers: false,
  lies: {
    'another document': { type: json, body: '{"error":"maintenance"}' },
    'nothing where the numbers stand': {
      type: json,
      body: '{"bad":null,"ok":null,"buckets":null,"pool":{"used":null}}',
    },
    'texts in place of numbers': { type: json, body: '{"bad":"3","ok":"97","buckets":"many","pool":{"used":"half"}}' },
    'counts below zero': { type: json, body: '{"bad":-1,"ok":-2,"buckets":{"+Inf":-3},"pool":{}}' },
    'a list': { type: json, body: '[1,2,3]' },
    'a bucket within another that holds more': { type: json, body: '{"buckets":{"0.1":9,"+Inf":3}}' },
    'buckets without an end': { type: json, body: '{"buckets":{"0.1":9}}' },
  },
})

const now = Date.parse('2026-11-22T10:00:00Z')
const answering = (...bodies: unknown[]): { powers: MetricPowers; asked: string[] } => {
  const asked: string[] = []
  const http = (url: string): Promise<Response> => {
    asked.push(url)
    return Promise.resolve(new Response(JSON.stringify(bodies.length > 1 ? bodies.shift() : bodies[0])))
  }
  const clock = { now: () => now, sleep: () => Promise.resolve() }
  return { asked, powers: { signal: new AbortController().signal, clock, http } }
}
const open = (more: Readonly<Record<string, unknown>> = {}) =>
  httpJson.open(httpJson.config.parse({ url: 'https://desk.example.com/api/', ...more }))

describe('a query', () => {
  test('has a path, parameters that are escaped, and an expression over the answer', async () => {
    const { powers, asked } = answering({ tickets: [{ open: true }, { open: false }] })
    const query = String.raw`/v1/tickets{since="$to-1h",tag="a \"b\"&c=1"} body.tickets.filter(t, t.open).size()`
    expect(await open().value(query, now, powers)).toEqual({ value: 1 })
    expect(asked).toEqual([
      'https://desk.example.com/api/v1/tickets?since=2026-11-22T09%3A00%3A00.000Z&tag=a%20%22b%22%26c%3D1',
    ])
  })
  test.each([
    ['/stats', 'does not say which number'],
    ['/stats{a=b} body.x', 'is no parameter'],
    ['/stats{a=~"b"} body.x', 'is given with ='],
    ['body.x +', 'expected'],
    ['answer.x', 'answer'],
  ])('%s is refused in words', (text, why) =>
    expect(readQuery(text)).toMatchObject({ why: expect.stringContaining(why) }),
  )
  test('is checked when a document compiles', () => {
    expect(checkQuery('ratio', 'bad', '/stats{since="$from",{{arm}}} body.errors')).toBeNull()
    expect(checkQuery('value', 'query', '/stats{version="{{version}}"} body.errors')).toBeNull()
    expect(checkQuery('value', 'query', '/stats{since="$from"} body.errors')?.expected).toContain('$to-5m')
    expect(checkQuery('events', 'count', '/stats{since="$to-1h"} body.errors')?.expected).toContain(
      'write $from and $to',
    )
    expect(checkQuery('gauge', 'query', 'sum(rate(x[1m]))')?.example).toContain('body.errors')
  })
})

test('an answer that is older than it may be, or does not say of when it is, is no data', async () => {
  const source = open({ time: 'body.at', 'max-age': '2m' })
  const value = (at: unknown) => source.value('body.open', now, answering({ open: 3, at }).powers)
  expect(await value('2026-11-22T09:58:30Z')).toEqual({ value: 3 })
  expect(await value(now / 1000)).toEqual({ value: 3 })
  expect(await value(now - 600_000)).toEqual({
    noData: 'answered with a value 600 s older than asked for, at most 120 s',
  })
  expect(await value('2026-11-22T11:00:00Z')).toMatchObject({ noData: expect.stringContaining('future') })
  expect(await value('yesterday')).toMatchObject({ noData: expect.stringContaining('which is no time') })
  expect(await value(undefined)).toMatchObject({ noData: expect.stringContaining('nobody knows of when') })
})

test('totals since a beginning are counted by their growth, never across a gap or a fall', async () => {
  const source = open()
  const { powers } = answering({ n: 10 }, { n: 14 }, { n: 4 }, { n: 9 }, { n: 20 })
  const kinds: unknown[] = []
  for (const end of [1, 2, 3, 4, 9]) {
    const question = { arm: 'canary', labels: {}, from: now + (end - 1) * 1e4, to: now + end * 1e4 } as const
    const [sample] = await source.sample([{ ...question, kind: 'events', queries: { count: 'body.n' } }], powers)
    kinds.push(sample?.kind === 'events' ? sample.count : sample?.kind === 'no-data' ? sample.why : sample)
  }
  expect(kinds).toEqual([
    'count: first reading: growth is known from the next one on',
    4,
    'count: fell from 14 to 4, a total that grows expected',
    5,
    'count: first reading after a gap',
  ])
  const past = { kind: 'events', queries: { count: 'body.n' }, arm: 'canary', labels: {}, from: 0, to: 20_000 } as const
  expect((await source.history!([{ ...past, everyMs: 10_000 }], powers))[0]).toEqual(
    Array.from({ length: 2 }, () => ({
      kind: 'no-data',
      why: 'its query says no time, so it knows only now: write $from and $to',
    })),
  )
})

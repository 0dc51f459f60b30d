import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CheckResult } from '../core/ports/check.ts'
import { log } from './log.ts'
import { clock, evidenceText, runCheck } from './parts/powers.fixture.ts'

/** What both stores hold, newest first; each as its documented API gives it. */
const rows: { readonly at: number; readonly text: string }[] = []
const store = { failed: 0, asked: [] as string[] }
let server: Server
let url: string

function loki(query: URLSearchParams): readonly [number, unknown] {
  const nanos = (at: number): bigint => BigInt(at) * 1_000_000n
  const [start, end] = [BigInt(query.get('start') ?? ''), BigInt(query.get('end') ?? '')]
  if (!/^\{.+\}/.test(query.get('query') ?? '') && query.get('query')?.startsWith('sum') !== true)
    return [400, { message: 'parse error at line 1, col 1: syntax error' }]
  if (query.get('query')?.startsWith('sum') === true)
    return [200, { status: 'success', data: { resultType: 'matrix', result: [] } }]
  // The end is not included, as in Loki.
  const found = rows.filter(({ at }) => nanos(at) >= start && nanos(at) < end).slice(0, Number(query.get('limit')))
  const values = found.map(({ at, text }) => [String(nanos(at)), text])
  const result = values.length === 0 ? [] : [{ stream: { app: 'api' }, values }]
  return [200, { status: 'success', data: { resultType: 'streams', result } }]
}

interface Asked {
  readonly size: number
  readonly search_after?: readonly number[]
  readonly query: {
    readonly bool: { readonly filter: readonly Readonly<Record<string, Readonly<Record<string, { gte: string }>>>>[] }
  }
}

function elasticsearch(index: string, { size, search_after: after, query }: Asked): readonly [number, unknown] {
  const gte = Date.parse(query.bool.filter[0]?.['range']?.['@timestamp']?.gte ?? '')
  const found = rows.filter(({ at }) => at >= gte && (after === undefined || at < (after[0] ?? 0))).slice(0, size)
  const all = found.map(({ at, text }) => ({
    _source: { '@timestamp': new Date(at).toISOString(), message: text },
    sort: [at],
  }))
  const total = index === 'logs-*' ? 3 : 0
  return [200, { timed_out: false, _shards: { total, failed: store.failed }, hits: { hits: total === 0 ? [] : all } }]
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const at = new URL(request.url ?? '/', 'http://logs')
      const index = decodeURIComponent(/^\/([^/]+)\/_search$/.exec(at.pathname)?.[1] ?? '')
      store.asked.push(`${request.headers.authorization} ${String(request.headers['x-scope-orgid'] ?? '')}`)
      const [status, body] =
        at.pathname === '/loki/api/v1/query_range'
          ? loki(at.searchParams)
          : index === ''
            ? [404, {}]
            : elasticsearch(index, JSON.parse(Buffer.concat(chunks).toString()) as Asked)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const now = Date.parse('2026-11-22T10:00:00Z')
beforeEach(() => {
  store.failed = 0
  rows.length = 0
  for (let i = 1; i <= 30; i += 1)
    rows.push({ at: now - i * 60_000, text: i % 10 === 0 ? `ERROR order ${i} lost` : `order ${i} sent` })
})

const ask = (
  search: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>> = {},
): Promise<CheckResult> =>
  runCheck(log as never, { search, last: '15m', ...config }, { clock: { ...clock, now: () => now } })
const places = (): readonly Readonly<Record<string, unknown>>[] => [
  { loki: url, query: '{app="api"}', token: 'LOGS', tenant: 'shop' },
  { elasticsearch: url, index: 'logs-*', query: 'app:api', token: 'LOGS', scheme: 'Basic' },
]

test('lines of the time are found in either store, and judged as those of a file', async () => {
  for (const place of places()) {
    expect(await ask(place, { require: 'order 3 sent' })).toMatchObject({ outcome: 'passed', facts: { lines: 15 } })
    const failed = await ask(place, { forbid: 'ERROR', last: '25m' })
    expect(failed).toMatchObject({
      outcome: 'failed',
      say: expect.stringMatching(/^2 lines match \/ERROR\/, at most 0: ERROR order 20/),
    })
    expect(evidenceText(failed)).toContain('ERROR order 10 lost')
    expect(await ask(place, { require: 'order 29' })).toMatchObject({ outcome: 'failed' })
    expect(await ask(place, { last: '10s' })).toMatchObject({ outcome: 'inconclusive' })
  }
  expect(new Set(store.asked)).toEqual(
    new Set(['Bearer secret-LOGS shop', `Basic ${Buffer.from('secret-LOGS').toString('base64')} `]),
  )
})

test('what does not fit into one answer is read page by page, and more than that is no proof', async () => {
  rows.length = 0
  for (let i = 1; i <= 12_000; i += 1) rows.push({ at: now - i * 20, text: `order ${i} sent` })
  for (const place of places())
    expect(await ask(place, { require: 'order 11999 ' })).toMatchObject({ outcome: 'passed', facts: { lines: 12_000 } })
  for (let i = 12_001; i <= 60_000; i += 1) rows.push({ at: now - i * 2 - 240_000, text: 'more' })
  const [, place] = places()
  expect(await ask(place ?? {})).toMatchObject({ outcome: 'inconclusive' })
})

test('part of an answer, a query for numbers, one that is refused, and an index that is not there never pass', async () => {
  const [first, second] = places()
  store.failed = 1
  expect(await ask(second ?? {})).toMatchObject({
    outcome: 'errored',
    say: expect.stringContaining('in part only: 1 shards failed'),
  })
  store.failed = 0
  expect(await ask({ ...second, index: 'nobody' })).toMatchObject({
    outcome: 'errored',
    say: 'there is no index nobody',
  })
  expect(await ask({ ...first, query: 'sum(rate({app="api"}[1m]))' })).toMatchObject({
    outcome: 'errored',
    say: expect.stringContaining('expected one that gives lines'),
  })
  expect(await ask({ ...first, query: 'app=api' })).toMatchObject({
    outcome: 'errored',
    say: expect.stringContaining('parse error'),
  })
})

test('a search needs its store, its index and its time', () => {
  const said = (config: Readonly<Record<string, unknown>>): string =>
    JSON.stringify(log.config.safeParse(config).error?.issues.map(({ message }) => message))
  expect(said({ search: { loki: 'http://l', query: '{a="b"}' } })).toContain('expected last beside search')
  expect(said({ search: { query: 'x' }, last: '5m' })).toContain('expected loki or elasticsearch')
  expect(said({ search: { elasticsearch: 'http://e', query: 'x' }, last: '5m' })).toContain('expected an index')
  expect(said({ search: { loki: 'http://l', query: 'x' }, path: 'a.log', last: '5m' })).toContain('one of them')
})

/** The CloudWatch source: the contract, what a query may say, and what of an answer is worth nothing; signed at a stand-in that checks it. */
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AwsServer, startAws } from '../../test/support/aws/server.ts'
import type { MetricPowers, MetricQuestion } from '../core/ports/metrics.ts'
import { cloudwatch } from './cloudwatch.ts'
import { checkQuery, readQuery } from './cloudwatch-query.ts'
import { metricSourceContract, type Truth } from './metrics.contract.ts'

const queries = {
  bad: 'Sum Shop:Bad{Service="api"}',
  total: 'SampleCount Shop:Total{Service="api"}',
  buckets: 'Shop:Latency{Service="api"} le 0.1,0.5',
  gauge: 'Maximum Shop:Pool',
}

function questions(from: number, to: number): readonly MetricQuestion[] {
  const common = { arm: 'canary' as const, labels: {}, from, to }
  return [
    { ...common, kind: 'ratio', queries: { bad: queries.bad, total: queries.total } },
    { ...common, kind: 'histogram', queries: { buckets: queries.buckets } },
    { ...common, kind: 'gauge', queries: { query: queries.gauge } },
    { ...common, kind: 'events', queries: { count: queries.bad, total: queries.total } },
  ]
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return new URLSearchParams(text)
}

function valueOf(metric: string, stat: string, now: Truth, then: Truth): number {
  if (metric === 'Bad') return now.bad - then.bad
  if (metric === 'Total') return now.total - then.total
  if (metric === 'Latency') {
    const index = stat === 'TC(:0.1)' ? 0 : stat === 'TC(:0.5)' ? 1 : 2
    return (now.buckets[index] ?? 0) - (then.buckets[index] ?? 0)
  }
  return now.gauge
}

type Row = readonly [at: number, value: number | string]

function answerOf(
  form: URLSearchParams,
  rowsOf: (metric: string, stat: string) => readonly Row[],
  code = 'Complete',
): string {
  const all = [1, 2, 3, 4, 5].flatMap((index) => {
    const given = (name: string): string | null => form.get(`MetricDataQueries.member.${index}.${name}`)
    const id = given('Id')
    if (id === null) return []
    const rows = rowsOf(given('MetricStat.Metric.MetricName') ?? '', given('MetricStat.Stat') ?? '')
    const times = rows.map(([at]) => `<member>${new Date(at).toISOString()}</member>`).join('')
    const values = rows.map(([, value]) => `<member>${value}</member>`).join('')
    return [
      `<member><Id>${id}</Id><StatusCode>${code}</StatusCode><Timestamps>${times}</Timestamps><Values>${values}</Values></member>`,
    ]
  })
  return `<GetMetricDataResponse><GetMetricDataResult><MetricDataResults>${all.join('')}</MetricDataResults></GetMetricDataResult></GetMetricDataResponse>`
}

const keys = { region: 'eu-west-1', 'access-key': 'AKIAEXAMPLE', 'secret-key': 'secret' }
const xml = 'text/xml'
const named = (inside: string): string =>
  ['bad_0', 'total_0', 'count_0', 'query_0', 'buckets_0', 'buckets_1', 'buckets_2', 'q']
    .map((id) => `<member><Id>${id}</Id>${inside}</member>`)
    .join('')
const result = (inside: string): string =>
  `<GetMetricDataResponse><GetMetricDataResult><MetricDataResults>${named(inside)}</MetricDataResults></GetMetricDataResult></GetMetricDataResponse>`
const oneValue = (at: number, value: string): string =>
  result(
    `<StatusCode>Complete</StatusCode><Timestamps><member>${new Date(at).toISOString()}</member></Timestamps><Values><member>${value}</member></Values>`,
  )

metricSourceContract({
  kind: 'cloudwatch',
  open: (url, timeout) =>
    cloudwatch.open(cloudwatch.config.parse({ ...keys, endpoint: url, timeout, period: '1s', delay: '0s' })),
  questions,
  gaugeQuery: queries.gauge,
  hasMembers: false,
  answer: (truth, before) => (request, response) => {
    void formOf(request).then((form) => {
      const at = Date.parse(form.get('EndTime') ?? '') - 1000
      response.writeHead(200, { 'content-type': xml })
      response.end(answerOf(form, (metric, stat) => [[at, valueOf(metric, stat, truth, before)]]))
    })
  },
  past: (truthAt) => (request, response) => {
    void formOf(request).then((form) => {
      const [from, to] = ['StartTime', 'EndTime'].map((name) => Date.parse(form.get(name) ?? '')) as [number, number]
      const seconds = Array.from({ length: (to - from) / 1000 }, (_, index) => from + index * 1000)
      response.writeHead(200, { 'content-type': xml })
      response.end(
        answerOf(form, (metric, stat) =>
          seconds.map((at): Row => [at, valueOf(metric, stat, truthAt(at + 1000), truthAt(at))]),
        ),
      )
    })
  },
  lies: {
    'an answer without values': { type: xml, body: result('<StatusCode>Complete</StatusCode><Timestamps/><Values/>') },
    'a part of the answer': {
      type: xml,
      body: result('<StatusCode>PartialData</StatusCode><Timestamps/><Values/>'),
    },
    NaN: { type: xml, body: oneValue(Date.now() - 2000, 'NaN') },
    'an empty number': { type: xml, body: oneValue(Date.now() - 2000, '') },
    'a value of ten minutes ago': { type: xml, body: oneValue(Date.now() - 600_000, '1') },
    'a value of the future': { type: xml, body: oneValue(Date.now() + 600_000, '1') },
    'an answer to another question': {
      type: xml,
      body: '<ListMetricsResponse><ListMetricsResult/></ListMetricsResponse>',
    },
    'XML of nobody': { type: xml, body: '<a/>' },
    'other JSON': { type: 'application/json', body: '{"value":1}' },
  },
})

describe('a query for CloudWatch', () => {
  test('is a statistic, a namespace, a metric and its dimensions', () => {
    expect(readQuery('sum AWS/Lambda:Errors{FunctionName="shop-api",ExecutedVersion="3"} or 0')).toEqual({
      kind: 'query',
      query: {
        kind: 'metric',
        absentIsZero: true,
        asked: {
          stat: 'Sum',
          namespace: 'AWS/Lambda',
          metric: 'Errors',
          dimensions: [
            ['FunctionName', 'shop-api'],
            ['ExecutedVersion', '3'],
          ],
          edges: [],
        },
      },
    })
    expect(readQuery('SELECT SUM(Errors) FROM SCHEMA("AWS/Lambda", FunctionName)')).toMatchObject({
      query: { kind: 'insights' },
    })
  })

  test.each([
    ['ratio', 'Average Shop:Bad', 'a count is a Sum or SampleCount, and Average is none'],
    ['ratio', 'Shop:Bad', 'a statistic stands in front'],
    ['gauge', 'Median Shop:Pool', 'there is no statistic Median'],
    ['gauge', 'rate(x[1m])', 'no query for CloudWatch'],
    ['gauge', 'Sum Shop:Pool{a=~"b"}', 'are no dimensions'],
    ['histogram', 'Sum Shop:Latency', 'buckets are a metric with its edges'],
    ['histogram', 'Shop:Latency le 0.5,0.1', 'edges behind le grow'],
  ] as const)('that could never be answered is refused when the document compiles: %s %s', (kind, text, why) => {
    expect(checkQuery(kind, 'q', text)?.expected).toContain(why)
  })

  test('may have slots while it compiles', () => {
    expect(checkQuery('ratio', 'bad', 'Sum Shop:Bad{Service="{{ service }}",{{arm}}}')).toBe(null)
    expect(checkQuery('histogram', 'buckets', 'Shop:Latency{{{arm}}} le 0.1,0.5')).toBe(null)
  })
})

describe('asked with a signature', () => {
  let server: AwsServer
  beforeAll(async () => {
    server = await startAws()
  })
  afterAll(() => server.close())
  const powers: MetricPowers = {
    signal: new AbortController().signal,
    clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
    http: (url, init) => fetch(url, init),
  }
  const open = (more: object = {}) =>
    cloudwatch.open(
      cloudwatch.config.parse({
        region: 'eu-west-1',
        'access-key': server.key.accessKey,
        'secret-key': server.key.secretKey,
        endpoint: server.endpoint,
        ...more,
      }),
    )

  test('whole minutes are read, as far back as a metric needs to arrive', async () => {
    const seen: number[] = []
    server.watching.metric = (query, from, to) => {
      seen.push(from, to)
      return { points: [{ at: from, value: query['MetricStat.Metric.MetricName'] === 'Bad' ? 1 : 50 }] }
    }
    const to = Math.floor(Date.now() / 60_000) * 60_000 + 17_000
    const [ratio] = await open().sample(questions(to - 60_000, to).slice(0, 1), powers)
    expect(ratio).toEqual({ kind: 'ratio', bad: 1, total: 50 })
    const end = to - 17_000 - 2 * 60_000
    expect(new Set(seen)).toEqual(new Set([end - 60_000, end]))
    const [short] = await open().sample(questions(to - 10_000, to).slice(0, 1), powers)
    expect(short).toEqual({ kind: 'no-data', why: 'the interval is shorter than a period of CloudWatch (60 s)' })
  })

  test('what was never counted is no data, unless the author says that it is zero', async () => {
    server.watching.metric = (query) =>
      query['MetricStat.Metric.MetricName'] === 'Bad' ? { points: [] } : { points: [{ at: end - 60_000, value: 50 }] }
    const end = Math.floor((Date.now() - 120_000) / 60_000) * 60_000
    const to = end + 120_000
    const [one] = questions(to - 60_000, to)
    const ask = (bad: string) =>
      open().sample([{ ...one, queries: { ...one?.queries, bad } } as MetricQuestion], powers)
    expect((await ask(queries.bad))[0]).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('or 0') as string,
    })
    expect((await ask(`${queries.bad} or 0`))[0]).toEqual({ kind: 'ratio', bad: 0, total: 50 })
  })

  test('a role is taken on for all of its questions', async () => {
    const role = 'arn:aws:iam::123456789012:role/metrics'
    const source = open({ role })
    expect(await source.probe(powers)).toMatchObject({
      ok: false,
      say: expect.stringContaining('AccessDenied') as string,
    })
    server.roles.trusted.add(role)
    expect(await source.probe(powers)).toMatchObject({ ok: true })
    expect(await source.probe(powers)).toMatchObject({ ok: true })
    expect(server.roles.given).toHaveLength(1)
  })

  test('another key is refused in words', async () => {
    expect(await open({ 'secret-key': 'x' }).probe(powers)).toMatchObject({
      ok: false,
      say: 'CloudWatch in eu-west-1 refused: SignatureDoesNotMatch: The signature we calculated does not match. (403)',
    })
  })
})

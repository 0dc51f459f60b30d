/** The Prometheus source: what its server can answer, and what a query is worth. */
import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { ArmSample } from '../core/judge/verdict.ts'
import type { MetricPowers, MetricQuestion } from '../core/ports/metrics.ts'
import { metricSourceContract, type Truth } from './metrics.contract.ts'
import { prometheus } from './prometheus.ts'
import { scaleOf } from './promql-scale.ts'

const queries = { bad: 'rate(bad[10s])', total: 'rate(total[10s])', buckets: 'rate(buckets[10s])', gauge: 'pool' }

function questions(from: number, to: number): readonly MetricQuestion[] {
  const common = { arm: 'canary' as const, labels: {}, from, to }
  return [
    { ...common, kind: 'ratio', queries: { bad: queries.bad, total: queries.total } },
    { ...common, kind: 'histogram', queries: { buckets: queries.buckets } },
    { ...common, kind: 'gauge', queries: { query: queries.gauge } },
    { ...common, kind: 'events', queries: { count: queries.bad, total: queries.total } },
  ]
}

type Row = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }

function vector(rows: readonly Row[]): string {
  return JSON.stringify({ status: 'success', data: { resultType: 'vector', result: rows } })
}

function row(value: string, metric: Row['metric'] = {}, at = Date.now() / 1000): Row {
  return { metric, value: [at, value] }
}

function rowsFor(query: string, at: number, truth: Truth, before: Truth): readonly Row[] {
  const perSecond = (now: number, then: number): string => String((now - then) / 10)
  if (query === queries.bad) return [row(perSecond(truth.bad, before.bad), {}, at)]
  if (query === queries.total) return [row(perSecond(truth.total, before.total), {}, at)]
  if (query === queries.gauge) return [row(String(truth.gauge), {}, at)]
  if (query === 'vector(1)') return [row('1', {}, at)]
  return ['0.1', '0.5', '+Inf'].map((le, i) =>
    row(perSecond(truth.buckets[i] ?? 0, before.buckets[i] ?? 0), { le }, at),
  )
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return new URLSearchParams(text)
}

const json = 'application/json'
metricSourceContract({
  kind: 'prometheus',
  open: (url, timeout) => prometheus.open(prometheus.config.parse({ url, timeout })),
  questions,
  gaugeQuery: queries.gauge,
  answer: (truth, before) => (request, response) => {
    void formOf(request).then((form) => {
      response.writeHead(200, { 'content-type': json })
      response.end(vector(rowsFor(form.get('query') ?? '', Number(form.get('time')), truth, before)))
    })
  },
  lies: {
    'an empty vector': { type: json, body: vector([]) },
    NaN: { type: json, body: vector([row('NaN', { le: '+Inf' })]) },
    '+Inf': { type: json, body: vector([row('+Inf', { le: '+Inf' })]) },
    'an empty number': { type: json, body: vector([row('', { le: '+Inf' })]) },
    'a string': {
      type: json,
      body: JSON.stringify({ status: 'success', data: { resultType: 'string', result: [1, '0'] } }),
    },
    'a value of ten minutes ago': { type: json, body: vector([row('1', { le: '+Inf' }, Date.now() / 1000 - 600)]) },
    'a value of the future': { type: json, body: vector([row('1', { le: '+Inf' }, Date.now() / 1000 + 600)]) },
    'a refused query': {
      type: json,
      body: JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'parse error' }),
    },
    'a range of values': {
      type: json,
      body: JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [] } }),
    },
    'a partial answer': {
      type: json,
      body: JSON.stringify({
        status: 'success',
        warnings: ['store gone'],
        data: { resultType: 'vector', result: [row('1', { le: '+Inf' })] },
      }),
    },
    'other JSON': { type: json, body: '{"value":1}' },
    'a bare null': { type: json, body: 'null' },
  },
})

describe('what a PromQL answer is worth', () => {
  const ask = async (
    kind: MetricQuestion['kind'],
    given: Readonly<Record<string, string>>,
    rows: readonly Row[],
  ): Promise<ArmSample | undefined> => {
    const to = Date.now()
    const source = prometheus.open(prometheus.config.parse({ url: 'http://127.0.0.1:1' }))
    const powers: MetricPowers = {
      signal: new AbortController().signal,
      clock: { now: () => to, sleep: () => Promise.resolve() },
      http: () => Promise.resolve(new Response(vector(rows))),
    }
    const [sample] = await source.sample(
      [{ kind, queries: given, arm: 'canary', labels: {}, from: to - 30_000, to }],
      powers,
    )
    return sample
  }

  test('a histogram without its open bucket hides the slow requests and is no data', async () => {
    expect(await ask('histogram', { buckets: 'rate(b[1m])' }, [row('1', { le: '0.5' })])).toEqual({
      kind: 'no-data',
      why: 'answered without the bucket le="+Inf"',
    })
  })

  test('counts of several instances add up, a gauge of several is no number', async () => {
    const two = [row('1', { instance: 'a' }), row('2', { instance: 'b' })]
    const queries = { bad: 'rate(b[1m])', total: 'rate(t[1m])', query: 'q' }
    expect(await ask('ratio', queries, two)).toEqual({ kind: 'ratio', bad: 90, total: 90 })
    const gauge = await ask('gauge', queries, two)
    expect(gauge?.kind === 'no-data' ? gauge.why : '').toContain('exactly one expected')
  })

  test('no errors yet says what to write if that means zero', async () => {
    const sample = await ask('ratio', { bad: 'rate(b[1m])', total: 'rate(t[1m])' }, [])
    expect(sample?.kind === 'no-data' ? sample.why : '').toContain('or vector(0)')
  })

  test('a bare counter is refused before it is asked', async () => {
    const sample = await ask('ratio', { bad: 'http_errors_total', total: 'http_requests_total{code="200"}' }, [
      row('9'),
    ])
    expect(sample).toMatchObject({ kind: 'no-data', why: expect.stringContaining('bare counter') as string })
  })

  test('a negative rate is no data', async () => {
    expect(await ask('events', { count: 'rate(b[1m])' }, [row('-1')])).toMatchObject({ kind: 'no-data' })
  })

  test('rates are per second, increases are scaled from their own range', () => {
    expect(scaleOf('sum(rate(x_total[1m]))', 30_000)).toEqual({ kind: 'factor', factor: 30 })
    expect(scaleOf('sum(increase(x_total{path="rate("}[5m]))', 30_000)).toEqual({ kind: 'factor', factor: 0.1 })
    expect(scaleOf('job:errors:rate1m', 30_000)).toEqual({ kind: 'factor', factor: 30 })
    expect(scaleOf('x_total', 30_000)).toMatchObject({ kind: 'refused' })
  })
})

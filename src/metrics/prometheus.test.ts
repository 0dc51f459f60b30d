/** The Prometheus source: what its server can answer, and what a query is worth. */
import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { ArmSample } from '../core/judge/verdict.ts'
import type { HistoryQuestion, MetricPowers, MetricQuestion } from '../core/ports/metrics.ts'
import { metricSourceContract, type Truth } from './metrics.contract.ts'
import { prometheus } from './prometheus.ts'
import { membersQuery } from './promql-members.ts'
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

interface RangeRow {
  readonly metric: Row['metric']
  readonly values: readonly Row['value'][]
}

function matrix(rows: readonly RangeRow[]): string {
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: rows } })
}

/** The answer to a range is the answers to its instants, series by series. */
function rangeFor(form: URLSearchParams, truthAt: (at: number) => Truth): readonly RangeRow[] {
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name))) as [number, number, number]
  const rows = new Map<string, { metric: Row['metric']; values: Row['value'][] }>()
  for (let at = start; at <= end + 1e-9; at += step) {
    for (const { metric, value } of rowsFor(
      form.get('query') ?? '',
      at,
      truthAt(at * 1000),
      truthAt(at * 1000 - 10_000),
    )) {
      const known = rows.get(JSON.stringify(metric)) ?? { metric, values: [] }
      known.values.push(value)
      rows.set(JSON.stringify(metric), known)
    }
  }
  return [...rows.values()]
}
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
  past: (truthAt, instances) => (request, response) => {
    void formOf(request).then((form) => {
      response.writeHead(200, { 'content-type': json })
      const isRange = request.url === '/api/v1/query_range'
      const members = instances.map((instance) => row('1', { instance }, Number(form.get('time'))))
      response.end(isRange ? matrix(rangeFor(form, truthAt)) : vector(members))
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

describe('the past', () => {
  const everyMs = 15_000
  const to = 1_700_000_000_000
  const asked: string[] = []
  const past = (
    more: Partial<HistoryQuestion>,
    answer: (form: URLSearchParams) => string,
  ): Promise<readonly (readonly ArmSample[])[]> => {
    asked.length = 0
    const source = prometheus.open(prometheus.config.parse({ url: 'http://127.0.0.1:1' }))
    const powers: MetricPowers = {
      signal: new AbortController().signal,
      clock: { now: () => to, sleep: () => Promise.resolve() },
      http: (_url, { body }) => {
        asked.push(body ?? '')
        return Promise.resolve(new Response(answer(new URLSearchParams(body))))
      },
    }
    const common = { kind: 'ratio', arm: 'stable', labels: {}, from: to - 3 * everyMs, to, everyMs } as const
    return source.history!([{ ...common, queries: { bad: 'rate(b[15s])', total: 'rate(t[15s])' }, ...more }], powers)
  }
  const line = (value: string, times: readonly number[], metric: Row['metric'] = {}): RangeRow => ({
    metric,
    values: times.map((at) => [at / 1000, value]),
  })
  const grid = [to - 2 * everyMs, to - everyMs, to]

  test('an interval without a value, or with one that is no number, is no data, and its neighbours are not', async () => {
    const [samples] = await past({}, (form) =>
      form.get('query') === 'rate(b[15s])'
        ? matrix([line('1', grid)])
        : matrix([line('2', grid.slice(1)), line('NaN', [to], { instance: 'b' })]),
    )
    expect(samples?.[0]).toEqual({ kind: 'no-data', why: 'total: answered without any series' })
    expect(samples?.[1]).toEqual({ kind: 'ratio', bad: 15, total: 30 })
    expect(samples?.[2]).toEqual({ kind: 'no-data', why: 'total: answered NaN, a finite number expected' })
  })

  test('no errors yet are none, interval by interval, where the metric counts them at all', async () => {
    const queries = { bad: 'sum(rate(r{code=~"5..",v="1"}[15s]))', total: 'sum(rate(r{v="1"}[15s]))' }
    const [samples] = await past({ queries, labels: { v: '1' } }, (form) => {
      const query = form.get('query')
      if (query === queries.bad) return matrix([line('1', [to])])
      return matrix([line('2', query === queries.total ? grid : grid.slice(1))])
    })
    expect(samples?.map((one) => (one.kind === 'ratio' ? one.bad : one.kind))).toEqual(['no-data', 0, 15])
    expect(asked).toHaveLength(3)
  })

  test('a server that moves the points to whole steps is understood', async () => {
    const [samples] = await past({}, () => matrix([line('1', [grid[0]! - 20_000, ...grid.map((at) => at - 5000)])]))
    expect(samples).toEqual(grid.map(() => ({ kind: 'ratio', bad: 15, total: 15 })))
  })

  test('a long past is asked in pieces that a server accepts', async () => {
    const [samples] = await past({ from: to - 4500 * everyMs }, (form) => {
      const [start, end] = ['start', 'end'].map((name) => Number(form.get(name)) * 1000) as [number, number]
      const points = Math.round((end - start) / everyMs) + 1
      if (points > 2000) return JSON.stringify({ status: 'error', error: 'exceeded maximum resolution' })
      return matrix([
        line(
          '1',
          Array.from({ length: points }, (_, i) => start + i * everyMs),
        ),
      ])
    })
    expect(samples).toHaveLength(4500)
    expect(samples?.every((one) => one.kind === 'ratio')).toBe(true)
    expect(asked).toHaveLength(2 * 3)
  })

  test('a time that holds no interval has no samples', async () => {
    expect(await past({ from: to - 14_000 }, () => matrix([]))).toEqual([[]])
    expect(await past({ from: to + 1 }, () => matrix([]))).toEqual([[]])
  })
})

describe('the members of an arm', () => {
  const asked = (queries: Readonly<Record<string, string>>, label = 'pod') =>
    membersQuery({ queries, labels: { v: '1' }, label, from: 0, to: 60_000 })

  test('every series that the arm selects is asked for once, and what is joined to it is not', () => {
    const total = 'sum(rate(r{v="1",path!="{}"}[1m])) * on (pod) group_left kube_pod_info{pod!=""}'
    expect(asked({ bad: 'sum(rate(r{v="1",path!="{}"}[1m]))', total, other: 'x{ v="1" }' })).toEqual({
      query:
        'group by (pod) (last_over_time(r{v="1",path!="{}"}[60000ms])) or group by (pod) (last_over_time(x{ v="1" }[60000ms]))',
    })
  })

  test('what cannot be asked says why', () => {
    expect(asked({ bad: 'sum(rate(r[1m]))' })).toEqual({ noData: expect.stringContaining('{{arm}}') as string })
    expect(asked({ bad: 'r{v="1"}' }, 'po d')).toEqual({ noData: '"po d" is no name of a label' })
  })
})

/** The scrape source: pages, counters that begin again, and the tiny selector language. */
import { describe, expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import { renderProblem } from '../core/plan/problem.ts'
import { testKinds } from '../core/plan/test-kinds.ts'
import type { ArmSample } from '../core/judge/verdict.ts'
import type { MetricPowers, MetricQuestion } from '../core/ports/metrics.ts'
import { metricSourceContract, type Truth } from './metrics.contract.ts'
import { scrape } from './scrape.ts'
import { parseSelector } from './selector.ts'

const v2 = 'version="2.0.0"'
const queries = {
  bad: `http_requests_total{code=~"5..",${v2}}`,
  total: `sum(http_requests_total{${v2}})`,
  buckets: `http_request_duration_seconds_bucket{${v2}}`,
  gauge: 'pool_used_ratio',
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

function page(truth: Truth, process = 'process_start_time_seconds 100\n'): string {
  const line = (name: string, labels: string, value: number): string => `${name}{${labels},${v2}} ${value}\n`
  const le = ['0.1', '0.5', '+Inf']
  return [
    '# HELP http_requests_total Requests answered.\n# TYPE http_requests_total counter\n',
    line('http_requests_total', 'code="200",path="/"', truth.total - truth.bad),
    line('http_requests_total', 'code="500",path="/"', truth.bad - 1),
    line('http_requests_total', 'code="503",path="/a b"', 1),
    'http_requests_total{code="200",path="/",version="1.0.0"} 99999\n',
    ...truth.buckets.map((count, i) => line('http_request_duration_seconds_bucket', `le="${le[i]}"`, count)),
    `pool_used_ratio ${truth.gauge}\n`,
    `process_cpu_seconds_total ${truth.total}\n`,
    process,
  ].join('')
}

const plain = 'text/plain; version=0.0.4'
const truth: Truth = { bad: 13, total: 1100, buckets: [560, 980, 1100], gauge: 0.75 }
metricSourceContract({
  kind: 'scrape',
  open: (url, timeout) => scrape.open(scrape.config.parse({ url: `${url}/metrics`, timeout })),
  questions,
  gaugeQuery: queries.gauge,
  answer: (now) => (_request, response) => {
    response.writeHead(200, { 'content-type': plain })
    response.end(page(now))
  },
  past: null,
  lies: {
    'a page of another program': { type: plain, body: 'go_threads 9\n' },
    'a page that breaks off': { type: plain, body: page(truth).slice(0, -9) },
    'NaN in every series': { type: plain, body: page(truth).replace(/ [\d.]+$/gm, ' NaN') },
    'infinity in every series': { type: plain, body: page(truth).replace(/ [\d.]+$/gm, ' +Inf') },
    'a page of ten minutes ago': {
      type: plain,
      body: page(truth)
        .replace(/$/gm, '')
        .replace(/ ([\d.]+)$/gm, ` $1 ${Date.now() - 600_000}`),
    },
    'a page of the future': { type: plain, body: page(truth).replace(/ ([\d.]+)$/gm, ` $1 ${Date.now() + 600_000}`) },
    words: { type: plain, body: '503 upstream unavailable\n' },
    'comments only': { type: plain, body: '# nothing\n' },
    'values that are words': { type: plain, body: page(truth).replace(/ [\d.]+$/gm, ' many') },
  },
})

describe('counters between readings', () => {
  /** Samples one question over pages, ten seconds apart; null = the page cannot be read. */
  const over = async (
    pages: readonly (string | null)[],
    question: Partial<MetricQuestion> = {},
    times?: readonly number[],
  ): Promise<readonly ArmSample[]> => {
    const source = scrape.open(scrape.config.parse({ url: 'http://127.0.0.1:1/metrics' }))
    const samples: ArmSample[] = []
    for (const [i, text] of pages.entries()) {
      const to = times?.[i] ?? (i + 1) * 10_000
      const powers: MetricPowers = {
        signal: new AbortController().signal,
        clock: { now: () => to, sleep: () => Promise.resolve() },
        http: () => (text === null ? Promise.reject(new Error('down')) : Promise.resolve(new Response(text))),
      }
      const asked: MetricQuestion = {
        kind: 'ratio',
        queries: { bad: 'r{code="500"}', total: 'r' },
        arm: 'canary',
        labels: {},
        from: to - 10_000,
        to,
        ...question,
      }
      samples.push(...(await source.sample([{ ...asked, from: to - 10_000, to }], powers)))
    }
    return samples
  }
  const counts = (ok: number, bad: number | null, started = ''): string =>
    `r{code="200"} ${ok}\n${bad === null ? '' : `r{code="500"} ${bad}\n`}${started}`

  test('the first reading only sets the base', async () => {
    expect(await over([counts(100, 5)])).toEqual([
      { kind: 'no-data', why: 'first reading: growth is known from the next one on' },
    ])
  })

  test('a counter that fell began again: it grew by what it shows', async () => {
    expect((await over([counts(100, 5), counts(30, 2)]))[1]).toEqual({ kind: 'ratio', bad: 2, total: 32 })
  })

  test('a new process begins again even where the counter is higher', async () => {
    const process = (at: number): string => `process_start_time_seconds ${at}\n`
    expect((await over([counts(100, 5, process(1)), counts(130, 6, process(2))]))[1]).toEqual({
      kind: 'ratio',
      bad: 6,
      total: 136,
    })
  })

  test('the first error makes a series that was not there before, and counts', async () => {
    expect((await over([counts(100, null), counts(110, 1)]))[1]).toEqual({ kind: 'ratio', bad: 1, total: 11 })
  })

  test('no bad series yet is zero bad requests, as long as the label exists', async () => {
    expect((await over([counts(100, null), counts(110, null)]))[1]).toEqual({ kind: 'ratio', bad: 0, total: 10 })
    const typo = { queries: { bad: 'r{cod="500"}', total: 'r' } }
    expect((await over([counts(100, 1), counts(110, 1)], typo))[1]).toEqual({
      kind: 'no-data',
      why: 'bad: r has no label cod',
    })
  })

  test('one failed reading is covered by the next, a longer gap is not', async () => {
    expect(await over([counts(100, 0), null, counts(120, 2)])).toMatchObject([
      { kind: 'no-data' },
      { kind: 'no-data' },
      { kind: 'ratio', bad: 2, total: 22 },
    ])
    const gap = await over([counts(100, 0), counts(120, 2), counts(130, 2)], {}, [10_000, 60_000, 70_000])
    expect(gap[1]).toEqual({ kind: 'no-data', why: 'first reading after a gap' })
    expect(gap[2]).toEqual({ kind: 'ratio', bad: 0, total: 10 })
  })

  test('an unchanged page of a living process comes out of a cache', async () => {
    const cached = counts(100, 0, 'process_start_time_seconds 1\n')
    expect((await over([cached, cached]))[1]).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('has not changed') as string,
    })
    expect((await over([counts(100, 0), counts(100, 0)]))[1]).toEqual({ kind: 'ratio', bad: 0, total: 0 })
  })

  test('the same time is answered once', async () => {
    const twice = await over([counts(100, 0), counts(110, 0), counts(120, 0)], {}, [10_000, 20_000, 20_000])
    expect(twice[2]).toEqual({ kind: 'no-data', why: 'asked again for a time already read' })
  })

  test('an arm that shows no series has no data', async () => {
    const none = { queries: { bad: 'r{code="500",version="2"}', total: 'r{version="2"}' } }
    const other = 'r{code="500",version="1"} 5\n'
    expect((await over([other, other], none))[1]).toEqual({ kind: 'no-data', why: 'total: no series matches' })
  })
})

describe('the selector language', () => {
  const series = { name: 'r', labels: { code: '503', path: '/a"b' }, value: 1 }
  const matches = (text: string): boolean | string => {
    const parsed = parseSelector(text)
    return parsed.kind === 'selector' ? parsed.selector.matches(series) : parsed.why
  }

  test('matchers are those of PromQL, anchored and in linear time', () => {
    expect(matches('r')).toBe(true)
    expect(matches('r{code="503"}')).toBe(true)
    expect(matches('r{code=~"5.."}')).toBe(true)
    expect(matches('r{code=~"5."}')).toBe(false)
    expect(matches('r{code!~"4..",}')).toBe(true)
    expect(matches(String.raw`sum( r{path="/a\"b", code!='200'} )`)).toBe(true)
    expect(matches(String.raw`r{path="/a\x22b"}`)).toBe(true)
    expect(matches('sum by (le) (r{missing=""})')).toBe(true)
    expect(matches(`r{code=~"(a+)+$"}`)).toBe(false)
  })

  test('what belongs to a Prometheus is refused with what to write instead', () => {
    for (const text of [
      'rate(r[1m])',
      'sum(rate(r{code="500"}[1m]))',
      'r[1m]',
      'r{code=~"("}',
      'r{code}',
      'r / r',
      '',
      '{code="500"}',
    ])
      expect(matches(text)).toMatch(/selector|RE2/)
  })
})

describe('queries are read when a document compiles', () => {
  const kinds = { ...testKinds, sources: new Map([['scrape', scrape as never]]) }
  const compiled = (block: string): readonly string[] =>
    compile(
      {
        file: 'release.md',
        bytes: new TextEncoder().encode(
          `---\nholdpoint: 1\nsources: { page: { kind: scrape, url: "http://localhost/metrics" } }\n---\n# R\n\n- [ ] One\n${block}`,
        ),
        shared: null,
      },
      kinds,
    ).problems.map(renderProblem)
  const watch = (metric: string): string =>
    `  \`\`\`yaml watch\n  for: 1h\n  judge:\n    metrics:\n      errors: ${metric}\n  \`\`\`\n`
  const check = (query: string): string => `  \`\`\`promql check on=page below=1\n  ${query}\n  \`\`\`\n`

  test('a function of PromQL is refused with its line and the same query without it', () => {
    const [problem = '', ...others] = compiled(
      watch(`{ kind: ratio, bad: 'sum(rate(r{code=~"5..",{{arm}}}[1m]))', total: 'sum(r{ {{arm}} })', go: "< 1%" }`),
    )
    expect(others).toEqual([])
    expect(problem).toContain('release.md:12:')
    expect(problem).toContain('"bad" as sum(rate(r{code=~"5..",{{arm}}}[1m])) for "page", a source of the kind scrape')
    expect(problem).toContain('a scraped page knows no rate, increases are computed here')
    expect(problem).toContain('for example  sum(r{code=~"5..",{{arm}}})')
  })
  test.each(['rate(r[5m])', 'avg(r)', 'r / q', 'r[5m]', 'r{code="5'])('a check cannot ask a page for %s', (query) => {
    const found = compiled(check(query))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('release.md:9:')
  })
  test.each(['r', 'sum(r{version="{{version}}"})', 'sum by (le) (r_bucket{path=~"/a.*"})'])(
    'a selector compiles: %s',
    (query) => expect(compiled(check(query))).toEqual([]),
  )
  test('triggers are read too', () => {
    const trigger = '  ```promql trigger on=page above=5 action=ask\n  rate(r[1m])\n  ```\n'
    expect(compiled(trigger + '- [ ] Two\n').join()).toContain('a scraped page knows no rate')
  })
  test('a watch that asks the metrics of the rollout before it of a page is refused as well', () => {
    const text = `---
holdpoint: 1
sources: { prom: { kind: prometheus, url: "http://localhost:9090" }, page: { kind: scrape, url: "http://localhost/metrics" } }
---
# R

## Rollout
\`\`\`yaml rollout
components: { api: { traffic: command, set: ./set.sh, read: ./read.sh, restore: ./restore.sh } }
stages: [{ weight: 100% }]
judge: { source: prom, metrics: { load: { kind: gauge, query: "avg(load1)", rollback: "> 8" } } }
\`\`\`

## Watch
- [ ] Quiet
  \`\`\`yaml watch
  for: 1h
  judge: { source: page }
  \`\`\`
`
    const all = { ...testKinds, sources: new Map([...testKinds.sources, ['scrape', scrape as never]] as const) }
    const found = compile({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, all).problems
    expect(found.map(({ code, line }) => `${code}:${line}`)).toEqual(['bad-query:18'])
  })
})

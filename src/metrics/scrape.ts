/** Reads metrics pages itself, for where no Prometheus runs: counters are remembered, and their growth is the answer. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { ArmSample } from '../core/judge/verdict.ts'
import { defineMetricSource, type MetricPowers, type MetricQuestion, type MetricSource } from '../core/ports/metrics.ts'
import { addressField, ask, type Bounds, isHtml, millisOf, timeoutField } from './answer.ts'
import { edgeOf } from './bucket-edge.ts'
import { type Page, type PageSeries, readPage } from './exposition.ts'
import { increases, type Reading } from './increase.ts'
import { checkSelector, parseSelector, type Selector } from './selector.ts'

const pages = z.union([addressField.transform((one) => [one]), z.array(addressField).min(1)])
const config = z
  .strictObject({
    url: addressField.optional().describe('address of the metrics page'),
    urls: z.array(addressField).min(1).optional().describe('several pages whose counters are added up'),
    canary: pages.optional().describe('pages of the new version, where each version has its own'),
    stable: pages.optional().describe('pages of the version in use'),
    headers: z.record(z.string(), z.string()).default({}),
    timeout: timeoutField,
  })
  .refine((given) => given.url ?? given.urls ?? (given.canary && given.stable), {
    error: 'expected `url`, `urls`, or both `canary` and `stable`',
  })
type Config = z.infer<typeof config>

export const scrape = defineMetricSource<Config>({
  kind: 'scrape',
  summary: 'Metrics pages read directly; rates and quantiles are computed here',
  config: config as unknown as z.ZodType<Config>,
  example: 'sources:\n  shop: { kind: scrape, url: http://127.0.0.1:8080/metrics }',
  timeoutMs: 5000,
  checkQuery: (_kind, _name, text) => checkSelector(text),
  open: (given) => open(config.parse(given)),
})

const mostBytes = 16_000_000

/** All pages of one moment. `id` tells whether a page has changed since. */
interface Snapshot {
  readonly pages: ReadonlyMap<string, { readonly page: Page; readonly id: string }>
}

interface Remembered extends Reading {
  readonly pageIds: ReadonlyMap<string, string>
}

function open(given: Config): MetricSource {
  const bounds: Bounds = { timeoutMs: millisOf(given.timeout), mostBytes }
  const shared = [...(given.url === undefined ? [] : [given.url]), ...(given.urls ?? [])]
  const addresses = {
    canary: given.canary ?? shared,
    stable: given.stable ?? shared,
    all: [...new Set([...shared, ...(given.canary ?? []), ...(given.stable ?? [])])],
  }
  const memory = new Map<string, Remembered>()

  const read = async (urls: readonly string[], names: ReadonlySet<string>, powers: MetricPowers): Promise<Snapshot> => {
    const found = await Promise.all(
      [...new Set(urls)].map(async (url) => [url, await readOne(url, names, given.headers, bounds, powers)] as const),
    )
    return { pages: new Map(found) }
  }

  return {
    async sample(questions, powers) {
      const names = new Set(questions.flatMap((question) => Object.values(question.queries).flatMap(nameIn)))
      const snapshot = await read(
        questions.flatMap((question) => addresses[question.arm]),
        names,
        powers,
      )
      return questions.map((question) => answerOne(question, addresses[question.arm], snapshot, memory))
    },
    async value(query, _at, powers) {
      const snapshot = await read(addresses.all, new Set(nameIn(query)), powers)
      const one = latest(query, addresses.all, snapshot)
      return one.kind === 'value' ? { value: one.value } : { noData: one.why }
    },
    async probe(powers) {
      const snapshot = await read(addresses.all, new Set(), powers)
      const bad = [...snapshot.pages].find(([, { page }]) => page.kind === 'no-data')
      if (bad?.[1].page.kind === 'no-data') return { ok: false, say: `${bad[0]}: ${bad[1].page.why}` }
      return { ok: true, say: `${addresses.all.join(', ')} can be read` }
    },
  }
}

function nameIn(query: string): readonly string[] {
  const parsed = parseSelector(query)
  return parsed.kind === 'selector' ? [parsed.selector.name] : []
}

async function readOne(
  url: string,
  names: ReadonlySet<string>,
  headers: Readonly<Record<string, string>>,
  bounds: Bounds,
  powers: MetricPowers,
): Promise<{ readonly page: Page; readonly id: string }> {
  const none = (why: string): { readonly page: Page; readonly id: string } => ({
    page: { kind: 'no-data', why },
    id: '',
  })
  const request = { method: 'GET' as const, url, headers: { accept: 'text/plain;version=0.0.4', ...headers } }
  const answer = await ask(request, bounds, powers)
  if (answer.kind === 'fault') return none(answer.why)
  if (answer.status !== 200) return none(`answered ${answer.status}`)
  if (isHtml(answer)) return none('answered with an HTML page')
  return {
    page: readPage(answer.text, names, powers.clock.now()),
    id: createHash('sha256').update(answer.text).digest('hex'),
  }
}

type Matched =
  | {
      readonly kind: 'matched'
      readonly selector: Selector
      readonly series: readonly { readonly url: string; readonly series: PageSeries }[]
      readonly familySize: number
    }
  | { readonly kind: 'no-data'; readonly why: string }

/** The series a query means on the pages of its arm; one unreadable page makes the whole unreadable. */
function match(query: string | undefined, name: string, urls: readonly string[], snapshot: Snapshot): Matched {
  if (query === undefined || query.trim() === '') return none(`the query \`${name}\` is missing`)
  const parsed = parseSelector(query)
  if (parsed.kind === 'refused') return none(`${name}: ${parsed.why}`)
  const { selector } = parsed
  const family: { readonly url: string; readonly series: PageSeries }[] = []
  for (const url of urls) {
    const page = snapshot.pages.get(url)?.page ?? { kind: 'no-data', why: 'was not read' }
    if (page.kind === 'no-data') return none(`${url}: ${page.why}`)
    for (const series of page.series.get(selector.name) ?? []) family.push({ url, series })
  }
  if (family.length === 0) return none(`${name}: no metric ${selector.name} on the page`)
  const unknown = selector.labels.find((label) => family.every(({ series }) => !(label in series.labels)))
  if (unknown !== undefined) return none(`${name}: ${selector.name} has no label ${unknown}`)
  return {
    kind: 'matched',
    selector,
    series: family.filter(({ series }) => selector.matches(series)),
    familySize: family.length,
  }
}

type Latest = { readonly kind: 'value'; readonly value: number } | { readonly kind: 'no-data'; readonly why: string }

function latest(query: string | undefined, urls: readonly string[], snapshot: Snapshot): Latest {
  const found = match(query, 'query', urls, snapshot)
  if (found.kind === 'no-data') return found
  if (found.series.length === 0) return none('no series matches')
  if (found.series.length > 1 && !found.selector.isSum)
    return none(`${found.series.length} series match, exactly one expected: write sum(…)`)
  const value = found.series.reduce((sum, { series }) => sum + series.value, 0)
  return Number.isFinite(value) ? { kind: 'value', value } : none(`shows ${value}, a finite number expected`)
}

function answerOne(
  question: MetricQuestion,
  urls: readonly string[],
  snapshot: Snapshot,
  memory: Map<string, Remembered>,
): ArmSample {
  const { kind, queries } = question
  if (kind === 'gauge') {
    const one = latest(queries['query'], urls, snapshot)
    return one.kind === 'value' ? { kind: 'gauge', value: one.value } : one
  }
  const names =
    kind === 'ratio'
      ? ['bad', 'total']
      : kind === 'histogram'
        ? ['buckets']
        : queries['total'] === undefined
          ? ['count']
          : ['count', 'total']
  const grown = grownBy(question, names, urls, snapshot, memory)
  if (grown.kind === 'no-data') return grown
  const sums = names.map((name) => [...(grown.byQuery.get(name) ?? [])].reduce((sum, [, value]) => sum + value, 0))
  if (kind === 'ratio') return { kind: 'ratio', bad: sums[0] ?? Number.NaN, total: sums[1] ?? Number.NaN }
  if (kind === 'events') return { kind: 'events', count: sums[0] ?? Number.NaN, total: sums[1] ?? null }
  return buckets(grown.byQuery.get('buckets') ?? new Map(), grown.labels)
}

type Grown =
  | {
      readonly kind: 'grown'
      readonly byQuery: ReadonlyMap<string, ReadonlyMap<string, number>>
      readonly labels: ReadonlyMap<string, PageSeries['labels']>
    }
  | { readonly kind: 'no-data'; readonly why: string }

const between = ' '

/** The growth of every counter a question means since it was asked last. Reading it moves the base. */
function grownBy(
  question: MetricQuestion,
  names: readonly string[],
  urls: readonly string[],
  snapshot: Snapshot,
  memory: Map<string, Remembered>,
): Grown {
  const counters = new Map<string, number>()
  const labels = new Map<string, PageSeries['labels']>()
  const matchedBy = new Map<string, number>()
  for (const name of names) {
    const found = match(question.queries[name], name, urls, snapshot)
    if (found.kind === 'no-data') return found
    matchedBy.set(name, found.series.length)
    for (const { url, series } of found.series) {
      const key = [name, url, labelKey(series.labels)].join(between)
      if (!Number.isFinite(series.value) || series.value < 0)
        return none(`${name}: shows ${series.value}, a count expected`)
      counters.set(key, (counters.get(key) ?? 0) + series.value)
      labels.set(key, series.labels)
    }
  }
  // Of all requests there must be some series; of the bad ones there need not be any yet.
  const whole = names.at(-1) as string
  if (matchedBy.get(whole) === 0) return none(`${whole}: no series matches`)

  const before = remember(question, urls, snapshot, counters, memory)
  const doubt = baseDoubt(before, question, urls, snapshot)
  if (doubt !== null || before === undefined) return none(doubt ?? 'first reading')
  const now = { at: question.to, counters, starts: startsOf(urls, snapshot) }
  const grown = increases(before, now, (key) => key.split(between)[1] ?? '')
  const of = (name: string): Map<string, number> =>
    new Map([...grown].filter(([key]) => key.startsWith(name + between)))
  return { kind: 'grown', byQuery: new Map(names.map((name) => [name, of(name)])), labels }
}

function labelKey(labels: PageSeries['labels']): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)))
}

function remember(
  question: MetricQuestion,
  urls: readonly string[],
  snapshot: Snapshot,
  counters: ReadonlyMap<string, number>,
  memory: Map<string, Remembered>,
): Remembered | undefined {
  const key = JSON.stringify([question.arm, question.kind, question.queries])
  const before = memory.get(key)
  if (before && question.to <= before.at) return before
  const pageIds = new Map(urls.map((url) => [url, snapshot.pages.get(url)?.id ?? '']))
  memory.set(key, { at: question.to, counters, starts: startsOf(urls, snapshot), pageIds })
  return before
}

/** Growth since another moment than the interval's start is not the interval's. */
function baseDoubt(
  before: Remembered | undefined,
  question: MetricQuestion,
  urls: readonly string[],
  snapshot: Snapshot,
): string | null {
  if (!before) return 'first reading: growth is known from the next one on'
  if (question.to <= before.at) return 'asked again for a time already read'
  // One reading that failed is covered by the next: its growth is real, and the missed interval stays missed.
  const slackMs = Math.max(1000, (question.to - question.from) * 1.5)
  if (question.from - before.at > slackMs) return 'first reading after a gap'
  const frozen = urls.find((url) => isFrozen(before.pageIds.get(url), snapshot.pages.get(url)))
  return frozen === undefined ? null : `${frozen} has not changed since the last reading`
}

/** A page that shows its process's own use always changes; unchanged, it comes out of a cache. Others may rightly stand still. */
function isFrozen(
  idBefore: string | undefined,
  now: { readonly page: Page; readonly id: string } | undefined,
): boolean {
  return now?.page.kind === 'page' && now.page.startedAt !== null && now.id === idBefore
}

function startsOf(urls: readonly string[], snapshot: Snapshot): ReadonlyMap<string, number | null> {
  return new Map(
    urls.map((url) => {
      const page = snapshot.pages.get(url)?.page
      return [url, page?.kind === 'page' ? page.startedAt : null]
    }),
  )
}

function buckets(grown: ReadonlyMap<string, number>, labels: ReadonlyMap<string, PageSeries['labels']>): ArmSample {
  const counts = new Map<number, number>()
  for (const [key, value] of grown) {
    const edge = edgeOf(labels.get(key)?.['le'])
    if (edge === null) return none('buckets: a series without a bucket edge `le`: write the name that ends in _bucket')
    counts.set(edge, (counts.get(edge) ?? 0) + value)
  }
  if (!counts.has(Number.MAX_VALUE)) return none('buckets: the bucket le="+Inf" is missing')
  const le = [...counts.keys()].sort((a, b) => a - b)
  return { kind: 'histogram', le, counts: le.map((edge) => counts.get(edge) as number) }
}

function none(why: string): { readonly kind: 'no-data'; readonly why: string } {
  return { kind: 'no-data', why }
}

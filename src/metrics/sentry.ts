/** Sentry as a source of metrics: how many events, people or new issues a search finds in an interval. */
import { z } from 'zod'
import { defineMetricSource, type MetricPowers, type MetricSource } from '../core/ports/metrics.ts'
import type { Instant, Json } from '../core/units.ts'
import { addressField, ask, type Bounds, isHtml, millisOf, timeoutField } from './answer.ts'
import { type Known, sourceFrom } from './from-values.ts'

const config = z.strictObject({
  url: addressField.default('https://sentry.io').describe('address of Sentry, or of what answers like it'),
  organization: z.string().min(1).describe('its short name'),
  token: z.string().min(1).describe('`{{ secret.NAME }}` of a declared secret'),
  delay: timeoutField
    .default('1m')
    .describe('what is read lies this far back, as an event is counted some time after it happened'),
  window: timeoutField.default('5m').describe('a number now is of so much time before now'),
  timeout: timeoutField.describe('longest time one query may take'),
})
type Config = z.infer<typeof config>

const queryExample = 'events release:"{{version}}" level:[error,fatal]'

export const sentry = defineMetricSource<Config>({
  kind: 'sentry',
  summary: 'Sentry: events, people who meet them, and new issues, by a search',
  config: config as unknown as z.ZodType<Config>,
  example: 'sources:\n  errors: { kind: sentry, organization: acme, token: "{{ secret.SENTRY_TOKEN }}" }',
  timeoutMs: 5000,
  addresses: ({ url }) => (url === undefined ? ['https://sentry.io'] : []),
  checkQuery(kind, _name, text) {
    if (kind === 'histogram')
      return { expected: 'a metric of another kind: Sentry counts, and has no buckets', example: queryExample }
    return readQuery(text) === null
      ? { expected: 'events, users or new-issues, and then a search as in Sentry', example: queryExample }
      : null
  },
  open: (given) => open(config.parse(given)),
})

interface SentryQuery {
  readonly counts: 'events' | 'users' | 'new-issues'
  readonly search: string
}

/** `{{arm}}` has become `release="2.0.0"`, which is `release:"2.0.0"` in a search. */
function readQuery(text: string): SentryQuery | null {
  const [, counts, search = ''] = /^\s*(events|users|new-issues)(?:\s+([\s\S]*))?$/.exec(text) ?? []
  if (counts === undefined) return null
  const own = search.replace(/([\w.]+)="((?:[^"\\]|\\.)*)"\s*,?/g, '$1:"$2" ')
  return { counts: counts as SentryQuery['counts'], search: own.trim().replace(/\s+/g, ' ') }
}

const counted = z.object({ data: z.array(z.record(z.string(), z.unknown())).length(1) })
const mostIssues = 100
/** Where no event at all arrives for so long, none of a kind proves nothing. */
const silenceMs = 3_600_000

function open(given: Config): MetricSource {
  const bounds: Bounds = { timeoutMs: millisOf(given.timeout), mostBytes: 8_000_000 }
  const base = `${given.url.replace(/\/+$/, '')}/api/0/organizations/${encodeURIComponent(given.organization)}`
  const fetched = async (path: string, powers: MetricPowers): Promise<Known<Json>> => {
    const headers = { accept: 'application/json', authorization: `Bearer ${given.token}` }
    const answer = await ask({ method: 'GET', url: `${base}${path}`, headers }, bounds, powers)
    if (answer.kind === 'fault') return { why: answer.why }
    if (answer.status === 401 || answer.status === 403) return { why: `does not accept the token (${answer.status})` }
    if (answer.status !== 200) return { why: `answered ${answer.status}${detailIn(answer.text)}` }
    if (isHtml(answer)) return { why: 'answered with an HTML page' }
    try {
      return { known: JSON.parse(answer.text) as Json }
    } catch {
      return { why: 'answered with broken JSON' }
    }
  }
  const count = async (
    field: string,
    search: string,
    from: Instant,
    to: Instant,
    powers: MetricPowers,
  ): Promise<Known<number>> => {
    const [start, end] = [from, to].map((at) => new Date(at).toISOString())
    const form = new URLSearchParams({
      field,
      query: search,
      start: start ?? '',
      end: end ?? '',
      project: '-1',
      dataset: 'errors',
    })
    const told = await fetched(`/events/?${form.toString()}`, powers)
    if ('why' in told) return told
    const read = counted.safeParse(told.known)
    const value = read.success ? read.data.data[0]?.[field] : undefined
    return typeof value === 'number' && value >= 0 ? { known: value } : { why: 'answered with JSON that is no count' }
  }
  const issues = async (search: string, from: Instant, to: Instant, powers: MetricPowers): Promise<Known<number>> => {
    const query =
      `${search} firstSeen:>=${new Date(from).toISOString()} firstSeen:<${new Date(to).toISOString()}`.trim()
    const form = new URLSearchParams({ query, project: '-1', limit: String(mostIssues) })
    const told = await fetched(`/issues/?${form.toString()}`, powers)
    if ('why' in told) return told
    if (!Array.isArray(told.known)) return { why: 'answered with JSON that is no list of issues' }
    return told.known.length < mostIssues ? { known: told.known.length } : { why: `finds ${mostIssues} issues or more` }
  }
  return sourceFrom({
    isTimed: true,
    async read(text, span, _labels, powers) {
      const query = readQuery(text)
      if (query === null) return { why: `the query begins with events, users or new-issues, such as ${queryExample}` }
      const to = span.to - millisOf(given.delay)
      const from = span.from === null ? to - millisOf(given.window) : span.from - millisOf(given.delay)
      const field = query.counts === 'users' ? 'count_unique(user)' : 'count()'
      const told =
        query.counts === 'new-issues'
          ? await issues(query.search, from, to, powers)
          : await count(field, query.search, from, to, powers)
      if ('why' in told || told.known > 0) return told
      const all = await count('count()', '', Math.min(from, to - silenceMs), to, powers)
      if ('why' in all) return all
      return all.known > 0 ? told : { why: 'took no event at all in an hour, so none of a kind proves nothing' }
    },
    async probe(powers) {
      const told = await fetched('/', powers)
      return 'why' in told ? { ok: false, say: `${given.url} ${told.why}` } : { ok: true, say: `${given.url} answers` }
    },
  })
}

/** `{"detail": "Error parsing search query"}`. */
function detailIn(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown }
    return typeof detail === 'string' ? `: ${detail.slice(0, 200)}` : ''
  } catch {
    return ''
  }
}

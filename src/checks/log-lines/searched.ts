/** Lines that a search finds in a log store: Loki, or Elasticsearch and OpenSearch. A part of an answer is none. */
import { z } from 'zod'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Instant, Json, Millis } from '../../core/units.ts'
import { ConfigFault } from '../parts/fields.ts'
import { filledBy } from '../parts/filled-settings.ts'
import { type Service, serviceAt, ServiceFault } from '../parts/service-api.ts'
import type { LogLine } from './lines.ts'

const address = z
  .string()
  .regex(/^(?:https?:\/\/\S|\{\{)/, { error: 'expected an address such as https://loki.example.com' })
  .optional()

export const searchField = z
  .strictObject({
    loki: address,
    elasticsearch: address,
    query: z.string().min(1),
    index: z.string().min(1).optional(),
    field: z.string().min(1).default('message'),
    time: z.string().min(1).default('@timestamp'),
    token: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, { error: 'expected the name of a secret, never its value' })
      .optional(),
    scheme: z.enum(['Bearer', 'ApiKey', 'Basic']).default('Bearer'),
    tenant: z.string().min(1).optional(),
  })
  .superRefine(({ loki, elasticsearch, index, tenant }, context) => {
    const message =
      (loki === undefined) === (elasticsearch === undefined)
        ? 'expected loki or elasticsearch, one of them, such as { loki: "https://loki.example.com", query: "{app=\\"api\\"}" }'
        : (index === undefined) === (elasticsearch !== undefined)
          ? 'expected an index beside elasticsearch, such as index: logs-*, and none beside loki'
          : tenant !== undefined && loki === undefined
            ? 'expected loki beside tenant'
            : null
    if (message !== null) context.addIssue({ code: 'custom', message })
  })

export type Search = z.infer<typeof searchField>

/** Names of the secrets that it needs, as it is written. */
export function searchSecrets(search: Json | undefined): readonly string[] {
  const read = z.looseObject({ token: z.string() }).safeParse(search)
  return read.success ? [read.data.token] : []
}

const pageSize = 5_000
const mostPages = 10

interface Found {
  readonly lines: readonly LogLine[]
  readonly isCut: boolean
}

interface Span {
  readonly from: Instant
  readonly to: Instant
}

/** Oldest first. Throws ConfigFault, ServiceFault and OutboundFault. */
export async function searchedLines(given: Search, lastMs: Millis, powers: CheckPowers): Promise<Found> {
  const search = filledBy(searchField, given, powers)
  const service = serviceAt({ url: search.loki ?? search.elasticsearch }, [], powers)
  const headers = headersOf(search, powers)
  const to = powers.clock.now()
  const span = { from: to - lastMs, to }
  const found =
    search.loki === undefined
      ? await ofElasticsearch(service, search, headers, span)
      : await ofLoki(service, search.query, headers, span)
  const lines = found.rows
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, text }, index): LogLine => ({ text, at, number: index + 1 }))
  return { lines, isCut: found.isCut }
}

function headersOf({ token, scheme, tenant }: Search, powers: CheckPowers): Record<string, string> {
  const headers: Record<string, string> = tenant === undefined ? {} : { 'x-scope-orgid': tenant }
  if (token === undefined) return headers
  const secret = powers.secret(token)
  return {
    ...headers,
    authorization: `${scheme} ${scheme === 'Basic' ? Buffer.from(secret).toString('base64') : secret}`,
  }
}

interface Rows {
  readonly rows: readonly { readonly at: Instant; readonly text: string }[]
  readonly isCut: boolean
}

const lokiShape = z.object({
  status: z.literal('success'),
  data: z.object({ resultType: z.string(), result: z.array(z.unknown()) }),
})
const stream = z.object({ values: z.array(z.tuple([z.string().regex(/^\d+$/), z.string()]).rest(z.unknown())) })

async function ofLoki(
  service: Service,
  query: string,
  headers: Record<string, string>,
  { from, to }: Span,
): Promise<Rows> {
  const rows = new Map<string, { readonly at: Instant; readonly text: string }>()
  let end = BigInt(to) * 1_000_000n
  for (let page = 0; page < mostPages; page += 1) {
    const form = new URLSearchParams({
      query,
      start: String(BigInt(from) * 1_000_000n),
      end: String(end),
      limit: String(pageSize),
      direction: 'backward',
    })
    const { data } = await service.shaped(lokiShape, `/loki/api/v1/query_range?${form.toString()}`, { headers })
    if (data.resultType !== 'streams')
      throw new ConfigFault('the query gives numbers, expected one that gives lines, such as {app="api"} |= "error"')
    const read = z.array(stream).safeParse(data.result)
    if (!read.success) throw new ServiceFault(`the answer of ${service.where} is not as Loki's`)
    const values = read.data.flatMap((one, index) => one.values.map(([at, text]) => ({ at: BigInt(at), text, index })))
    const before = rows.size
    for (const { at, text, index } of values) rows.set(`${at} ${index} ${text}`, { at: Number(at / 1_000_000n), text })
    if (values.length < pageSize) return { rows: [...rows.values()], isCut: false }
    // More than a page of the same instant cannot be told from one another.
    if (rows.size === before) break
    end = values.reduce((oldest, { at }) => (at < oldest ? at : oldest), end) + 1n
  }
  return { rows: [...rows.values()], isCut: true }
}

const hits = z.object({
  timed_out: z.boolean(),
  _shards: z.object({ total: z.number(), failed: z.number() }),
  hits: z.object({
    hits: z.array(z.object({ _source: z.record(z.string(), z.unknown()), sort: z.array(z.unknown()).optional() })),
  }),
})

async function ofElasticsearch(
  service: Service,
  { query, index = '', field, time }: Search,
  headers: Record<string, string>,
  { from, to }: Span,
): Promise<Rows> {
  const rows: { readonly at: Instant; readonly text: string }[] = []
  const range = { [time]: { gte: new Date(from).toISOString(), lte: new Date(to).toISOString() } }
  let after: Json | null = null
  for (let page = 0; page < mostPages; page += 1) {
    const body: Json = {
      size: pageSize,
      sort: [{ [time]: 'desc' }],
      query: { bool: { filter: [{ range }, { query_string: { query } }] } },
      ...(after === null ? {} : { search_after: after }),
    }
    const told = await service.shaped(hits, `/${encodeURIComponent(index)}/_search`, { method: 'POST', headers, body })
    if (told._shards.total === 0) throw new ConfigFault(`there is no index ${index}`)
    if (told.timed_out || told._shards.failed > 0)
      throw new ServiceFault(`${service.where} answered in part only: ${told._shards.failed} shards failed`)
    const found = told.hits.hits
    for (const { _source: source } of found) {
      const text = source[field]
      const at = Date.parse(String(source[time]))
      if (Number.isNaN(at)) throw new ConfigFault(`a line has no time at ${time}; name the field by time`)
      rows.push({ at, text: typeof text === 'string' ? text : JSON.stringify(source) })
    }
    if (found.length < pageSize) return { rows, isCut: false }
    after = (found.at(-1)?.sort ?? null) as Json
    if (after === null) break
  }
  return { rows, isCut: true }
}

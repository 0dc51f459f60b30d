/** Does a panel show something, and how old is the newest of it? Asked as Grafana itself asks, through its data source. */
import { z } from 'zod'
import type { Instant, Json, Millis } from '../../core/units.ts'
import { oneLine, sayMillis } from '../parts/say.ts'
import { type Service, ServiceFault } from '../parts/service-api.ts'
import type { Panel } from './model.ts'

const frame = z.object({
  schema: z.object({ fields: z.array(z.looseObject({ type: z.string().optional() })) }),
  data: z.object({ values: z.array(z.array(z.unknown())) }).optional(),
})
const answer = z.object({
  results: z.record(
    z.string(),
    z.object({ status: z.number().optional(), error: z.string().optional(), frames: z.array(frame).nullish() }),
  ),
})

export interface PanelState {
  readonly state: 'fresh' | 'empty' | 'old' | 'broken' | 'timeless'
  readonly say: string
}

export async function panelState(
  service: Service,
  { title, queries }: Panel,
  { now, rangeMs, mostMs }: { readonly now: Instant; readonly rangeMs: Millis; readonly mostMs: Millis },
): Promise<PanelState> {
  const asked = queries.map((query): Json => ({ ...query, intervalMs: 15_000, maxDataPoints: 500 }))
  const body = { queries: asked, from: String(now - rangeMs), to: String(now) }
  let told: z.infer<typeof answer>
  try {
    told = await service.shaped(answer, '/api/ds/query', { method: 'POST', body })
  } catch (fault) {
    if (!(fault instanceof ServiceFault)) throw fault
    return { state: 'broken', say: `panel ${title} cannot be asked: ${fault.message}` }
  }
  const results = Object.values(told.results)
  const error = results.find((result) => result.error !== undefined)?.error
  if (error !== undefined) return { state: 'broken', say: `panel ${title} cannot be asked: ${oneLine(error, 120)}` }
  const frames = results.flatMap(({ frames: each }) => each ?? []).filter((each) => hasValues(each))
  if (frames.length === 0) return { state: 'empty', say: `panel ${title} shows nothing` }
  const newest = Math.max(...frames.map(newestIn))
  if (newest === Number.NEGATIVE_INFINITY)
    return { state: 'timeless', say: `panel ${title} does not say of when it is` }
  const ageMs = now - newest
  const say = `panel ${title} shows values of ${sayMillis(Math.max(0, ageMs))} ago`
  return {
    state: ageMs <= mostMs ? 'fresh' : 'old',
    say: ageMs <= mostMs ? say : `${say}, at most ${sayMillis(mostMs)} expected`,
  }
}

type Frame = z.infer<typeof frame>

function valuesIn({ schema, data }: Frame): {
  readonly times: readonly unknown[] | null
  readonly rest: readonly (readonly unknown[])[]
} {
  const columns = data?.values ?? []
  const at = schema.fields.findIndex(({ type }) => type === 'time')
  return { times: at === -1 ? null : (columns[at] ?? []), rest: columns.filter((_column, index) => index !== at) }
}

function hasValues(one: Frame): boolean {
  return valuesIn(one).rest.some((column) => column.some(isValue))
}

function newestIn(one: Frame): Instant {
  const { times, rest } = valuesIn(one)
  const known = (times ?? []).filter(
    (time, index): time is number => typeof time === 'number' && rest.some((column) => isValue(column[index])),
  )
  return known.reduce((best, time) => Math.max(best, time), Number.NEGATIVE_INFINITY)
}

/** NaN comes as null. */
function isValue(value: unknown): boolean {
  return value !== null && value !== undefined
}

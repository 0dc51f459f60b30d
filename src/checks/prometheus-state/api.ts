/** What a Prometheus says about itself: its targets, its rules with their alerts, where it sends these, and instant queries. */
import { z } from 'zod'
import type { Instant, Millis } from '../../core/units.ts'
import { parseDuration } from '../../core/plan/duration.ts'
import type { Finding } from '../parts/finding.ts'
import { type Service, ServiceFault } from '../parts/service-api.ts'

const labels = z.record(z.string(), z.string())

const targetShape = z.object({
  labels,
  scrapeUrl: z.string(),
  lastError: z.string(),
  lastScrape: z.string(),
  health: z.string(),
  scrapeInterval: z.string().optional(),
})
const alertShape = z.object({ labels, state: z.enum(['firing', 'pending', 'inactive']).or(z.string()) })
const ruleShape = z.object({
  type: z.string(),
  name: z.string(),
  query: z.string(),
  /** Seconds. */
  duration: z.number().optional(),
  labels: labels.optional(),
  alerts: z.array(alertShape).optional(),
  health: z.string(),
  lastError: z.string().optional(),
  lastEvaluation: z.string().optional(),
})
const groupShape = z.object({ name: z.string(), interval: z.number(), rules: z.array(ruleShape) })

export type Target = z.infer<typeof targetShape>
export type Rule = z.infer<typeof ruleShape> & { readonly everyMs: Millis }

export async function targetsOf(service: Service): Promise<readonly Target[]> {
  const shape = z.object({ activeTargets: z.array(targetShape) })
  return (await dataOf(service, '/api/v1/targets?state=active', shape)).activeTargets
}

export async function rulesOf(service: Service): Promise<readonly Rule[]> {
  const { groups } = await dataOf(service, '/api/v1/rules', z.object({ groups: z.array(groupShape) }))
  return groups.flatMap(({ interval, rules }) => rules.map((rule) => ({ ...rule, everyMs: interval * 1_000 })))
}

/** Addresses to which alerts are sent. */
export async function alertmanagersOf(service: Service): Promise<readonly string[]> {
  const shape = z.object({ activeAlertmanagers: z.array(z.object({ url: z.string() })) })
  return (await dataOf(service, '/api/v1/alertmanagers', shape)).activeAlertmanagers.map(({ url }) => url)
}

/** Names of all labels that series have. */
export async function labelNamesOf(service: Service): Promise<ReadonlySet<string>> {
  return new Set(await dataOf(service, '/api/v1/labels', z.array(z.string())))
}

const point = z.tuple([z.number(), z.string()])

/** The one number of a query now; null = no series. */
export async function numberOf(service: Service, query: string, at: Instant): Promise<number | null> {
  const form = new URLSearchParams({ query, time: (at / 1_000).toFixed(3) })
  const shape = z.object({ result: z.array(z.object({ value: point })) })
  const [first] = (await dataOf(service, `/api/v1/query?${form.toString()}`, shape)).result
  return first === undefined ? null : Number(first.value[1])
}

/** Instants, of those from `from` on in steps, at which a query has an answer. */
export async function answeredAt(
  service: Service,
  query: string,
  { from, to, stepMs }: { readonly from: Instant; readonly to: Instant; readonly stepMs: Millis },
): Promise<ReadonlySet<Instant>> {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(3)
  const form = new URLSearchParams({ query, start: seconds(from), end: seconds(to), step: seconds(stepMs) })
  const shape = z.object({ result: z.array(z.object({ values: z.array(point) })) })
  const { result } = await dataOf(service, `/api/v1/query_range?${form.toString()}`, shape)
  return new Set(result.flatMap(({ values }) => values.map(([at]) => Math.round(at * 1_000))))
}

async function dataOf<S extends z.ZodType>(service: Service, path: string, shape: S): Promise<z.infer<S>> {
  const told = await service.shaped(envelope, path)
  // A part of the data is missing: of several servers behind one address, one does not answer.
  const warning = told.warnings?.find((text) => !text.startsWith('PromQL info'))
  if (told.status !== 'success' || warning !== undefined)
    throw new ServiceFault(`${service.where} answered in part only: ${warning ?? told.status}`)
  const read = shape.safeParse(told.data)
  if (read.success) return read.data
  throw new ServiceFault(
    `the answer of ${service.where} is not as Prometheus': ${read.error.issues[0]?.path.join('.')}`,
  )
}

const envelope = z.object({ status: z.string(), data: z.unknown(), warnings: z.array(z.string()).optional() })

/** When it last looked lies back further than it should; null = it does not. */
export function staleBy(text: string | undefined, everyMs: Millis, now: Instant): Millis | null {
  const at = Date.parse(text ?? '')
  const ageMs = Number.isNaN(at) ? Number.POSITIVE_INFINITY : now - at
  return ageMs <= Math.max(60_000, 5 * everyMs) ? null : ageMs
}

export function intervalOf({ scrapeInterval = '1m' }: Target): Millis {
  const read = parseDuration(scrapeInterval)
  return read.ok ? read.value : 60_000
}

export function found(
  state: Finding['state'],
  say: string,
  facts: Finding['facts'],
  lines: readonly string[] = [],
): Finding {
  return { state, say, facts, lines }
}

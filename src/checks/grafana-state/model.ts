/** Dashboards of Grafana as its API gives them: which there are, their panels, and what these ask with their variables filled in. */
import { z } from 'zod'
import type { Json } from '../../core/units.ts'
import type { Service } from '../parts/service-api.ts'

const sourceRef = z.union([
  z.string(),
  z.looseObject({ uid: z.string().optional(), type: z.string().optional() }),
  z.null(),
])
const target = z.looseObject({
  refId: z.string().optional(),
  hide: z.boolean().optional(),
  datasource: sourceRef.optional(),
})
const panelBase = z.looseObject({
  title: z.string().optional(),
  type: z.string(),
  datasource: sourceRef.optional(),
  targets: z.array(target).optional(),
})
const panel = panelBase.extend({ panels: z.array(panelBase).optional() })
const variable = z.looseObject({
  name: z.string(),
  allValue: z.string().nullish(),
  current: z.looseObject({ value: z.union([z.string(), z.array(z.string())]).optional() }).optional(),
})
const dashboardShape = z.object({
  dashboard: z.looseObject({
    uid: z.string(),
    title: z.string(),
    panels: z.array(panel).default([]),
    templating: z.looseObject({ list: z.array(variable).default([]) }).optional(),
  }),
})

export type Dashboard = z.infer<typeof dashboardShape>['dashboard']

export interface Panel {
  readonly title: string
  /** What it asks, each with its data source; empty = it asks nothing, such as a text. */
  readonly queries: readonly Readonly<Record<string, Json>>[]
}

/** By uid, or else by title; null = there is none, or several of this title. */
export async function dashboardNamed(service: Service, name: string): Promise<Dashboard | { readonly why: string }> {
  const read = async (uid: string): Promise<Dashboard | null> => {
    const told = await service.ask(`/api/dashboards/uid/${encodeURIComponent(uid)}`)
    if (told === null) return null
    return (await service.shaped(dashboardShape, `/api/dashboards/uid/${encodeURIComponent(uid)}`)).dashboard
  }
  const found = await service.shaped(
    z.array(z.looseObject({ uid: z.string(), title: z.string() })),
    `/api/search?type=dash-db&limit=5000&query=${encodeURIComponent(name)}`,
  )
  const titled = found.filter(({ title }) => title === name)
  if (titled.length > 1)
    return { why: `${titled.length} dashboards are called ${name}; name the uid, such as ${titled[0]?.uid}` }
  const uid = titled[0]?.uid ?? (/^[\w-]{1,60}$/.test(name) ? name : null)
  return (uid === null ? null : await read(uid)) ?? { why: `there is no dashboard ${name}` }
}

/** Data sources by uid and by name; `default` is under the empty name. */
export async function dataSourcesOf(service: Service): Promise<ReadonlyMap<string, string>> {
  const shape = z.array(z.looseObject({ uid: z.string(), name: z.string(), isDefault: z.boolean().optional() }))
  const sources = await service.shaped(shape, '/api/datasources')
  return new Map(
    sources.flatMap(({ uid, name, isDefault }): (readonly [string, string])[] => [
      [uid, uid],
      [name, uid],
      ...(isDefault === true ? [['', uid] as const] : []),
    ]),
  )
}

/** Rows folded up hold panels as well. What takes its data from another panel asks nothing itself. */
export function panelsOf(
  dashboard: Dashboard,
  variables: Readonly<Record<string, string>>,
  sources: ReadonlyMap<string, string>,
): readonly Panel[] {
  const put = putter(dashboard, variables)
  return dashboard.panels
    .flatMap((one) => [one, ...(one.panels ?? [])])
    .filter(({ type }) => type !== 'row')
    .map((one) => {
      const asks = (one.targets ?? []).filter(({ hide }) => hide !== true)
      const queries = asks.map((each, index) => {
        const uid = uidOf(each.datasource, one.datasource, put, sources)
        const filled = deeply(each as Json, put) as Readonly<Record<string, Json>>
        return { refId: String.fromCodePoint(65 + index), ...filled, datasource: { uid } }
      })
      const own = queries.filter(({ datasource }) => datasource.uid !== '-- Dashboard --')
      return { title: put(one.title ?? '') || `(${one.type})`, queries: own }
    })
}

type Ref = z.infer<typeof sourceRef> | undefined

function uidOf(own: Ref, ofPanel: Ref, put: (text: string) => string, sources: ReadonlyMap<string, string>): string {
  const said = [own, ofPanel].map((ref) => (typeof ref === 'string' ? ref : (ref?.uid ?? ''))).map(put)
  const name = said.find((one) => one !== '' && one !== '-- Mixed --' && one !== 'default') ?? ''
  return sources.get(name) ?? name
}

/** `$name`, `${name}`, `${name:regex}`, `[[name]]`: what the checklist says, or what the dashboard has chosen. */
function putter({ templating }: Dashboard, given: Readonly<Record<string, string>>): (text: string) => string {
  const chosen = new Map<string, string>()
  for (const { name, current, allValue } of templating?.list ?? []) {
    const values = [current?.value ?? []].flat()
    const value = values.includes('$__all')
      ? (allValue ?? '.*')
      : values.length > 1
        ? `(${values.join('|')})`
        : values[0]
    if (value !== undefined) chosen.set(name, value === '' ? '.*' : value)
  }
  for (const [name, value] of Object.entries(given)) chosen.set(name, value)
  return (text) =>
    text.replace(
      /\$(\w+)|\$\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\]/g,
      (whole, bare?: string, braced?: string, old?: string) => chosen.get(bare ?? braced ?? old ?? '') ?? whole,
    )
}

function deeply(value: Json, put: (text: string) => string): Json {
  if (typeof value === 'string') return put(value)
  if (Array.isArray(value)) return value.map((one) => deeply(one, put))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, deeply(one, put)]))
}

/** What is asked of CloudWatch, as authors write it: `Sum AWS/Lambda:Errors{FunctionName="shop-api"}`, or a query of Metrics Insights. */

export interface MetricAsked {
  /** `Sum`, `p95`; null = none is said. */
  readonly stat: string | null
  readonly namespace: string
  readonly metric: string
  readonly dimensions: readonly (readonly [name: string, value: string])[]
  /** Edges of buckets, ascending; empty = none. */
  readonly edges: readonly number[]
}

export type CloudwatchQuery = {
  /** The author says that what was never counted is zero. */
  readonly absentIsZero: boolean
} & (
  | { readonly kind: 'metric'; readonly asked: MetricAsked }
  | { readonly kind: 'insights'; readonly expression: string }
)

export type ReadQuery =
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'query'; readonly query: CloudwatchQuery }

export const queryExample = 'Sum AWS/Lambda:Errors{FunctionName="shop-api",{{arm}}}'

const stats = /^(?:Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(?:\.\d{1,2})?|tm\d{1,2}(?:\.\d{1,2})?)$/
const whole =
  /^(?:(\S+)\s+)?([A-Za-z0-9_./-]+):([A-Za-z0-9_./-]+)\s*(?:\{([^{}]*)\})?(?:\s+le\s+(\d[\d.]*(?:\s*,\s*\d[\d.]*)*))?$/
const dimension = /\s*([A-Za-z0-9_.-]+)\s*=\s*"([^"\\]*)"\s*(?:,|$)/y

export function readQuery(text: string): ReadQuery {
  const trimmed = text.trim()
  const absentIsZero = /\sor\s+0$/i.test(trimmed)
  const words = trimmed.replace(/\sor\s+0$/i, '').trim()
  if (/^select\b/i.test(words)) return { kind: 'query', query: { kind: 'insights', expression: words, absentIsZero } }
  const [, stat = null, namespace, metric, inside = '', le = ''] = whole.exec(words) ?? []
  if (namespace === undefined || metric === undefined) return refused('it is no query for CloudWatch')
  const known = stat === null ? null : statOf(stat)
  if (stat !== null && known === null)
    return refused(`there is no statistic ${stat}; Sum, SampleCount, Average, Maximum or p95`)
  const dimensions = dimensionsIn(inside)
  if (dimensions === null) return refused(`${inside} are no dimensions, expected Name="value", …`)
  const edges = le === '' ? [] : le.split(',').map(Number)
  if (edges.some((edge, index) => Number.isNaN(edge) || edge <= (edges[index - 1] ?? 0)))
    return refused('edges behind le grow from one to the next')
  return {
    kind: 'query',
    query: { kind: 'metric', asked: { stat: known, namespace, metric, dimensions, edges }, absentIsZero },
  }
}

/** Of an unrendered query for the compiler: what keeps it from ever being answered. */
export function checkQuery(
  kind: 'ratio' | 'histogram' | 'gauge' | 'events' | 'value',
  _name: string,
  text: string,
): { readonly expected: string; readonly example: string } | null {
  const filled = text.replace(/\{\{\s*arm\s*\}\}/g, 'Arm="x"').replace(/\{\{[^{}]*\}\}/g, 'x')
  const read = readQuery(filled)
  const why = read.kind === 'refused' ? read.why : unfit(kind, read.query)
  const example = kind === 'histogram' ? 'AWS/ApplicationELB:TargetResponseTime{{{arm}}} le 0.1,0.5,1' : queryExample
  return why === null ? null : { expected: `a query for CloudWatch: ${why}`, example }
}

/** Why a query does not fit what is asked; null = it does. */
export function unfit(
  kind: 'ratio' | 'histogram' | 'gauge' | 'events' | 'value',
  query: CloudwatchQuery,
): string | null {
  if (kind === 'histogram')
    return query.kind === 'metric' && query.asked.edges.length > 0 && query.asked.stat === null
      ? null
      : 'buckets are a metric with its edges and no statistic, such as … le 0.1,0.5,1'
  if (query.kind === 'insights') return null
  const { stat, edges } = query.asked
  if (edges.length > 0) return 'only buckets have edges'
  if (stat === null) return 'a statistic stands in front, such as Sum'
  if ((kind === 'ratio' || kind === 'events') && stat !== 'Sum' && stat !== 'SampleCount')
    return `a count is a Sum or SampleCount, and ${stat} is none`
  return null
}

function statOf(word: string): string | null {
  const usual = ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'].find(
    (each) => each.toLowerCase() === word.toLowerCase(),
  )
  return usual ?? (stats.test(word) ? word : null)
}

function dimensionsIn(text: string): readonly (readonly [string, string])[] | null {
  const found: (readonly [string, string])[] = []
  for (let at = 0; text.slice(at).trim() !== ''; ) {
    dimension.lastIndex = at
    const [, name, value] = dimension.exec(text) ?? []
    if (name === undefined || value === undefined || value === '') return null
    found.push([name, value])
    at = dimension.lastIndex
  }
  return found
}

function refused(why: string): ReadQuery {
  return { kind: 'refused', why }
}

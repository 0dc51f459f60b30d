/** Queries for numbers whose series nobody has named yet: each run asks for the names, as inputs of the checklist. */
import type { Metric } from './limits.ts'

/** A query and the inputs that it takes. */
interface Asked {
  readonly failed: string
  readonly all: string
  readonly buckets: string
}

const series: Asked = { failed: 'failed_requests', all: 'all_requests', buckets: 'latency_buckets' }

/** What these inputs are, for whoever is asked for them. */
export const blanks: Readonly<Record<string, string>> = {
  [series.failed]: 'counter in Prometheus of requests that failed',
  [series.all]: 'counter in Prometheus of all requests',
  [series.buckets]: 'histogram in Prometheus of response times, the series that ends in _bucket',
}

/** The kind and the queries of a metric of a judge, as YAML settings. */
export function judgeQueries({ name, kind, worse }: Metric): readonly string[] {
  const of = (input: string): string => `{__name__="{{ input.${input} }}",{{arm}}}`
  if (kind === 'ratio')
    return ['kind: ratio', `bad: 'sum(rate(${of(series.failed)}[1m]))'`, `total: 'sum(rate(${of(series.all)}[1m]))'`]
  if (kind === 'histogram') return ['kind: histogram', `buckets: 'sum by (le) (rate(${of(series.buckets)}[1m]))'`]
  return ['kind: gauge', `query: '${worse === 'higher' ? 'max' : 'min'}(${of(seriesName(name))})'`]
}

/** One number of the whole service. */
export function valueQuery({ name, kind, worse }: Metric, quantile: string | null): string {
  const of = (input: string): string => `{__name__="{{ input.${input} }}"}`
  if (kind === 'ratio') return `sum(rate(${of(series.failed)}[5m])) / sum(rate(${of(series.all)}[5m]))`
  if (kind === 'histogram') {
    const share = Number(`0.${(quantile ?? 'p95').slice(1).replace('.', '')}`)
    return `histogram_quantile(${share}, sum by (le) (rate(${of(series.buckets)}[5m])))`
  }
  return `${worse === 'higher' ? 'max' : 'min'}(${of(seriesName(name))})`
}

function seriesName(metric: string): string {
  return `${metric.replaceAll('-', '_')}_series`
}

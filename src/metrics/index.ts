/** Every metric source there is. */
import type { MetricSourceDefinition } from '../core/ports/metrics.ts'
import { cloudwatch } from './cloudwatch.ts'
import { httpJson } from './http-json.ts'
import { prometheus } from './prometheus.ts'
import { scrape } from './scrape.ts'
import { sentry } from './sentry.ts'
import { sql } from './sql.ts'

export const metricSources: readonly MetricSourceDefinition<never>[] = [
  cloudwatch,
  httpJson,
  prometheus,
  scrape,
  sentry,
  sql,
] as never

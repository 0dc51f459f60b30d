/** Every metric source there is. */
import type { MetricSourceDefinition } from '../core/ports/metrics.ts'
import { prometheus } from './prometheus.ts'
import { scrape } from './scrape.ts'

export const metricSources: readonly MetricSourceDefinition<never>[] = [prometheus, scrape] as never

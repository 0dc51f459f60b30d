/** Counts whom a canary has harmed: requests that failed there, beside how many of as many would have failed at stable. */
import type { SampleBatch } from '../../core/judge/verdict.ts'
import type { MetricPlan } from '../../core/plan/plan.ts'
import type { ChartHarm } from './chart.ts'

interface Counts {
  requests: number
  failed: number
  stableRequests: number
  stableFailed: number
}

export class HarmCount {
  readonly #counts = new Map<string, Counts>()

  /** Of a stage or watch; the time before it harms nobody new. */
  add({ samples, history }: SampleBatch, metrics: readonly MetricPlan[]): void {
    if (history === true) return
    for (const { metric, canary, stable } of samples) {
      const plan = metrics.find(({ name }) => name === metric)
      if (canary.kind !== 'ratio' || plan === undefined || plan.worse === 'lower') continue
      const counts = this.#of(metric)
      counts.requests += finite(canary.total)
      counts.failed += finite(canary.bad)
      if (stable.kind !== 'ratio') continue
      counts.stableRequests += finite(stable.total)
      counts.stableFailed += finite(stable.bad)
    }
  }

  told(): readonly ChartHarm[] {
    return [...this.#counts].map(([metric, { requests, failed, stableRequests, stableFailed }]) => ({
      metric,
      requests: Math.round(requests),
      failed: Math.round(failed),
      wouldHave: stableRequests > 0 ? Math.round((requests * stableFailed) / stableRequests) : null,
    }))
  }

  #of(metric: string): Counts {
    const known = this.#counts.get(metric) ?? { requests: 0, failed: 0, stableRequests: 0, stableFailed: 0 }
    this.#counts.set(metric, known)
    return known
  }
}

function finite(count: number): number {
  return Number.isFinite(count) ? count : 0
}

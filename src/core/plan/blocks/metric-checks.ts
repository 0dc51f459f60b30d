/** Settings of a metric that cannot all be meant: units, quantiles, directions, distances. */
import type { ParsedLimit } from '../limit.ts'
import type { MetricPlan, RelativeLimit } from '../plan.ts'
import type { Settings } from '../settings.ts'
import type { FilePlace } from '../yaml.ts'

export const example = 'errors: { kind: ratio, bad: "…", total: "…", go: "< 1%", rollback: "> 2%" }'

/** Where a setting stands; null where it was not written. */
export type Written = Readonly<Record<'go-versus-stable' | 'worse' | 'floor' | 'outage', FilePlace | null>>

export function writtenIn(settings: Settings): Written {
  const place = (name: string): FilePlace | null => settings.peek(name)?.value.place ?? null
  return {
    'go-versus-stable': place('go-versus-stable'),
    worse: place('worse'),
    floor: place('floor'),
    outage: place('outage'),
  }
}

export function checkMetric(
  metric: MetricPlan,
  units: readonly ParsedLimit['unit'][],
  written: Written,
  settings: Settings,
): void {
  checkUnits(metric, units, settings)
  checkQuantiles(metric, settings)
  checkDirection(metric, written.worse, settings)
  checkOutage(metric, written.outage, settings)
  checkGoDistance(metric.goVersusStable ?? [], metric, written['go-versus-stable'] ?? settings.place, settings)
}

function checkUnits(metric: MetricPlan, units: readonly ParsedLimit['unit'][], settings: Settings): void {
  // A ratio may be written as 0.01; anything else beside percentages is a slip of the unit.
  const odd = units.find((unit) => unit !== metric.unit && !(metric.unit === 'ratio' && unit === 'plain'))
  if (odd === undefined) return
  settings.error('bad-limit', settings.place, {
    found: `limits of the metric "${metric.name}" in ${odd} beside ${metric.unit}`,
    expected: 'one unit for all its limits',
    example,
  })
}

function checkQuantiles(metric: MetricPlan, settings: Settings): void {
  const { name, kind, go, rollback, versusStable, goVersusStable = [] } = metric
  const wrong = [...go, ...rollback, ...versusStable, ...goVersusStable].find(
    (limit) => (limit.quantile !== null) !== (kind === 'histogram'),
  )
  if (!wrong) return
  settings.error('bad-limit', settings.place, {
    found: `the limit "${wrong.text}" of the ${kind} "${name}"`,
    expected:
      kind === 'histogram' ? 'a quantile in each limit of a histogram: p95 < 2s' : 'quantiles only for a histogram',
    example,
  })
}

/** A metric that is worse when it falls is not turned back for rising. */
function checkDirection(metric: MetricPlan, place: FilePlace | null, settings: Settings): void {
  if (place === null) return
  const { name, kind, worse } = metric
  const good = worse === 'lower' ? '>' : '<'
  const wrong = metric.rollback.find((limit) => limit.operator.startsWith(good))
  if (kind === 'histogram' && worse === 'lower')
    settings.error('bad-value', place, {
      found: `"worse: lower" of the histogram "${name}"`,
      expected: 'nothing: the slower is the worse',
      example: 'latency: { kind: histogram, buckets: "…", go: "p95 < 2s" }',
    })
  else if (wrong)
    settings.error('bad-limit', place, {
      found: `"worse: ${worse}" beside rollback "${wrong.text}" of the metric "${name}"`,
      expected: `a rollback limit with ${good === '>' ? '<' : '>'}, or the other direction`,
      example: 'logins: { kind: ratio, bad: "…", total: "…", worse: lower, go: "> 95%", rollback: "< 90%" }',
    })
}

/** What is an outage at once must be worse than what is a breach after a while. */
function checkOutage(metric: MetricPlan, place: FilePlace | null, settings: Settings): void {
  const { name, outage } = metric
  const breach = metric.rollback.find((limit) => limit.operator.startsWith('>'))
  if (place === null || outage === undefined || outage === null || !breach || outage > breach.value) return
  settings.error('bad-limit', place, {
    found: `an outage from ${shownShare(outage)} on, beside rollback "${breach.text}" of the metric "${name}"`,
    expected: 'an outage beyond the rollback limit',
    example: 'errors: { …, rollback: "> 2%", outage: 10% }',
  })
}

function shownShare(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`
}

/** To go, a difference of this size must be excluded: no difference at all never can be, an impossible one always is. */
export function checkGoDistance(
  limits: readonly RelativeLimit[],
  { name, worse }: Pick<MetricPlan, 'name' | 'worse'>,
  place: FilePlace,
  settings: Settings,
): void {
  for (const { relative, points, text } of limits) {
    const size = Math.abs(relative ?? points ?? 0)
    const wrong =
      size === 0 ? 'which no canary can ever show' : isImpossible(relative, worse) && 'which no canary can miss'
    if (wrong === false) continue
    settings.error('bad-limit', place, {
      found: `go-versus-stable "${text}" of the metric "${name}", ${wrong}`,
      expected: size === 0 ? 'a distance above 0' : 'a distance below 100%: nothing is less than nothing',
      example: 'latency: { kind: histogram, buckets: "…", versus-stable: "p95 +20%", go-versus-stable: "p95 +35%" }',
    })
  }
}

function isImpossible(relative: number | null, worse: MetricPlan['worse']): boolean {
  return worse === 'lower' && relative !== null && Math.abs(relative) >= 1
}

/** Settings that only a share of requests has. */
export function refuseShareSettings(
  metric: Pick<MetricPlan, 'name' | 'kind'>,
  written: Written,
  settings: Settings,
): void {
  for (const name of ['floor', 'outage'] as const) {
    const place = written[name]
    settings.take(name)
    if (place === null) continue
    settings.error('conflicting-attributes', place, {
      found: `"${name}" of the ${metric.kind} "${metric.name}"`,
      expected: 'a share of bad requests, which only a ratio has',
      example: `errors: { kind: ratio, …, ${name}: ${name === 'floor' ? '0.1%' : '10%'} }`,
    })
  }
}

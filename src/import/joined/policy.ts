/** Go, hold and rollback in one policy: every limit that a document lays on a rollout, as metrics of one judge. */
import type { FoundLimit, Metric } from './limits.ts'

/** What a limit is for: below it the rollout goes on, or beyond it the release turns back. */
export interface Ruling {
  readonly limit: FoundLimit
  readonly zone: 'go' | 'rollback'
  /** Stage by its place in the list; null = all of them. */
  readonly stage: number | null
}

interface Zones {
  readonly go: readonly string[]
  readonly rollback: readonly string[]
  readonly versusStable: readonly string[]
}

export interface PolicyMetric extends Zones {
  readonly metric: Metric
  /** What single stages say more strictly, by their place. */
  readonly overrides: ReadonlyMap<number, Partial<Zones>>
}

export interface Policy {
  readonly metrics: readonly PolicyMetric[]
}

/** `error rate and latency`. */
export function namesOf({ metrics }: Policy): string {
  const names = metrics.map(({ metric }) => metric.name.replaceAll('-', ' '))
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** The loosest limit holds everywhere; a stage that says more has it for itself. */
export function policyOf(rulings: readonly Ruling[]): Policy {
  const byMetric = new Map<string, Ruling[]>()
  for (const ruling of rulings.filter(isFitting)) {
    const name = ruling.limit.metric.name
    const of = byMetric.get(name)
    if (of) of.push(ruling)
    else byMetric.set(name, [ruling])
  }
  const metrics = [...byMetric.values()].flatMap((of) => {
    const [first] = of
    return first ? metricOf(first.limit.metric, of) : []
  })
  return { metrics }
}

/** A limit on the wrong side, such as a go above 2 % of errors, was meant for something else. */
function isFitting({ limit, zone }: Ruling): boolean {
  const isUpper = limit.operator.startsWith('<')
  if (limit.isRelative) return zone === 'rollback' && !isUpper
  return (limit.metric.worse === 'higher') === (isUpper === (zone === 'go'))
}

function metricOf(metric: Metric, rulings: readonly Ruling[]): readonly PolicyMetric[] {
  const go = chosen(metric, rulings, 'go')
  const rollback = chosen(metric, rulings, 'rollback')
  const versus = rulings.filter(({ limit }) => limit.isRelative).sort((a, b) => b.limit.value - a.limit.value)
  const [widest] = versus
  const goes = go.base.filter((each) => isApart(each, rollback.base, metric))
  const base = {
    go: goes.map(textOf),
    rollback: rollback.base.map(textOf),
    versusStable: widest ? [distanceOf(widest.limit)] : [],
  }
  if (base.go.length + base.rollback.length + base.versusStable.length === 0) return []
  const overrides = new Map<number, Partial<Zones>>()
  const stages = new Set([...go.stricter.keys(), ...rollback.stricter.keys()])
  for (const stage of [...stages].sort((a, b) => a - b)) {
    const own = { go: go.stricter.get(stage) ?? [], rollback: rollback.stricter.get(stage) ?? [] }
    // A stage whose own limits contradict each other, or what holds everywhere, has none of them.
    const others = [...own.rollback, ...rollback.base]
    if (![...own.go, ...goes].every((each) => isApart(each, others, metric))) continue
    overrides.set(stage, {
      ...(own.go.length > 0 && { go: own.go.map(textOf) }),
      ...(own.rollback.length > 0 && { rollback: own.rollback.map(textOf) }),
    })
  }
  return [{ metric, ...base, overrides }]
}

interface Chosen {
  readonly base: readonly FoundLimit[]
  readonly stricter: ReadonlyMap<number, readonly FoundLimit[]>
}

/** By quantile: the loosest of all stages, and what single stages say more strictly. */
function chosen(metric: Metric, rulings: readonly Ruling[], zone: Ruling['zone']): Chosen {
  const base: FoundLimit[] = []
  const stricter = new Map<number, FoundLimit[]>()
  const own = rulings.filter((each) => each.zone === zone && !each.limit.isRelative)
  for (const quantile of new Set(own.map(({ limit }) => quantileOf(limit)))) {
    const of = own.filter(({ limit }) => quantileOf(limit) === quantile)
    const sign = metric.worse === 'higher' ? -1 : 1
    const [loosest] = of.toSorted((a, b) => sign * (inUnit(a.limit) - inUnit(b.limit)))
    if (!loosest) continue
    base.push(loosest.limit)
    for (const { limit, stage } of of)
      if (
        stage !== null &&
        inUnit(limit) !== inUnit(loosest.limit) &&
        !stricter.get(stage)?.some((each) => quantileOf(each) === quantile)
      )
        stricter.set(stage, [...(stricter.get(stage) ?? []), limit])
  }
  return { base, stricter }
}

/** Between the two there is room for grey, or nothing at all; they never overlap. */
function isApart(go: FoundLimit, rollbacks: readonly FoundLimit[], { worse }: Metric): boolean {
  return rollbacks.every((limit) => {
    if (quantileOf(limit) !== quantileOf(go)) return true
    if ((limit.unit === '') !== (go.unit === '')) return false
    return worse === 'higher' ? inUnit(go) <= inUnit(limit) : inUnit(go) >= inUnit(limit)
  })
}

function inUnit({ value, unit }: FoundLimit): number {
  return unit === 'ms' ? value / 1000 : value
}

/** Where the words name no quantile of a latency, nearly everybody is meant. */
function quantileOf({ metric, quantile }: FoundLimit): string | null {
  return metric.kind === 'histogram' ? (quantile ?? 'p95') : null
}

/** `< 1%`, `p95 < 2s`. */
export function textOf(limit: FoundLimit): string {
  const quantile = quantileOf(limit)
  return `${quantile === null ? '' : `${quantile} `}${limit.operator} ${limit.value}${limit.unit}`
}

function distanceOf(limit: FoundLimit): string {
  const quantile = quantileOf(limit)
  return `${quantile === null ? '' : `${quantile} `}+${limit.value}%`
}

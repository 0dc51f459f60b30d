/** What a checklist says is usual at its service: how much traffic, how many errors, how slow. */
import type { TrafficPlan } from '../plan.ts'
import { parsed, type Parsed, unparsed } from '../parsed.ts'
import { parseChance, parseQuantity, parseRate } from '../quantity.ts'
import type { Settings } from '../settings.ts'

const example = 'traffic: { rate: 200/s, error-rate: 0.3%, p95: 380ms }'

/** `200/s`, or a mapping with more of it. null = nothing usable is said. */
export function readTraffic(settings: Settings): TrafficPlan | null {
  if (settings.peek('traffic')?.value.kind !== 'map') {
    const perSecond = settings.parse('traffic', parseRate)
    return perSecond === null ? null : { perSecond, errorRate: null, p95Seconds: null }
  }
  const group = settings.group('traffic')
  if (group === null) return null
  const isRated = group.has('rate')
  const perSecond = group.parse('rate', parseRate)
  const errorRate = group.parse('error-rate', parseChance)
  const p95Seconds = group.parse('p95', parseLatency)
  if (!isRated) group.missing('rate', 'rate: requests in a time', example)
  group.finish(example)
  return perSecond === null ? null : { perSecond, errorRate, p95Seconds }
}

/** A duration above nought, in seconds. */
export function parseLatency(text: string): Parsed<number> {
  const quantity = parseQuantity(text)
  if (quantity.ok && quantity.value.unit === 'seconds' && quantity.value.value > 0) return parsed(quantity.value.value)
  return unparsed('a duration above 0', '380ms')
}

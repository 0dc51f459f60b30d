/** Raw counters of an arm to counts per interval, whatever the source did: resets, gaps, missing and impossible numbers. */

/** What one arm counted in one interval. `buckets` are cumulative over the edges; null = not usable. */
export interface ArmCounts {
  readonly requests: number
  readonly errors: number
  readonly buckets: readonly number[] | null
  readonly events: Readonly<Record<string, number>>
}

/** null = nothing usable. `edges` is the length that `buckets` must have. */
export function cleanCounts(given: unknown, edges: number): ArmCounts | null {
  if (typeof given !== 'object' || given === null) return null
  const { requests, errors, buckets, events } = given as Record<string, unknown>
  if (!isCount(requests) || !isCount(errors)) return null
  return {
    requests,
    errors,
    buckets: isHistogram(buckets, edges) ? buckets : null,
    events: countsIn(events),
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

function isHistogram(value: unknown, edges: number): value is readonly number[] {
  if (edges < 2 || !Array.isArray(value) || value.length !== edges) return false
  // Rates of buckets differ in the last digits; more than that is a wrong answer.
  return value.every((count, k) => isCount(count) && (k === 0 || count >= (value[k - 1] as number) * (1 - 1e-9) - 1e-9))
}

function countsIn(events: unknown): Readonly<Record<string, number>> {
  if (typeof events !== 'object' || events === null) return {}
  return Object.fromEntries(Object.entries(events).filter((entry): entry is [string, number] => isCount(entry[1])))
}

/** The difference between two readings of raw counters. A counter that fell was reset: what it shows is new. */
export function increaseOf(now: ArmCounts, before: ArmCounts): ArmCounts {
  const wasReset = now.requests < before.requests
  const since = (value: number, base: number | undefined): number =>
    wasReset || base === undefined || value < base ? value : value - base
  return {
    requests: since(now.requests, before.requests),
    errors: since(now.errors, before.errors),
    buckets: bucketsSince(now.buckets, before.buckets, wasReset),
    events: Object.fromEntries(
      Object.entries(now.events).map(([name, value]) => [name, since(value, before.events[name])]),
    ),
  }
}

function bucketsSince(
  now: ArmCounts['buckets'],
  before: ArmCounts['buckets'],
  wasReset: boolean,
): ArmCounts['buckets'] {
  if (now === null || wasReset) return now
  if (before === null) return null
  return now.map((value, k) => (value < (before[k] as number) ? value : value - (before[k] as number)))
}

/** Skew between two reads can show more errors than requests. */
export function withinRequests(counts: ArmCounts): ArmCounts {
  return counts.errors <= counts.requests ? counts : { ...counts, errors: counts.requests }
}

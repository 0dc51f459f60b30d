/** Does a Prometheus hold series of these metrics now, and over a time without holes? */
import type { Instant, Millis } from '../../core/units.ts'
import { counted, type Finding, listed } from '../parts/finding.ts'
import { sayMillis } from '../parts/say.ts'
import type { Service } from '../parts/service-api.ts'
import { answeredAt, found, numberOf } from './api.ts'

export interface AskedSeries {
  readonly metrics: readonly string[]
  /** No hole within this time; null = only now is asked. */
  readonly overMs: Millis | null
  /** Longer silence than this is a hole. */
  readonly silenceMs: Millis
}

/** A server answers no range of more points than this. */
export const mostPoints = 10_000

export async function seriesFindings(service: Service, asked: AskedSeries, now: Instant): Promise<readonly Finding[]> {
  const { metrics, overMs, silenceMs } = asked
  const window = `[${Math.ceil(silenceMs / 1_000)}s]`
  const counts = await Promise.all(
    metrics.map(
      async (name) => [name, await numberOf(service, `count(count_over_time(${name}${window}))`, now)] as const,
    ),
  )
  const absent = counts.filter(([, count]) => !(count !== null && count > 0)).map(([name]) => name)
  const facts = {
    series: Object.fromEntries(counts.map(([name, count]) => [name, count ?? 0])),
    series_missing: absent,
  }
  if (absent.length > 0) return [found('bad', `no sample of ${listed(absent)} within ${sayMillis(silenceMs)}`, facts)]
  const holes = overMs === null ? [] : await holesOf(service, asked, window, overMs, now)
  if (holes.length > 0) return [found('bad', holes.join('; '), { ...facts, gaps: holes })]
  const since = overMs === null ? '' : `, without a gap in ${sayMillis(overMs)}`
  return [found('good', `samples of ${listed(metrics)}${since}`, facts)]
}

async function holesOf(
  service: Service,
  { metrics, silenceMs }: AskedSeries,
  window: string,
  overMs: Millis,
  now: Instant,
): Promise<readonly string[]> {
  const steps = Math.floor(overMs / silenceMs)
  const to = Math.floor(now / 1_000) * 1_000
  const instants = Array.from({ length: steps }, (_, index) => to - (steps - 1 - index) * silenceMs)
  const span = { from: instants[0] ?? to, to, stepMs: silenceMs }
  const each = await Promise.all(
    metrics.map(async (name) => {
      const known = await answeredAt(service, `count(count_over_time(${name}${window}))`, span)
      const missing = instants.filter((at) => !known.has(at))
      const [first] = missing
      return first === undefined
        ? []
        : [
            `${name} has ${counted(missing.length, 'gap')} of ${sayMillis(silenceMs)}, the first before ${new Date(first).toISOString()}`,
          ]
    }),
  )
  return each.flat()
}

/** Reads `low-traffic` of a window: which number has to be low, now and as a rule at this time of the week. */
import { nearest } from './nearest.ts'
import { parsed, unparsed, type Parsed } from './parsed.ts'
import type { LowTraffic } from './plan-windows.ts'
import type { Settings } from './settings.ts'
import type { FilePlace } from './yaml.ts'

const example = "low-traffic: { on: prom, query: 'sum(rate(http_requests_total[5m]))', below: 100, for: 10m }"
const tenMinutes = 600_000
const dayMs = 86_400_000
/** As much as a Prometheus keeps where nobody told it otherwise: 15 days. */
const usualWeeks = 2

export function readLowTraffic(settings: Settings, sources: ReadonlyMap<string, string>): LowTraffic | null {
  const group = settings.group('low-traffic')
  if (group === null) return null
  const place = group.placeOf('on')
  const source = group.text('on') ?? group.missing('on', 'on: a source', example)
  const query = group.text('query') ?? group.missing('query', 'query: what answers one number', example)
  const isSaid = group.has('below') || group.has('usual-below')
  const below = group.parse('below', parseLevel)
  const usually = group.parse('usual-below', parseLevel)
  const weeksPlace = group.placeOf('weeks')
  const weeks = group.whole('weeks', 1, 12)
  const forPlace = group.placeOf('for')
  const forMs = group.duration('for') ?? tenMinutes
  if (!isSaid) group.missing('below', 'below: a number, or usual-below: a number', example)
  if (weeks !== null && usually === null)
    group.error('conflicting-attributes', weeksPlace, {
      found: `"weeks" without "usual-below" in ${group.what}`,
      expected: 'usual-below: what the number has to be below as a rule',
      example: 'low-traffic: { on: prom, query: …, usual-below: 100, weeks: 4 }',
    })
  if (usually !== null && forMs > dayMs)
    group.error('bad-value', forPlace, {
      found: `more than a day for "for" beside "usual-below" in ${group.what}`,
      expected: 'at most 24h: how long it has to stay low',
      example: 'low-traffic: { on: prom, query: …, usual-below: 100, for: 2h }',
    })
  group.finish(example)
  if (source === null || !isSourceWithPast(source, place, sources, settings)) return null
  if (query === null || (below === null && usually === null)) return null
  return {
    source,
    query,
    ...(below !== null && { below }),
    forMs,
    ...(usually !== null && { usual: { below: usually, weeks: weeks ?? usualWeeks } }),
  }
}

function parseLevel(text: string): Parsed<number> {
  return /^\d+(\.\d+)?$/.test(text) ? parsed(Number(text)) : unparsed('a number from 0', '100')
}

function isSourceWithPast(
  source: string,
  place: FilePlace,
  sources: ReadonlyMap<string, string>,
  settings: Settings,
): boolean {
  const correct = 'sources: { prom: { kind: prometheus, url: http://localhost:9090 } }'
  const kind = sources.get(source)
  if (kind === 'prometheus') return true
  if (kind === undefined) {
    const known = [...sources.keys()]
    const expected = known.length === 0 ? 'a source declared in the front matter' : nearest(source, known)
    settings.error('unknown-source', place, { found: `unknown source "${source}"`, expected, example: correct })
  } else {
    const found = `the source "${source}" of kind ${kind}, which keeps no past, for "low-traffic"`
    settings.error('bad-value', place, { found, expected: 'a source of kind prometheus', example: correct })
  }
  return false
}

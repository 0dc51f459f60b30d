/** What the judge says of a metric, with every limit that its sentence does not name already. */
import type { MetricView } from '../../../../src/api/wire/web.ts'
import { visible } from './visible.ts'

/** Without the zone's word, which stands beside it. */
export function sayOf({ say, zone }: Pick<MetricView, 'say' | 'zone'>): string {
  return visible(say.startsWith(`${zone}: `) ? say.slice(zone.length + 2) : say)
}

/** ` · go < 5% · rollback > 8%`, or nothing. */
export function limitsBeside({ limits: { go, rollback, versusStable }, say }: MetricView): string {
  const all = [
    [go, 'go'],
    [rollback, 'rollback'],
    [versusStable, 'versus stable'],
  ] as const
  return all
    .filter(([limit]) => limit !== null && !say.includes(limit))
    .map(([limit, word]) => ` · ${word} ${visible(limit ?? '')}`)
    .join('')
}

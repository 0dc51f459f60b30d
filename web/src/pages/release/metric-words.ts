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
    .filter(([limit, word]) => limit !== null && !isNamed(say, limit, word))
    .map(([limit, word]) => ` · ${word} ${visible(limit ?? '')}`)
    .join('')
}

/** As its author wrote it, or in the judge's words: `< 5 % go`. */
function isNamed(say: string, limit: string, word: string): boolean {
  const close = (text: string): string => text.replaceAll(/\s+/g, '')
  return close(say).includes(close(limit)) || new RegExp(`[<>]=?\\s*[\\d.]+\\s*\\S{0,3} ${word}\\b`).test(say)
}

/** `counts` of a component: what was really served, by a command or by queries. */
import type { Compiling } from '../draft.ts'
import type { CountsPlan } from '../plan.ts'
import type { Settings } from '../settings.ts'
import { addTemplate, checkMetricSource } from './common.ts'
import { checkQuery } from './queries.ts'

const example =
  'counts: { on: prom, canary: \'sum(http_requests_total{version="{{version}}"})\', stable: \'sum(http_requests_total{version="{{previous}}"})\' }'

/** null = it says nothing, or nothing that could be read. */
export function readCounts(settings: Settings, compiling: Compiling): CountsPlan | null {
  const entry = settings.peek('counts')
  if (entry === null) return null
  if (entry.value.kind !== 'map') {
    const command = settings.text('counts')
    return command === null ? null : { command }
  }
  const group = settings.group('counts')
  if (group === null) return null
  const place = group.placeOf('on')
  const source = group.text('on') ?? group.missing('on', 'on: the metric source that counts', example)
  if (source !== null) checkMetricSource(source, place, compiling)
  const query = (name: 'canary' | 'stable'): string | null => {
    const at = group.placeOf(name)
    const text = group.text(name) ?? group.missing(name, `${name}: a counter of the requests it served`, example)
    if (text === null) return null
    addTemplate(text, at, 'query', compiling)
    checkQuery({ kind: 'value', name, text, place: at }, source, compiling)
    return text
  }
  const [canary, stable] = [query('canary'), query('stable')]
  group.finish(example)
  return source === null || canary === null || stable === null ? null : { source, canary, stable }
}

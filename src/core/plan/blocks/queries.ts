/** Queries are read by their source when a document compiles: one it can never answer would be "no data" for ever. */
import type { MetricQuestion } from '../../ports/metrics.ts'
import type { Compiling } from '../draft.ts'
import type { FilePlace } from '../yaml.ts'

export interface WrittenQuery {
  /** `value` = one number now, for a check, a trigger or a field. */
  readonly kind: MetricQuestion['kind'] | 'value'
  /** `bad`, `total`, `query`, …: what the author calls it. */
  readonly name: string
  readonly text: string
  readonly place: FilePlace
}

export function checkQuery(query: WrittenQuery, source: string | null, compiling: Compiling): void {
  const { sources } = compiling.declared
  const declared = source !== null && Object.hasOwn(sources, source) ? sources[source] : undefined
  const definition = declared && compiling.kinds.sources.get(declared.kind)
  const wrong = definition?.checkQuery?.(query.kind, query.name, query.text) ?? null
  if (wrong === null || !declared) return
  compiling.problems.error('bad-query', query.place, {
    found: `"${query.name}" as ${query.text.trim().slice(0, 120)} for "${source}", a source of the kind ${declared.kind}`,
    ...wrong,
  })
}

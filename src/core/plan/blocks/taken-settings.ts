/** Settings that a block takes from a declared source: where a cluster answers is said once, in the front matter. */
import type { Json } from '../../units.ts'
import type { Compiling } from '../draft.ts'
import { nearest } from '../nearest.ts'
import type { FilePlace } from '../yaml.ts'

type Config = Readonly<Record<string, Json>>

export interface TakesSettings {
  /** Kind of the source whose settings `on` brings into these; null = they take none. */
  readonly takes?: (config: Config) => string | null
}

/** What the block says itself comes first. Without `on` it is the only source of the kind, unless the block names a server itself. */
export function withTaken(
  definition: TakesSettings | undefined,
  json: Record<string, Json>,
  place: FilePlace,
  compiling: Compiling,
): Record<string, Json> {
  const kind = definition?.takes?.(json) ?? null
  if (kind === null) return json
  const name = sourceFor(kind, json, place, compiling)
  const source = name === null ? undefined : compiling.declared.sources[name]
  return source === undefined ? json : { ...source.config, ...json, on: name }
}

function sourceFor(kind: string, { on, server }: Config, place: FilePlace, compiling: Compiling): string | null {
  const { sources } = compiling.declared
  const known = Object.keys(sources).filter((name) => sources[name]?.kind === kind)
  if (typeof on === 'string' && known.includes(on)) return on
  if (on === undefined && (server !== undefined || known.length === 0)) return null
  if (on === undefined && known.length === 1) return known[0] ?? null
  compiling.problems.error('unknown-source', place, {
    found:
      typeof on === 'string'
        ? `"${on}", which is no source of the kind ${kind}`
        : `no "on" beside ${known.length} sources of the kind ${kind}`,
    expected:
      known.length === 0
        ? `a source of the kind ${kind} in the front matter`
        : nearest(typeof on === 'string' ? on : '', known),
    example:
      known.length === 0
        ? `sources: { ${typeof on === 'string' ? on : 'name'}: { kind: ${kind}, … } }`
        : `on: ${known[0]}`,
  })
  return null
}

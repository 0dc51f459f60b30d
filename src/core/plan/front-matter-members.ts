/** Named members of a mapping in the front matter, each with settings of its own. */
import { Settings, shown } from './settings.ts'
import type { Entry, MapValue } from './yaml.ts'

export type Read<T> = (name: string, entry: Entry, from: Settings) => T | null

/** The member's own settings; a member without any is an empty mapping. */
export function membersOf(key: string, name: string, entry: Entry, from: Settings): Settings {
  const value: MapValue =
    entry.value.kind === 'map' ? entry.value : { kind: 'map', entries: new Map(), place: entry.place }
  if (entry.value.kind !== 'map' && !(entry.value.kind === 'scalar' && entry.value.value === null)) {
    from.error('bad-value', entry.value.place, {
      found: `${shown(entry.value)} for "${name}" in "${key}"`,
      expected: 'a mapping',
      example: `${key}: { ${name}: { … } }`,
    })
  }
  return new Settings(`"${name}" in "${key}"`, entry.place, value.entries, from.problems)
}

/** Settings that every block that makes a step understands, and what a step inherits from around it. */
import type { Common, Compiling, DraftStep } from '../draft.ts'
import { nearest } from '../nearest.ts'
import { parsed, unparsed } from '../parsed.ts'
import type { Captures } from '../plan.ts'
import type { Settings } from '../settings.ts'
import type { FilePlace } from '../yaml.ts'

export function readCommon(settings: Settings, step: DraftStep, around: Common, compiling: Compiling): Common {
  const whenPlace = settings.placeOf('when')
  const when = settings.text('when')
  if (when !== null) compiling.conditions.push({ source: when, place: whenPlace, step, phase: null, facts: null })
  const onlyPlace = settings.placeOf('only')
  const own = {
    id: readId(settings),
    when: when === null ? [] : [when],
    only: readEnvironments('only', settings, compiling),
    never: readEnvironments('never', settings, compiling),
    severity: settings.choice('severity', ['blocker', 'warning']) ?? 'blocker',
    owner: settings.text('owner'),
    danger: settings.flag('danger'),
  }
  const common = inherit(own, around)
  if (own.only.length > 0 && common.only.every((name) => common.never.includes(name))) {
    compiling.problems.error('never-applies', onlyPlace, {
      found: `only=${own.only.join(',')} where no such environment is left`,
      expected: 'an environment that what stands around it allows',
      example: 'only=production',
    })
  }
  return common
}

/** What stands around a step holds for it too: its condition, its environments, its owner. */
export function inherit(own: Common, around: Common): Common {
  const only =
    own.only.length === 0
      ? around.only
      : around.only.length === 0
        ? own.only
        : own.only.filter((name) => around.only.includes(name))
  return {
    ...own,
    when: [...around.when, ...own.when],
    only,
    never: [...new Set([...around.never, ...own.never])],
    owner: own.owner ?? around.owner,
  }
}

function readId(settings: Settings): Common['id'] {
  const place = settings.placeOf('id')
  const text = settings.parse('id', (written) =>
    /^[A-Za-z0-9][\w./-]{0,199}$/.test(written)
      ? parsed(written)
      : unparsed('letters, digits, ".", "/", "-" and "_"', 'restore-test'),
  )
  return text === null ? null : { text, place }
}

export function readEnvironments(name: string, settings: Settings, compiling: Compiling): readonly string[] {
  const place = settings.placeOf(name)
  const names = settings.names(name) ?? []
  for (const each of names) checkEnvironment(each, place, compiling)
  return names
}

export function checkEnvironment(name: string, place: FilePlace, compiling: Compiling): void {
  checkName('unknown-environment', 'environment', name, Object.keys(compiling.declared.environments), place, compiling)
}

/** Where nothing of the sort is declared there is nothing to compare with. */
export function checkName(
  code: 'unknown-environment' | 'unknown-role',
  what: string,
  name: string,
  known: readonly string[],
  place: FilePlace,
  compiling: Compiling,
): void {
  if (known.length === 0 || known.includes(name)) return
  compiling.problems.error(code, place, {
    found: `unknown ${what} "${name}"`,
    expected: nearest(name, known),
    example: `${what}: ${known[0] ?? ''}`,
  })
}

export function checkRole(name: string, place: FilePlace, compiling: Compiling): void {
  checkName('unknown-role', 'role', name, Object.keys(compiling.declared.roles), place, compiling)
}

export function checkWindow(name: string, place: FilePlace, compiling: Compiling): void {
  const known = Object.keys(compiling.declared.windows)
  if (known.includes(name)) return
  compiling.problems.error('unknown-window', place, {
    found: `unknown window "${name}"`,
    expected: known.length === 0 ? 'a window declared in the front matter' : nearest(name, known),
    example: 'windows: { office: { zone: Europe/Berlin, allow: [{ weekdays: mon-thu }] } }',
  })
}

/** A source must be declared: outbound hosts are those declared in the front matter. */
export function checkSource(name: string, place: FilePlace, compiling: Compiling): void {
  const known = Object.keys(compiling.declared.sources)
  if (known.includes(name)) return
  compiling.problems.error('unknown-source', place, {
    found: `unknown source "${name}"`,
    expected: known.length === 0 ? 'a source declared in the front matter' : nearest(name, known),
    example: 'sources: { prom: { kind: prometheus, url: http://localhost:9090 } }',
  })
}

/** A source must be declared, and be one that has metrics: a database itself answers no such query. */
export function checkMetricSource(name: string, place: FilePlace, compiling: Compiling): void {
  checkSource(name, place, compiling)
  checkKindOfSource(name, [...compiling.kinds.sources.keys()], place, compiling)
}

/** A source of another kind could answer nothing, ever. One that nobody declared is told elsewhere. */
export function checkKindOfSource(
  name: string,
  wanted: readonly string[],
  place: FilePlace,
  compiling: Compiling,
): void {
  const { sources } = compiling.declared
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined
  if (source === undefined || wanted.includes(source.kind)) return
  const fitting = Object.keys(sources).filter((each) => wanted.includes(sources[each]?.kind ?? ''))
  compiling.problems.error('unknown-source', place, {
    found: `"${name}", a source of the kind ${source.kind}`,
    expected: `a source of the kind ${wanted.join(', ')}${fitting.length === 0 ? '' : `: ${fitting.join(', ')}`}`,
    example: `on=${fitting[0] ?? 'name'}`,
  })
}

export function readSecrets(settings: Settings, compiling: Compiling): readonly string[] {
  const place = settings.placeOf('secrets')
  const names = settings.names('secrets') ?? []
  checkSecrets(names, place, compiling)
  return names
}

export function checkSecrets(names: readonly string[], place: FilePlace, compiling: Compiling): void {
  const known = Object.keys(compiling.declared.secrets)
  for (const name of names.filter((each) => !known.includes(each))) {
    compiling.problems.error('unknown-secret', place, {
      found: `unknown secret "${name}"`,
      expected: known.length === 0 ? 'a secret declared in the front matter' : nearest(name, known),
      example: 'secrets: { API_TOKEN: { env: API_TOKEN } }',
    })
  }
}

/** Values that this block gives to those after it. */
/** `capture=digest`, or under another name than the fact has: `capture="live_version from version"`. */
export function readCaptures(settings: Settings, compiling: Compiling): Captures {
  const place = settings.placeOf('capture')
  const captures: string[] = []
  const from: Record<string, string> = {}
  for (const written of settings.names('capture') ?? []) {
    const [name = '', fact] = written.split(/\s+from\s+/)
    declareValue(name, 'dyn', place, compiling)
    captures.push(name)
    if (fact !== undefined) from[name] = fact
  }
  return { captures, ...(Object.keys(from).length > 0 && { captureFrom: from }) }
}

export function declareValue(name: string, type: string, place: FilePlace, compiling: Compiling): void {
  if (/^[A-Za-z_]\w*$/.test(name)) {
    compiling.values.set(name, { type, by: compiling.at })
    return
  }
  compiling.problems.error('bad-value', place, {
    found: `the value name "${name}"`,
    expected: 'a letter, then letters, digits and "_"',
    example: 'capture=build_id',
  })
}

/** Remembers a text with `{{ }}` slots: its names are checked, and what gives them a value comes first. */
export function addTemplate(
  text: string,
  place: FilePlace,
  where: 'message' | 'request' | 'query' | 'setting',
  compiling: Compiling,
): void {
  compiling.templates.push({ text, place, where, step: compiling.at })
}

export function positive(settings: Settings, name: string): number | null {
  const place = settings.placeOf(name)
  const ms = settings.duration(name)
  if (ms !== 0) return ms
  settings.error('bad-value', place, {
    found: `0 for "${name}" in ${settings.what}`,
    expected: 'a duration above 0',
    example: `${name}: 30s`,
  })
  return null
}

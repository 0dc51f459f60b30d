/** Reads front matter and `holdpoint.yaml`: the document's own word wins over the shared one. */
import { readAudiences } from './audiences.ts'
import { positive } from './blocks/common.ts'
import { checkConfig } from './config.ts'
import type { Declarations } from './declarations.ts'
import { nearest } from './nearest.ts'
import { entryWithNamed, namedQueryReader } from './named-queries.ts'
import { parsed, unparsed } from './parsed.ts'
import { secretNamePattern } from '../ports/secret-provider.ts'
import type { CalendarText } from './calendars.ts'
import type { ChannelPlan, EnvironmentPlan, InputPlan, SecretPlan, SourcePlan } from './plan.ts'
import type { Problems } from './problem.ts'
import { Settings, shown } from './settings.ts'
import { readDigest } from './digest-settings.ts'
import type { Kinds } from './kinds.ts'
import { readFollowUp } from './follow-up-settings.ts'
import { checkTold, readDeadline, readSeverity } from './incident-settings.ts'
import { membersOf, type Read } from './front-matter-members.ts'
import { placeKinds } from './place-kinds.ts'
import { readRoster } from './roster.ts'
import { readRole, withDelegates } from './roles.ts'
import { readSchedule } from './schedule.ts'
import { readContact, withVerified } from './contacts.ts'
import { readWindow } from './windows.ts'
import { readWorker } from './worker-labels.ts'
import { type Entry, type MapValue, type Value } from './yaml.ts'

const example = 'service: checkout'

export function readDeclarations(
  own: MapValue,
  shared: MapValue | null,
  kinds: Kinds,
  problems: Problems,
  calendars: readonly CalendarText[] = [],
): Declarations {
  const settings = new Settings('the front matter', own.place, merged(own, shared), problems)
  settings.take('holdpoint')
  // Names of this front matter that belong to other tools.
  for (const other of settings.names('others') ?? []) settings.take(other)
  const told = settings.placeOf('severities')
  const first = {
    name: settings.text('name'),
    service: readService(settings),
    steps: settings.choice('steps', ['tasks', 'bullets', 'headings']),
    retentionMs: settings.duration('retention'),
    environments: named(settings, 'environments', readEnvironment),
    inputs: named(settings, 'inputs', readInput),
    env: settings.names('env') ?? [],
    worker: readWorker(settings),
    audiences: readAudiences(settings),
    messageDigest: readDigest(settings),
    rollbackWithinMs: positive(settings, 'rollback-within'),
    secrets: named(settings, 'secrets', readSecret),
    sources: named(settings, 'sources', (name, entry, from) => readSource(name, entry, from, kinds)),
    queries: named(settings, 'queries', namedQueryReader()),
    ...withDelegates(named(settings, 'roles', readRole)),
  }
  const known = {
    calendars,
    roles: Object.keys(first.roles),
    sources: new Map(Object.entries(first.sources).map(([name, { kind }]) => [name, kind])),
  }
  const channels = named(settings, 'channels', (name, entry, from) => readChannel(name, entry, from, kinds))
  const declarations: Declarations = {
    ...first,
    channels,
    schedule: readSchedule(settings, Object.keys(channels)),
    windows: named(settings, 'windows', (name, entry, from) =>
      readWindow(name, entryWithNamed(entry, name, { queries: first.queries, problems }).value, from, known),
    ),
    severities: settings.has('severities') ? named(settings, 'severities', readSeverity) : null,
    postMortem: settings.parse('post-mortem', readDeadline),
    followUps: settings.has('follow-ups') ? named(settings, 'follow-ups', readFollowUp) : null,
    reviewAfter: settings.choice('review-after', ['major', 'minor', 'patch']),
    roster: readRoster(settings, calendars, Object.keys(first.secrets)),
    ...withVerified(named(settings, 'contacts', readContact)),
  }
  checkTold(declarations, told, settings)
  settings.finish(example)
  return declarations
}

/** Mappings are merged name by name; anything else is replaced. */
function merged(own: MapValue, shared: MapValue | null): ReadonlyMap<string, Entry> {
  const entries = new Map(shared?.entries ?? [])
  for (const [name, entry] of own.entries) {
    const below = entries.get(name)
    const both = below?.value.kind === 'map' && entry.value.kind === 'map'
    const value: Value = both
      ? { ...entry.value, entries: new Map([...mapOf(below.value), ...mapOf(entry.value)]) }
      : entry.value
    entries.set(name, { place: entry.place, value })
  }
  return entries
}

function mapOf(value: Value): ReadonlyMap<string, Entry> {
  return value.kind === 'map' ? value.entries : new Map()
}

function readService(settings: Settings): string | null {
  return settings.parse('service', (text) =>
    /^[A-Za-z0-9][\w.-]{0,99}$/.test(text)
      ? parsed(text)
      : unparsed('a short name of letters, digits, ".", "-" and "_"', 'checkout'),
  )
}

/** A mapping of the author's own names; a list of names is the short form where nothing more needs saying. */
function named<T>(settings: Settings, key: string, read: Read<T>): Record<string, T> {
  const whole = settings.take(key)
  if (!whole) return {}
  const { value } = whole
  const members: (readonly [string, Entry])[] =
    value.kind === 'list'
      ? value.items.map(
          (item) =>
            [
              item.kind === 'scalar' ? item.text : '',
              { place: item.place, value: { kind: 'scalar', value: null, text: '', place: item.place } },
            ] as const,
        )
      : [...mapOf(value)]
  if (value.kind === 'scalar' && value.value !== null) {
    settings.error('bad-value', value.place, {
      found: `${shown(value)} for "${key}"`,
      expected: 'a mapping of names',
      example: `${key}: { name: … }`,
    })
  }
  const found: Record<string, T> = {}
  for (const [name, entry] of members) {
    if (!/^[A-Za-z][\w.-]{0,99}$/.test(name)) {
      settings.error('bad-value', entry.place, {
        found: `the name "${name}" in "${key}"`,
        expected: 'a letter, then letters, digits, "_", "-" or "."',
        example: `${key}: { name: … }`,
      })
      continue
    }
    const one = read(name, entry, settings)
    if (one !== null) found[name] = one
  }
  return found
}

const readEnvironment: Read<EnvironmentPlan> = (name, entry, from) => {
  const settings = membersOf('environments', name, entry, from)
  const environment = { protected: settings.flag('protected') }
  const isMandatory = settings.flag('mandatory')
  const locks = readLocks(settings)
  settings.finish('environments: { production: { protected: true } }')
  return { ...environment, ...(isMandatory && { mandatory: true }), ...(locks.length > 0 && { locks }) }
}

/** Names that whatever else is released there has too: one release at a time holds them. */
function readLocks(settings: Settings): readonly string[] {
  const place = settings.placeOf('locks')
  const names = [...new Set(settings.names('locks') ?? [])]
  const bad = names.find((name) => !/^[A-Za-z0-9][\w.-]{0,99}$/.test(name))
  if (bad === undefined) return names.toSorted()
  settings.error('bad-value', place, {
    found: `the lock "${bad}" of ${settings.what}`,
    expected: 'a short name of letters, digits, ".", "-" and "_"',
    example: 'environments: { production: { locks: [shop-cluster] } }',
  })
  return []
}

const readInput: Read<InputPlan> = (name, entry, from) => {
  const settings = membersOf('inputs', name, entry, from)
  if (!/^\w+$/.test(name)) {
    from.error('bad-value', entry.place, {
      found: `the input "${name}"`,
      expected: 'letters, digits and "_", because commands see it as a variable',
      example: 'inputs: { backup_folder: { default: /var/backups } }',
    })
  }
  const type = settings.choice('type', ['string', 'number', 'boolean']) ?? 'string'
  const standard = readDefault(settings, type)
  const required = settings.has('required') ? settings.flag('required') : standard === null
  const input: InputPlan = {
    type,
    required,
    default: standard,
    options: settings.names('options'),
    description: settings.text('description'),
  }
  settings.finish('inputs: { region: { type: string, default: eu, options: [eu, us] } }')
  return input
}

function readDefault(settings: Settings, type: InputPlan['type']): InputPlan['default'] {
  const entry = settings.take('default')
  if (!entry || entry.value.kind !== 'scalar' || entry.value.value === null) return null
  const { value, text } = entry.value
  if (type === 'string') return text
  if (typeof value === type) return value
  settings.error('bad-value', entry.value.place, {
    found: `${shown(entry.value)} for "default" in ${settings.what}`,
    expected: `a ${type}`,
    example: type === 'number' ? 'default: 3' : 'default: true',
  })
  return null
}

const secretExample = 'secrets: { API_TOKEN: { env: API_TOKEN } }'

/** `TOKEN`, `TOKEN: env`, `TOKEN: { env: NAME }`, `TOKEN: { file: path }` or `TOKEN: { command: NAME }`. Never a value. */
const readSecret: Read<SecretPlan> = (name, entry, from) => {
  const { value } = entry
  if (value.kind === 'scalar' && (value.value === null || value.text === 'env')) return { from: 'env', name }
  if (value.kind !== 'map') {
    from.error('bad-value', value.place, {
      found: `a value for the secret "${name}"`,
      expected: 'where the value is found, never the value itself',
      example: secretExample,
    })
    return null
  }
  const settings = membersOf('secrets', name, entry, from)
  const place = settings.choice('from', ['env', 'file', 'command'])
  const vaultPlace = settings.placeOf('command')
  const inVault = settings.text(place === 'command' ? 'name' : 'command')
  const path = settings.text(place === 'file' ? 'path' : 'file')
  const variable = settings.text(place === 'env' ? 'name' : 'env')
  settings.finish(secretExample)
  if (inVault !== null && secretNamePattern.test(inVault)) return { from: 'command', name: inVault }
  if (inVault !== null) {
    from.error('bad-value', vaultPlace, {
      found: `"${inVault}" as the name of a secret`,
      expected: 'letters, digits and _ . / @ : -, beginning with a letter or digit',
      example: 'secrets: { API_TOKEN: { command: shop/api-token } }',
    })
    return null
  }
  if (path !== null) return { from: 'file', path }
  return { from: 'env', name: variable ?? name }
}

const readSource = (name: string, entry: Entry, from: Settings, kinds: Kinds): SourcePlan | null => {
  const settings = membersOf('sources', name, entry, from)
  const known = new Map<string, { readonly config: { readonly safeParse: unknown }; readonly example: string }>([
    ...placeKinds,
    ...kinds.sources,
  ])
  const kind = readKind(
    settings,
    [...known.keys()],
    'sources: { prom: { kind: prometheus, url: http://localhost:9090 } }',
  )
  const definition = kind === null ? undefined : (kinds.sources.get(kind) ?? placeKinds.get(kind))
  if (kind === null || !definition) return null
  const rest = settings.rest()
  checkConfig(settings.what, settings.place, definition, rest, settings.problems)
  return { kind, config: rest.json }
}

const readChannel = (name: string, entry: Entry, from: Settings, kinds: Kinds): ChannelPlan | null => {
  const settings = membersOf('channels', name, entry, from)
  const kind = readKind(
    settings,
    [...kinds.notifiers.keys()],
    'channels: { ops: { kind: webhook, url: https://chat.example/hook } }',
  )
  const definition = kind === null ? undefined : kinds.notifiers.get(kind)
  if (kind === null || !definition) return null
  const rest = settings.rest()
  checkConfig(settings.what, settings.place, definition, rest, settings.problems)
  return { kind, config: rest.json }
}

function readKind(settings: Settings, known: readonly string[], correct: string): string | null {
  const place = settings.placeOf('kind')
  const kind = settings.text('kind')
  if (kind === null) return settings.missing('kind', `kind: ${nearest('', known)}`, correct)
  if (known.includes(kind)) return kind
  settings.error('unknown-kind', place, {
    found: `unknown kind "${kind}" in ${settings.what}`,
    expected: nearest(kind, known),
    example: correct,
  })
  return null
}

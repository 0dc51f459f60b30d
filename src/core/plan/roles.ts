/** Reads `roles:` of the front matter: who is in a role, and who signs in it for a member who is away. */
import { parsed, unparsed } from './parsed.ts'
import type { RoleDelegate, RoleMember } from './plan.ts'
import { type RosterLevel, rosterLevels } from './plan-roster.ts'
import { Settings, shown } from './settings.ts'
import type { Entry, Value } from './yaml.ts'

export interface ReadRole {
  readonly members: readonly RoleMember[]
  readonly delegates: readonly RoleDelegate[]
  /** Whoever is on call at this level holds it; null = its members do. */
  readonly roster: RosterLevel | null
}

const memberExample = 'roles: { engineer: [{ id: ana, key: "ssh-ed25519 AAAA…" }] }'
const delegateExample = 'roles: { qa-lead: { members: [ana], delegates: [bo] } }'

/** `[ana, ben]`, `ana`, or `{ members: [ana], delegates: [{ id: bo, for: ana }] }`. */
export function readRole(name: string, entry: Entry, from: Settings): ReadRole {
  const { value } = entry
  if (value.kind !== 'map' || value.entries.has('id'))
    return { members: membersIn(name, value, from), delegates: [], roster: null }
  const settings = new Settings(`the role "${name}"`, value.place, value.entries, from.problems)
  const isFromRoster = settings.has('from')
  const roster = isFromRoster ? readLevel(settings) : null
  const given = settings.take('members')
  if (!given && !isFromRoster) settings.missing('members', 'members: the people who hold it', delegateExample)
  const members = given ? membersIn(name, given.value, from) : []
  const standIns = settings.take('delegates')
  const delegates = standIns ? delegatesIn(name, standIns.value, members, from) : []
  settings.finish(delegateExample)
  return { members, delegates, roster }
}

const levels: readonly string[] = rosterLevels.map((level) => `roster ${level}`)

/** `from: roster primary`. */
function readLevel(settings: Settings): RosterLevel | null {
  return settings.parse('from', (text) => {
    const level = rosterLevels.find((each) => text.replaceAll(/\s+/g, ' ') === `roster ${each}`)
    return level === undefined ? unparsed(levels.join(' or '), 'roster primary') : parsed(level)
  })
}

/** The maps of a plan: roles without delegates are in the first alone. */
export function withDelegates(roles: Readonly<Record<string, ReadRole>>): {
  readonly roles: Record<string, readonly RoleMember[]>
  readonly delegates: Record<string, readonly RoleDelegate[]>
  readonly rosterRoles: Record<string, RosterLevel>
} {
  const named = Object.entries(roles)
  return {
    roles: Object.fromEntries(named.map(([name, { members }]) => [name, members])),
    delegates: Object.fromEntries(
      named.flatMap(([name, { delegates }]) => (delegates.length > 0 ? [[name, delegates]] : [])),
    ),
    rosterRoles: Object.fromEntries(named.flatMap(([name, { roster }]) => (roster === null ? [] : [[name, roster]]))),
  }
}

function membersIn(name: string, value: Value, from: Settings): readonly RoleMember[] {
  return itemsOf(value).flatMap((item) => {
    if (item.kind === 'scalar' && item.text !== '') return [{ id: item.text, key: null }]
    if (item.kind !== 'map') {
      notPeople(name, item, from)
      return []
    }
    const settings = new Settings(`a member of the role "${name}"`, item.place, item.entries, from.problems)
    const id = settings.text('id') ?? settings.missing('id', 'id: a person', memberExample) ?? ''
    const member = { id, key: settings.text('key') }
    settings.finish(memberExample)
    return [member]
  })
}

/** Without `for` a delegate stands in for the only member; who of several is away has to be said. */
function delegatesIn(
  name: string,
  value: Value,
  members: readonly RoleMember[],
  from: Settings,
): readonly RoleDelegate[] {
  const only = members.length === 1 ? (members[0]?.id ?? null) : null
  return itemsOf(value).flatMap((item) => {
    if (item.kind === 'list' || (item.kind === 'scalar' && item.text === '')) {
      notPeople(name, item, from)
      return []
    }
    const settings =
      item.kind === 'map'
        ? new Settings(`a delegate of the role "${name}"`, item.place, item.entries, from.problems)
        : null
    const id =
      item.kind === 'scalar'
        ? item.text
        : (settings?.text('id') ?? settings?.missing('id', 'id: a person', delegateExample) ?? '')
    const forPlace = settings?.placeOf('for') ?? item.place
    const key = settings?.text('key') ?? null
    const of = settings?.text('for') ?? only
    settings?.finish('delegates: [{ id: bo, for: ana }]')
    if (of !== null && of !== id && members.some((member) => member.id === of)) return [{ id, key, for: of }]
    from.error('bad-value', forPlace, {
      found: `the delegate "${id}" for ${of === null ? 'nobody in particular' : `"${of}"`} in the role "${name}"`,
      expected: `for: one of its members${members.length > 0 ? `, ${members.map((member) => member.id).join(' or ')}` : ''}, and not the delegate`,
      example: `delegates: [{ id: bo, for: ${members[0]?.id ?? 'ana'} }]`,
    })
    return []
  })
}

function itemsOf(value: Value): readonly Value[] {
  return value.kind === 'list' ? value.items : [value]
}

function notPeople(name: string, item: Value, from: Settings): void {
  from.error('bad-value', item.place, {
    found: `${shown(item)} in the role "${name}"`,
    expected: 'people, by name or as { id, key }',
    example: 'roles: { engineer: [ana, ben] }',
  })
}

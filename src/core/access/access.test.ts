/** The directory: who may do what, told by events, commands and what follows. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Actor } from '../release/events.ts'
import { type AccessEvent, type AccessState, emptyAccess, evolveAccess, type Place } from './access.ts'
import type { AccessCommand, AccessDecision } from './commands.ts'
import { decideAccess, longestTokenMs } from './decide.ts'
import { may, mayAnywhere, placeOf, placesOf, rolesAt } from './may.ts'
import { forPeopleOnly, rights, standardRoles } from './rights.ts'

const everywhere: Place = { organisation: null, project: null, environment: null }
const at = (organisation: string, project: string | null = null, environment: string | null = null): Place => ({
  organisation,
  project,
  environment,
})
const byPerson = (id: string): Actor => ({ id, kind: 'person', assurance: 'proven' })

/** A directory under test: commands go through the rules, what they say happens. */
class Directory {
  state: AccessState = emptyAccess
  now = 1_000_000

  ask(command: AccessCommand, by: string | null = 'root'): AccessDecision {
    const asker = by === null ? null : { holder: by, scope: null }
    const decision = decideAccess(this.state, command, { now: this.now, actor: byPerson(by ?? 'setup'), asker })
    if (decision.kind === 'accepted') this.happen(...decision.events)
    return decision
  }

  happen(...events: readonly AccessEvent[]): void {
    for (const event of events)
      this.state = evolveAccess(this.state, {
        version: this.state.version + 1,
        at: this.now,
        by: byPerson('root'),
        event,
      })
  }

  person(id: string, role: string, place: Place): void {
    this.done({ kind: 'AddPerson', person: id, name: id, email: null, methods: [], place: everywhere })
    this.done({ kind: 'Grant', holder: id, role, place })
    this.done({ kind: 'Revoke', holder: id, role: 'viewer', place: everywhere })
  }

  done(command: AccessCommand, by: string | null = 'root'): void {
    expect(this.ask(command, by)).toMatchObject({ kind: 'accepted' })
  }

  may(holder: string, right: (typeof rights)[number], place: Place): boolean {
    return may(this.state, { holder, scope: null }, right, place)
  }
}

function setUp(): Directory {
  const directory = new Directory()
  directory.done(
    { kind: 'SetUp', organisation: 'acme', project: 'shop', person: 'root', name: 'Root', email: null },
    null,
  )
  directory.done({ kind: 'CreateProject', project: 'bank', organisation: 'acme', name: 'Bank', services: ['pay'] })
  return directory
}

describe('setting up', () => {
  test('the first administrator is made once', () => {
    const directory = setUp()
    const again = { kind: 'SetUp', organisation: 'x', project: 'y', person: 'eve', name: 'Eve', email: null } as const
    expect(directory.ask(again, null)).toMatchObject({ kind: 'refused', code: 'already-set-up' })
  })

  test('the last administrator can be neither disabled nor stripped', () => {
    const directory = setUp()
    expect(directory.ask({ kind: 'Disable', holder: 'root', reason: 'gone' })).toMatchObject({
      code: 'last-administrator',
    })
    expect(directory.ask({ kind: 'Revoke', holder: 'root', role: 'administrator', place: everywhere })).toMatchObject({
      code: 'last-administrator',
    })
    directory.person('ana', 'administrator', everywhere)
    directory.done({ kind: 'Disable', holder: 'root', reason: 'left' }, 'ana')
    expect(directory.may('root', 'people.manage', everywhere)).toBe(false)
  })
})

describe('rights', () => {
  test('a role holds in its place and below, and nowhere else', () => {
    const directory = setUp()
    directory.person('ana', 'approver', at('acme', 'shop', 'production'))
    expect(directory.may('ana', 'release.approve', at('acme', 'shop', 'production'))).toBe(true)
    expect(directory.may('ana', 'release.approve', at('acme', 'shop', 'staging'))).toBe(false)
    expect(directory.may('ana', 'release.approve', at('acme', 'bank', 'production'))).toBe(false)
    expect(directory.may('ana', 'release.start', at('acme', 'shop', 'production'))).toBe(false)
    expect(mayAnywhere(directory.state, { holder: 'ana', scope: null }, 'release.read')).toBe(true)
  })

  test('nobody hands out what lies beyond their own place', () => {
    const directory = setUp()
    directory.person('ana', 'administrator', at('acme', 'shop'))
    expect(
      directory.ask({ kind: 'Grant', holder: 'ana', role: 'administrator', place: everywhere }, 'ana'),
    ).toMatchObject({ code: 'forbidden' })
    expect(
      directory.ask({ kind: 'Grant', holder: 'ana', role: 'approver', place: at('acme', 'bank') }, 'ana'),
    ).toMatchObject({ code: 'forbidden' })
    expect(directory.ask({ kind: 'Disable', holder: 'root', reason: 'mine' }, 'ana')).toMatchObject({
      code: 'forbidden',
    })
  })

  test('a disabled person may nothing at once, and comes back with the same roles', () => {
    const directory = setUp()
    directory.person('ana', 'approver', at('acme'))
    directory.done({ kind: 'Disable', holder: 'ana', reason: 'lost laptop' })
    expect(directory.may('ana', 'release.read', at('acme', 'shop'))).toBe(false)
    expect(rolesAt(directory.state, 'ana', at('acme', 'shop', 'production'))).toEqual([])
    directory.done({ kind: 'Enable', holder: 'ana', reason: 'found it' })
    expect(directory.may('ana', 'release.approve', at('acme', 'shop'))).toBe(true)
  })

  test('a machine never gets a right that is for people, whatever was granted', () => {
    const directory = setUp()
    directory.done({ kind: 'AddMachine', machine: 'ci', about: 'pipeline', place: everywhere })
    expect(directory.ask({ kind: 'Grant', holder: 'ci', role: 'approver', place: everywhere })).toMatchObject({
      code: 'forbidden',
    })
    directory.happen({ kind: 'RoleGranted', holder: 'ci', role: 'administrator', place: everywhere })
    directory.happen({ kind: 'RoleGranted', holder: 'ci', role: 'approver', place: everywhere })
    for (const right of forPeopleOnly) expect(directory.may('ci', right, at('acme', 'shop'))).toBe(false)
  })

  test("a team's own role is defined before it is granted, and signs like an approver", () => {
    const directory = setUp()
    directory.person('ana', 'viewer', at('acme', 'shop'))
    const grant = { kind: 'Grant', holder: 'ana', role: 'qa-lead', place: at('acme', 'shop') } as const
    expect(directory.ask(grant)).toMatchObject({ code: 'unknown-role' })
    directory.done({ kind: 'DefineRole', role: 'qa-lead', about: 'says that the tests are enough' })
    directory.done(grant)
    expect(rolesAt(directory.state, 'ana', at('acme', 'shop', 'production'))).toEqual(['qa-lead'])
    expect(directory.may('ana', 'release.approve', at('acme', 'shop', 'production'))).toBe(true)
  })

  test('an unknown holder, and a right in no list, are nobody', () => {
    const directory = setUp()
    expect(directory.may('nobody', 'release.read', everywhere)).toBe(false)
    directory.happen({ kind: 'RoleGranted', holder: 'ghost', role: 'administrator', place: everywhere })
    expect(directory.may('ghost', 'release.read', everywhere)).toBe(false)
    const given = new Set(Object.values(standardRoles).flat())
    expect(rights.filter((right) => !given.has(right))).toEqual([])
  })
})

describe('tokens', () => {
  test('a token narrows what its holder may, and widens nothing', () => {
    const directory = setUp()
    directory.person('ana', 'release-engineer', at('acme', 'shop'))
    const scope = { place: at('acme', 'shop', 'staging'), rights: ['release.start'], labels: [] }
    const asker = { holder: 'ana', scope }
    expect(may(directory.state, asker, 'release.start', at('acme', 'shop', 'staging'))).toBe(true)
    expect(may(directory.state, asker, 'release.start', at('acme', 'shop', 'production'))).toBe(false)
    expect(may(directory.state, asker, 'release.read', at('acme', 'shop', 'staging'))).toBe(false)
    expect(placesOf(directory.state, asker, 'release.start')).toEqual([scope.place])
    const wide = { holder: 'ana', scope: { place: everywhere, rights: null, labels: [] } }
    expect(may(directory.state, wide, 'release.start', at('acme', 'bank', 'staging'))).toBe(false)
  })

  test('a token expires within a year, and none issues another', () => {
    const directory = setUp()
    const scope = { place: everywhere, rights: null, labels: [] }
    const token = (expires: number) =>
      ({ kind: 'IssueToken', token: 't', holder: 'root', name: 'x', scope, expires }) as const
    expect(directory.ask(token(directory.now + longestTokenMs + 1))).toMatchObject({ code: 'too-long-lived' })
    expect(directory.ask(token(directory.now))).toMatchObject({ code: 'too-long-lived' })
    const asker = { holder: 'root', scope }
    const facts = { now: directory.now, actor: byPerson('root'), asker }
    expect(decideAccess(directory.state, token(directory.now + 1), facts)).toMatchObject({ code: 'forbidden' })
    directory.done(token(directory.now + longestTokenMs))
  })
})

describe('projects', () => {
  test('a service belongs to one project', () => {
    const directory = setUp()
    expect(placeOf(directory.state, 'pay', 'production')).toEqual(at('acme', 'bank', 'production'))
    expect(placeOf(directory.state, 'unknown', 'production')).toBeNull()
    expect(directory.ask({ kind: 'AdoptService', project: 'shop', service: 'pay' })).toMatchObject({
      code: 'service-taken',
    })
  })

  test('a checklist is registered by its bytes, and the same bytes twice are no change', () => {
    const directory = setUp()
    const source = { kind: 'upload', file: 'RELEASE.md' } as const
    const names = { project: 'shop', name: 'web', service: 'web' }
    const register = {
      kind: 'RegisterChecklist',
      ...names,
      sha256: 'a',
      sharedSha256: null,
      plan: 'p',
      source,
    } as const
    directory.done(register)
    expect(directory.ask(register)).toMatchObject({ code: 'no-change' })
    directory.person('ana', 'viewer', at('acme', 'shop'))
    expect(directory.ask({ ...register, sha256: 'b' }, 'ana')).toMatchObject({ code: 'forbidden' })
    expect(directory.state.checklists.get('shop/web')?.sha256).toBe('a')
    expect(placeOf(directory.state, 'web', 'staging')).toEqual(at('acme', 'shop', 'staging'))
  })
})

test('a refusal changes nothing, and a name that could be mistaken is none', () => {
  const directory = setUp()
  for (const person of ['', 'Ana', 'engine', '__proto__', 'a b', 'x\n', 'a'.repeat(81)])
    expect(
      directory.ask({ kind: 'AddPerson', person, name: 'x', email: null, methods: [], place: everywhere }),
    ).toMatchObject({ kind: 'refused', code: 'bad-name' })
})

test('no sequence of grants and revocations gives a right that no grant covers', () => {
  const place = fc.constantFrom(
    everywhere,
    at('acme'),
    at('acme', 'shop'),
    at('acme', 'shop', 'production'),
    at('acme', 'bank'),
  )
  const change = fc.record({ give: fc.boolean(), role: fc.constantFrom(...Object.keys(standardRoles)), place })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), place, fc.constantFrom(...rights), (changes, where, right) => {
      const directory = setUp()
      directory.done({ kind: 'AddPerson', person: 'p', name: 'p', email: null, methods: [], place: everywhere })
      directory.done({ kind: 'Revoke', holder: 'p', role: 'viewer', place: everywhere })
      for (const { give, role, place: there } of changes)
        directory.ask({ kind: give ? 'Grant' : 'Revoke', holder: 'p', role, place: there })
      const grants = directory.state.grants.get('p') ?? []
      const covered = grants.some(
        (grant) =>
          (standardRoles[grant.role as keyof typeof standardRoles] as readonly string[]).includes(right) &&
          (['organisation', 'project', 'environment'] as const).every(
            (level) => grant.place[level] === null || grant.place[level] === where[level],
          ),
      )
      expect(directory.may('p', right, where)).toBe(covered)
    }),
    { numRuns: 200 },
  )
})

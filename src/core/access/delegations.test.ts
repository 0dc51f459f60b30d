/** Delegations: who may give one, what it brings and for how long. */
import { describe, expect, test } from 'vitest'
import type { Actor } from '../release/events.ts'
import { type AccessEvent, type AccessState, emptyAccess, evolveAccess, type Place } from './access.ts'
import type { AccessCommand } from './commands.ts'
import { decideAccess } from './decide.ts'
import { longestDelegationMs } from './delegations.ts'
import { may, rolesAt, standInsAt } from './may.ts'

const everywhere: Place = { organisation: null, project: null, environment: null }
const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const day = 86_400_000
const person = (id: string): AccessEvent => ({ kind: 'PersonAdded', person: id, name: id, email: null, methods: [] })
const by: Actor = { id: 'setup', kind: 'engine', assurance: 'engine' }

function directory() {
  let state: AccessState = emptyAccess
  const happen = (...events: readonly AccessEvent[]): void => {
    for (const event of events) state = evolveAccess(state, { version: state.version + 1, at: 1, by, event })
  }
  happen(
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'RoleDefined', role: 'qa-lead', about: '' },
    ...['root', 'ana', 'bo', 'cy'].map(person),
    { kind: 'RoleGranted', holder: 'root', role: 'administrator', place: everywhere },
    { kind: 'RoleGranted', holder: 'ana', role: 'qa-lead', place: shop },
  )
  return {
    happen,
    ask: (command: AccessCommand, asker: string, now = 0, scope: null | object = null) => {
      const decision = decideAccess(state, command, { now, actor: by, asker: { holder: asker, scope: scope as null } })
      if (decision.kind === 'accepted') happen(...decision.events)
      return decision.kind === 'accepted' ? 'accepted' : decision.code
    },
    signs: (who: string, at: number) => may({ ...state, at }, { holder: who, scope: null }, 'release.approve', shop),
    standsIn: (who: string, at: number) => standInsAt({ ...state, at }, who, shop),
    roles: (who: string, at: number) => rolesAt({ ...state, at }, who, shop),
  }
}

const away = {
  kind: 'GiveDelegation',
  id: 'd1',
  role: 'qa-lead',
  from: 'ana',
  to: 'bo',
  start: day,
  until: 3 * day,
  reason: 'on holiday',
} as const

describe('a delegation', () => {
  test('lets somebody sign in place of the holder from its beginning to its end, and not a moment longer', () => {
    const at = directory()
    expect(at.ask(away, 'ana')).toBe('accepted')
    expect([0, day - 1, day, 3 * day - 1, 3 * day].map((now) => at.signs('bo', now))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ])
    expect(at.standsIn('bo', day)).toEqual([{ role: 'qa-lead', for: 'ana' }])
    // It is her role: bo holds none.
    expect(at.roles('bo', day)).toEqual([])
  })

  test('ends at once when either says so, when the holder loses the role, and when one of the two is disabled', () => {
    for (const end of [
      (at: ReturnType<typeof directory>) => at.ask({ kind: 'EndDelegation', id: 'd1', reason: 'back' }, 'bo'),
      (at: ReturnType<typeof directory>) =>
        at.ask({ kind: 'Revoke', holder: 'ana', role: 'qa-lead', place: shop }, 'root'),
      (at: ReturnType<typeof directory>) => at.ask({ kind: 'Disable', holder: 'ana', reason: 'left' }, 'root'),
      (at: ReturnType<typeof directory>) => at.ask({ kind: 'Disable', holder: 'bo', reason: 'left' }, 'root'),
    ]) {
      const at = directory()
      at.ask(away, 'ana')
      expect(at.signs('bo', day)).toBe(true)
      expect(end(at)).toBe('accepted')
      expect(at.signs('bo', day)).toBe(false)
    }
  })

  test('is given by the holder or whoever manages them, never by a token, and never on', () => {
    const at = directory()
    expect(at.ask(away, 'cy')).toBe('forbidden')
    expect(at.ask(away, 'bo')).toBe('forbidden')
    const scope = { place: everywhere, rights: null, labels: [] }
    expect(at.ask(away, 'ana', 0, scope)).toBe('forbidden')
    expect(at.ask(away, 'root')).toBe('accepted')
    expect(at.ask({ ...away, id: 'd2', from: 'bo', to: 'cy' }, 'bo', day)).toBe('not-delegable')
    expect(at.ask({ kind: 'EndDelegation', id: 'd1', reason: 'x' }, 'cy')).toBe('forbidden')
  })

  test('needs a reason, an end within a quarter, another person, and a role that decides about releases', () => {
    const at = directory()
    expect(at.ask({ ...away, reason: ' ' }, 'ana')).toBe('reason-required')
    expect(at.ask({ ...away, until: day + longestDelegationMs + 1 }, 'ana')).toBe('not-delegable')
    expect(at.ask({ ...away, until: day }, 'ana')).toBe('not-delegable')
    expect(at.ask({ ...away, to: 'ana' }, 'ana')).toBe('not-delegable')
    expect(at.ask({ ...away, to: 'zoe' }, 'ana')).toBe('unknown-holder')
    expect(at.ask({ ...away, role: 'administrator', from: 'root' }, 'root')).toBe('not-delegable')
    expect(at.ask({ ...away, until: day + longestDelegationMs }, 'ana')).toBe('accepted')
    expect(at.ask({ ...away, id: 'd2' }, 'ana')).toBe('not-delegable')
  })
})

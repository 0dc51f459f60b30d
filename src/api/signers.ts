/** Who of a server could sign a release at a place, by grants, by the checklist, and in the place of a holder who is away. */
import type { AccessState, Place } from '../core/access/access.ts'
import { may, rolesAt } from '../core/access/may.ts'
import type { Plan } from '../core/plan/plan.ts'
import { type Signers, writtenSigners } from '../core/readiness/signers.ts'
import type { Caller } from './auth/caller.ts'

/** `place` = null where no project has the service yet: then only the checklist can tell. */
export function signersFor(state: AccessState, caller: Caller, plan: Plan, place: Place | null): Signers {
  if (caller.kind === 'local') return writtenSigners(plan, caller.actor.id)
  const starter = caller.kind === 'person' ? caller.id : null
  if (place === null) return { in: () => null, starter, keepsStarterOut: true }
  const able = [...state.people.keys()].filter((holder) =>
    may(state, { holder, scope: null }, 'release.approve', place),
  )
  const isAble = new Set(able)
  const isAway = (role: string, holder: string): boolean =>
    !isAble.has(holder) &&
    (plan.delegates?.[role] ?? []).some((one) => one.for === holder && isAble.has(one.id) && one.id !== starter)
  return {
    in: (role) => {
      if (role === null) return able
      if (plan.rosterRoles?.[role] !== undefined) return null
      const written = (plan.roles[role] ?? []).map(({ id }) => id)
      const holders = able.filter((person) => written.includes(person) || rolesAt(state, person, place).includes(role))
      return [...holders, ...written.filter((holder) => isAway(role, holder))]
    },
    starter,
    keepsStarterOut: true,
  }
}

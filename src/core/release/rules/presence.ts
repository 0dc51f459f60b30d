/** People say that they are there, and that they leave. */
import { accept, refuse, type Rule } from '../decision.ts'
import { countedRoles } from '../presence.ts'
import { isEnded } from '../standing.ts'
import { isInRole, isMachine } from './approvals.ts'

/** Said again it tells the new end of their stay. */
export const bePresent: Rule<'BePresent'> = (state, command, facts) => {
  if (isEnded(state)) return refuse('ended', `This release is ${state.phase.replaceAll('-', ' ')}.`)
  if (isMachine(facts.actor)) return refuse('not-in-role', 'A machine is no person who is present.')
  if (state.index.presencePhases.size === 0)
    return refuse('not-due', 'No phase of this checklist asks for people to be present.')
  if (command.until !== null && command.until <= facts.now)
    return refuse('not-due', 'That would be over already. For example: --for 2h')
  const before = state.present.get(facts.actor.id)
  if (before && before.until === command.until)
    return refuse('no-change', `${facts.actor.id} is known to be there already.`)
  const roles = countedRoles(state).filter((role) => isInRole(state, role, facts.actor))
  return accept({ kind: 'PresenceBegan', by: facts.actor.id, roles, until: command.until })
}

export const endPresence: Rule<'EndPresence'> = (state, command, facts) => {
  if (isEnded(state)) return refuse('ended', `This release is ${state.phase.replaceAll('-', ' ')}.`)
  if (!state.present.has(facts.actor.id)) return refuse('no-change', `${facts.actor.id} has not said to be there.`)
  return accept({ kind: 'PresenceEnded', by: facts.actor.id, why: command.why })
}

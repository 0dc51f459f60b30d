/** Something is wrong: a person, another system or a trigger declares it, and somebody says how it stands. */
import type { SeverityPlan } from '../../plan/plan.ts'
import type { Facts } from '../commands.ts'
import { wordsOf } from '../consequences-incidents.ts'
import { deadlineAt } from '../deadline.ts'
import { turnBackOrAsk } from '../asks-first.ts'
import { accept, refuse, type Rule } from '../decision.ts'
import type { EventOf, ReleaseEvent } from '../events.ts'
import { isEnded } from '../standing.ts'
import type { ReleaseState } from '../state.ts'
import { incidentInWatches } from './watches.ts'

/** Where the checklist names none: the two highest stop the release and ask, the others only tell. */
export const usualSeverities: Readonly<Record<string, SeverityPlan>> = {
  P1: { action: 'ask', tell: [], withinMs: null },
  P2: { action: 'ask', tell: [], withinMs: null },
  P3: { action: 'page', tell: [], withinMs: null },
  P4: { action: 'page', tell: [], withinMs: null },
}

export function severitiesOf(plan: ReleaseState['plan']): Readonly<Record<string, SeverityPlan>> {
  return plan.severities ?? usualSeverities
}

export const declareIncident: Rule<'DeclareIncident'> = (state, command, facts) => {
  if (isEnded(state))
    return refuse(
      'ended',
      `This release is ${state.phase.replaceAll('-', ' ')}: nothing of it is left to stop. Mend it with a hotfix. For example: holdpoint run HOTFIX.md --hotfix-of ${state.id}`,
    )
  if (command.reason.trim() === '')
    return refuse('reason-required', 'Say what is wrong. For example: --reason "orders are lost at checkout"')
  const known = severitiesOf(state.plan)
  const name = Object.keys(known).find((each) => each.toLowerCase() === command.severity.trim().toLowerCase())
  const severity = name === undefined ? undefined : known[name]
  if (name === undefined || severity === undefined)
    return refuse(
      'bad-answer',
      `There is no severity "${command.severity}"; this checklist has ${Object.keys(known).join(', ')}. For example: --severity ${Object.keys(known)[0]}`,
    )
  const declared = declaring(state, { name, severity, reason: command.reason, trigger: null }, facts)
  const inWatches = severity.action === 'rollback' ? [] : incidentInWatches(state, facts.actor.id, wordsOf(declared))
  return accept(declared, ...inWatches, ...doing(state, declared, facts))
}

/** What the severity asks for at once; a release that goes back already is not turned again. */
function doing(state: ReleaseState, declared: EventOf<'IncidentDeclared'>, { actor }: Facts): readonly ReleaseEvent[] {
  if (state.rollback !== null || declared.action === 'page') return []
  const why = wordsOf(declared)
  if (declared.action === 'ask') return state.hold ? [] : [{ kind: 'HoldPlaced', by: actor.id, why }]
  if (actor.kind !== 'machine')
    return [{ kind: 'RollbackStarted', cause: 'person', by: actor.id, why, serving: state.previous }]
  const [open] = state.steps.open
  const about = { step: open?.id ?? state.plan.steps[0]?.id ?? '', stage: null }
  return turnBackOrAsk(state, { cause: 'trigger', by: actor.id, why, serving: state.previous }, about)
}

interface Declaring {
  readonly name: string
  readonly severity: SeverityPlan
  readonly reason: string
  readonly trigger: string | null
}

function declaring(
  state: ReleaseState,
  { name, severity, reason, trigger }: Declaring,
  { now, actor }: Facts,
): EventOf<'IncidentDeclared'> {
  return {
    kind: 'IncidentDeclared',
    incident: `incident-${state.incidents.length + 1}`,
    severity: name,
    reason: reason.trim(),
    by: actor.id,
    action: severity.action,
    decideBy: severity.withinMs === null ? null : now + severity.withinMs,
    reportBy: deadlineAt(state.plan.postMortem, now),
    trigger,
    tell: severity.tell,
  }
}

/** A trigger that fired is an incident where the checklist knows what one of its severity means. Its own action stands. */
export function incidentOfTrigger(
  state: ReleaseState,
  trigger: { readonly id: string; readonly severity: string },
  reason: string,
  facts: Facts,
): readonly ReleaseEvent[] {
  const severity = state.plan.severities?.[trigger.severity]
  if (severity === undefined) return []
  const told = { ...severity, action: 'page', withinMs: null } as const
  return [declaring(state, { name: trigger.severity, severity: told, reason, trigger: trigger.id }, facts)]
}

/** Accepted after the end too: an incident often outlives the release that it stopped. */
export const setIncidentStatus: Rule<'SetIncidentStatus'> = (state, command, facts) => {
  const wanted = command.incident
  const incident =
    wanted === null
      ? (state.incidents.findLast(({ status }) => status !== 'resolved') ?? state.incidents.at(-1))
      : state.incidents.find((each) => each.incident === wanted)
  if (!incident)
    return refuse(
      'bad-answer',
      wanted === null
        ? 'No incident was declared for this release. For example: holdpoint release incident --severity P2 --reason "many complaints"'
        : `No incident "${wanted}"; there ${state.incidents.length === 0 ? 'are none' : `is ${state.incidents.map((each) => each.incident).join(', ')}`}.`,
    )
  if (incident.status === command.status && command.note === null)
    return refuse('no-change', `${incident.incident} is ${incident.status} already.`)
  return accept({
    kind: 'IncidentStatusSet',
    incident: incident.incident,
    status: command.status,
    by: facts.actor.id,
    note: command.note,
  })
}

export const linkHotfix: Rule<'LinkHotfix'> = (state, command, facts) =>
  state.hotfixes.some(({ release }) => release === command.release)
    ? refuse('no-change', `${command.release} is linked already.`)
    : accept({ kind: 'HotfixBegun', release: command.release, version: command.version, by: facts.actor.id })

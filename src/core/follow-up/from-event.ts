/** Which tasks one event of a release leaves behind. */
import { renderTemplate } from '../plan/template.ts'
import type { FollowUpAfter, FollowUpPlan } from '../plan/plan.ts'
import type { FollowUp, FollowUpKind } from '../ports/follow-up.ts'
import { deadlineAt } from '../release/deadline.ts'
import type { EventOf, Recorded } from '../release/events.ts'
import { isPractice } from '../release/standing.ts'
import type { ReleaseState } from '../release/state.ts'
import { variablesOf } from '../release/values.ts'

/** `state` already includes the event. Every task has the same id whenever it is asked for. */
export function followUpsOf(state: ReleaseState, recorded: Recorded): readonly FollowUp[] {
  const { event } = recorded
  switch (event.kind) {
    case 'FollowUpAdded':
      return [added(state, recorded, event)]
    case 'IncidentDeclared':
      return [...postMortem(state, recorded, event), ...planned(state, recorded, ['incident'])]
    case 'StepWaived':
      return event.expires === null || state.rehearsal ? [] : [waived(state, recorded, event)]
    case 'RollbackFinished':
      return [
        ...leftOpen(state, recorded),
        ...planned(state, recorded, [state.rollback?.cause === 'rehearsal' ? 'rehearsal' : 'rollback']),
      ]
    case 'ReleaseSuperseded':
    case 'ReleaseLeft':
      return leftOpen(state, recorded)
    case 'ReleaseClosed':
      return isPractice(state)
        ? planned(state, recorded, ['rehearsal'])
        : [...planned(state, recorded, occasionsOf(state)), ...review(state, recorded)]
    default:
      return []
  }
}

/** A type that nobody can tell may have been any of them. */
function occasionsOf({ releaseType }: ReleaseState): readonly FollowUpAfter[] {
  return releaseType === 'unknown' ? ['release', 'major', 'minor', 'patch'] : ['release', releaseType]
}

type Special = Pick<FollowUp, 'id' | 'title' | 'kind'> & Partial<FollowUp>

function followUp(state: ReleaseState, { at, by }: Pick<Recorded, 'at' | 'by'>, special: Special): FollowUp {
  return {
    severity: 'normal',
    service: state.plan.service,
    environment: state.environment,
    release: state.id,
    owner: null,
    due: null,
    link: null,
    note: '',
    by: by.id,
    at,
    closed: null,
    ...special,
  }
}

function added(state: ReleaseState, recorded: Recorded, event: EventOf<'FollowUpAdded'>): FollowUp {
  const { followUp: id, title, severity, owner, due, link, by } = event
  const kind = isPractice(state) ? 'drill' : 'lesson'
  return followUp(state, recorded, { id: `${state.id}/${id}`, title, kind, severity, owner, due, link, by })
}

function postMortem(
  state: ReleaseState,
  recorded: Recorded,
  { incident, severity, reason, reportBy, by }: EventOf<'IncidentDeclared'>,
): readonly FollowUp[] {
  if (reportBy === null || isPractice(state)) return []
  const title = `Post-mortem of the ${severity} incident: ${reason}`
  const owner = by === 'engine' ? null : by
  const id = `${state.id}/${incident}/post-mortem`
  return [followUp(state, recorded, { id, title, kind: 'post-mortem', severity: 'high', owner, due: reportBy })]
}

function waived(state: ReleaseState, recorded: Recorded, event: EventOf<'StepWaived'>): FollowUp {
  const text = state.index.step.get(event.step)?.text ?? event.step
  const id = `${state.id}/${recorded.version}/waiver`
  const title = `Waived for a while: ${text}`
  return followUp(state, recorded, {
    id,
    title,
    kind: 'waiver',
    note: event.reason,
    owner: event.by,
    due: event.expires,
  })
}

/** What an incident asked of people and nobody answered before the release ended. */
function leftOpen(state: ReleaseState, recorded: Recorded): readonly FollowUp[] {
  if (state.incidents.length === 0 || isPractice(state)) return []
  return state.steps.open.flatMap((step): readonly FollowUp[] => {
    const plan = state.index.step.get(step.id)
    if (!plan || !state.index.incidentPhases.has(plan.phase) || step.reachedAt === null) return []
    if (plan.block.word === 'group') return []
    const id = `${state.id}/${step.id}/left-open`
    const owner = step.assigned ?? plan.owner
    return [followUp(state, recorded, { id, title: plan.text, kind: 'incident', severity: 'high', owner })]
  })
}

function planned(state: ReleaseState, recorded: Recorded, occasions: readonly FollowUpAfter[]): readonly FollowUp[] {
  const wanted = Object.entries(state.plan.followUps ?? {}).filter(([, { after }]) =>
    after.some((each) => occasions.includes(each)),
  )
  return wanted.map(([name, plan]) => ofPlan(state, recorded, name, plan, occasions[0] ?? 'release'))
}

const kinds: Readonly<Partial<Record<FollowUpAfter, FollowUpKind>>> = {
  incident: 'incident',
  rollback: 'rollback',
  rehearsal: 'drill',
}

function ofPlan(
  state: ReleaseState,
  recorded: Recorded,
  name: string,
  { title, severity, owner, due }: FollowUpPlan,
  occasion: FollowUpAfter,
): FollowUp {
  const kind = kinds[occasion] ?? (/retrospective/i.test(`${name} ${title}`) ? 'retrospective' : 'other')
  const told = renderTemplate(title, variablesOf(state), 'none').text
  const id = `${state.id}/${recorded.version}/${name}`
  return followUp(state, recorded, { id, title: told, kind, severity, owner, due: deadlineAt(due, recorded.at) })
}

const steps = ['patch', 'minor', 'major'] as const

/** The checklist itself is looked at after a release of that type or a greater one. */
function review(state: ReleaseState, recorded: Recorded): readonly FollowUp[] {
  const { reviewAfter } = state.plan
  if (reviewAfter === undefined) return []
  const size = steps.indexOf(state.releaseType === 'unknown' ? 'major' : (state.releaseType as 'major'))
  if (size < steps.indexOf(reviewAfter)) return []
  const title = `Review the checklist ${state.plan.source.file} after ${state.releaseVersion}`
  const due = deadlineAt({ workingDays: 5 }, recorded.at)
  return [followUp(state, recorded, { id: `${state.id}/review`, title, kind: 'checklist-review', due })]
}

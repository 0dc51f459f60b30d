/** What is wrong with a release, as it was declared, and what that waits for. */
import { openIncidents, undecidedOf } from '../../core/release/consequences-incidents.ts'
import type { IncidentState, ReleaseState } from '../../core/release/state.ts'
import type { IncidentView, WaitingView } from '../view.ts'

export function incidentViews(state: ReleaseState): readonly IncidentView[] {
  const undecided = undecidedOf(state)
  return state.incidents.map((each) => ({
    id: each.incident,
    severity: each.severity,
    reason: each.reason,
    by: each.by,
    at: each.at,
    action: each.action,
    status: each.status,
    note: each.note,
    decideBy: each === undecided ? each.decideBy : null,
    reportBy: each.reportBy,
    resolvedAt: each.resolvedAt,
  }))
}

type Tell = (verb: string, rest?: string) => string

/** An open incident waits for somebody: to decide while the release stands still for it, and to say that it is over. */
export function incidentWaits(state: ReleaseState, who: string | null, tell: Tell): readonly WaitingView[] {
  const newest = openIncidents(state).at(-1)
  if (newest === undefined || state.rollback !== null) return []
  const isUndecided = newest === undecidedOf(state)
  return [
    {
      kind: 'decide',
      step: null,
      what: `${newest.severity} incident, ${newest.status}: ${newest.reason}`,
      who,
      since: newest.at,
      until: isUndecided ? newest.decideBy : null,
      otherwise: isUndecided && newest.decideBy !== null ? 'rollback' : null,
      commands: [...(isUndecided ? deciding(tell) : []), over(newest, tell)],
    },
  ]
}

function deciding(tell: Tell): WaitingView['commands'] {
  return [
    { why: 'take everything back', command: tell('rollback', '--reason WHY') },
    { why: 'go on all the same', command: tell('resume', '--reason WHY') },
  ]
}

function over({ incident }: IncidentState, tell: Tell): WaitingView['commands'][number] {
  return { why: 'it is over', command: tell('incident-status', `resolved --incident ${incident} --note WHY`) }
}

/** Who is on call by a checklist: where a service keeps its roster, that is asked from this terminal. */
import type { Plan } from '../core/plan/plan.ts'
import type { RosterAnswer } from '../core/ports/roster.ts'
import { type RosterView, rosterView } from '../report/roster-words.ts'

/** Never throws: what cannot be read is said in the view. */
export async function rosterNow(plan: Plan): Promise<RosterView> {
  return rosterView(plan, Date.now(), await answerFor(plan))
}

async function answerFor(plan: Plan): Promise<RosterAnswer | null> {
  if (plan.roster?.asked === undefined) return null
  const { readRosterHere } = await import('../app/alone.ts')
  return readRosterHere(plan)
}

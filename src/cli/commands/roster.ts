/** `roster`: who is on call now by a checklist, and which contacts nobody made sure of lately. */
import { printFolded } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { loadPlan } from '../document.ts'
import { rosterNow } from '../roster-asked.ts'
import { rosterLines } from '../roster-text.ts'

export const roster: Run = async (context, [file = '']) => {
  const { plan } = await loadPlan(file)
  const view = await rosterNow(plan)
  if (context.json) {
    printJson(context, view)
    return view.uncovered.length > 0 ? 1 : 0
  }
  if (view.onCall === null)
    context.err('this checklist says no roster; for example: roster: { primary: on-call.ics, escalation: [dora] }')
  for (const line of rosterLines(view)) printFolded(context, line)
  return view.uncovered.length > 0 ? 1 : 0
}

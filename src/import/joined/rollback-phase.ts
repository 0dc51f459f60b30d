/** Sections that say how to go back become phases that run only when a release goes back. */
import type { Recognised } from '../recognise.ts'

const block = '```yaml phase\nkind: rollback\n```'

/** Changes the entries of `seen`. */
export function proposeRollbackPhases(seen: Recognised[]): void {
  const hasTask = seen.some(({ item }) => item.form === 'task')
  // Of a document about nothing else each section is an ordinary one.
  if (seen.some(({ item }) => item.level === 1 && isGoingBack(item.text))) return
  let end = 0
  for (const [at, each] of seen.entries()) {
    const { item, proposal } = each
    if (at < end || item.form !== 'heading' || item.parent !== null || item.insert === null || !isGoingBack(item.text))
      continue
    // The title is no phase.
    if (item.section.length === 0 && item.level === 1) continue
    const next = seen.findIndex(
      (other, index) => index > at && other.item.parent === null && (other.item.level ?? 99) <= (item.level ?? 0),
    )
    const last = next === -1 ? seen.length : next
    const holds = seen.slice(at + 1, last).some((inside) => isGoingStep(inside, hasTask))
    if (!holds) continue
    end = last
    seen[at] = {
      ...each,
      why: `What stands below it is only done when a release goes back.${proposal ? ` ${each.why}` : ''}`,
      proposal: { block: proposal ? `${block}\n${proposal.block}` : block, risk: proposal?.risk ?? 'reads' },
    }
  }
}

/** Something to do, which a checklist can see as a step. */
function isGoingStep({ kind, role, item, proposal }: Recognised, hasTask: boolean): boolean {
  if (kind !== 'rollback-step' || (role !== 'step' && item.form !== 'fence')) return false
  return item.form === 'task' || proposal !== null || (!hasTask && item.form !== 'fence')
}

function isGoingBack(title: string): boolean {
  return (
    /\b(?:roll(?:ing)?[- ]?back|revert|back[- ]?out)\b/i.test(title) &&
    !/\b(?:plan|preparation|prepare|readiness|contacts?|criteria|template|announcement|communication|test(?:ed|ing)?|before|when to|triggers?|pre-?\w*|ready|post|principles?|decision|policy|drill|rehears\w+)\b/i.test(
      title,
    )
  )
}

/** Tables of known issues as people see them: each row, and whether the release may go on with them. */
import { issuesOf, readIssues } from '../../core/release/known-issues.ts'
import type { KnownIssuesView } from '../view.ts'
import type { Scene } from './steps.ts'

export function knownIssuesViews({ state }: Scene): readonly KnownIssuesView[] {
  return state.plan.steps.flatMap((plan) => {
    const { block } = plan
    if (block.word !== 'known-issues') return []
    const rows = issuesOf(plan, state.steps.get(plan.id))
    const { is, say } = readIssues(block, rows)
    return [{ step: plan.id, text: plan.text, severities: block.severities, blocks: block.block, is, say, rows }]
  })
}

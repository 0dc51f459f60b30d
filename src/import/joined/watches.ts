/** Steps that watch for a while become watches: of the rollout before them, of the limits they name, or of one address. */
import type { Recognised } from '../recognise.ts'
import { limitsIn } from './limits.ts'
import { namesOf, policyOf } from './policy.ts'
import type { RolloutProposal } from './rollout.ts'
import { watchJudgeLines } from './rollout-blocks.ts'
import { soakOf } from './stages.ts'

/** Changes the entries of `seen`. */
export function proposeWatches(seen: Recognised[], rollout: RolloutProposal | null): void {
  const hasTask = seen.some(({ item }) => item.form === 'task')
  const inside = childrenOf(seen)
  for (const [at, each] of seen.entries()) {
    const { kind, role, item, params, proposal } = each
    if (kind !== 'monitor-window' || role !== 'step' || proposal || item.insert === null) continue
    const isTask = item.form === 'task' || !hasTask
    const length = soakOf(params['for'])
    if (length === null || !isTask) continue
    if (rollout?.rollout.stages.some(({ soakAt }) => soakAt === at)) continue
    const own = policyOf(
      [...(inside.get(item.line) ?? []), each].flatMap((other) =>
        limitsIn(other.item.text).map((limit) => ({ limit, zone: 'go', stage: null }) as const),
      ),
    )
    // Said again in full: the watch shall also stand where the rollout is not wanted.
    const judge = own.metrics.length === 0 && rollout && rollout.rollout.at < at ? rollout.policy : own
    const [lines, why] =
      judge.metrics.length > 0
        ? [watchJudgeLines(judge), `${namesOf(judge)} ${judge.metrics.length === 1 ? 'is' : 'are'} looked at`]
        : [health, 'one address is asked']
    seen[at] = {
      ...each,
      why: `For ${length} ${why}; people are asked when something is not as it should be.`,
      proposal: {
        block: ['```yaml watch', `for: ${length}`, 'on-failure: ask', ...lines, '```'].join('\n'),
        risk: 'reads',
      },
    }
  }
}

function childrenOf(seen: readonly Recognised[]): ReadonlyMap<number, readonly Recognised[]> {
  const inside = new Map<number, Recognised[]>()
  for (const each of seen) {
    const { parent } = each.item
    if (parent === null || each.kind === 'decision-rule') continue
    const siblings = inside.get(parent)
    if (siblings) siblings.push(each)
    else inside.set(parent, [each])
  }
  return inside
}

const health = ['checks:', '  - { name: health, kind: http, requests: "GET {{ input.health_url }}", fails: 3 }']

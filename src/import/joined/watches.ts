/** Steps that watch for a while become watches: of the rollout before them, of the limits they name, or of one address. */
import type { Recognised } from '../recognise.ts'
import { limitsIn } from './limits.ts'
import { policyOf } from './policy.ts'
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
    if (rollout?.rollout.form === 'list' && isSoakOf(rollout, at, seen)) {
      seen[at] = {
        ...each,
        why: `It is the soak of a stage in the rollout proposed at line ${seen[rollout.rollout.at]?.item.line ?? 0}.`,
      }
      continue
    }
    const own = policyOf(
      [...(inside.get(item.line) ?? []), each].flatMap((other) =>
        limitsIn(other.item.text).map((limit) => ({ limit, zone: 'go', stage: null }) as const),
      ),
    )
    const goesOn = rollout !== null && rollout.policy.metrics.length > 0 && rollout.rollout.at < at
    const [lines, why] =
      own.metrics.length > 0
        ? [watchJudgeLines(own), 'the numbers below it are looked at']
        : goesOn
          ? [[], 'the judge of the rollout goes on looking']
          : [health, 'an address is asked again and again']
    seen[at] = {
      ...each,
      why: `For ${length} ${why}, and people are asked when they are not as they should be.`,
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

/** It follows a stage of the list, so its time is in the rollout already. */
function isSoakOf({ rollout }: RolloutProposal, at: number, seen: readonly Recognised[]): boolean {
  const before = rollout.stages.findLast((stage) => stage.at < at)
  return before?.soak != null && seen[before.at]?.item.parent === seen[at]?.item.parent && at - before.at < 12
}

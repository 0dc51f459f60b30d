/** Who decides about a canary, how often it may be wrong, and what only one of the policies understands. */
import { leastPoints } from '../../judge/mann-whitney-metric.ts'
import { formatDuration } from '../duration.ts'
import type { JudgePlan, JudgePolicy, MetricPlan } from '../plan.ts'
import { parseChance } from '../quantity.ts'
import type { Settings } from '../settings.ts'
import type { FilePlace } from '../yaml.ts'

const minute = 60_000
const policies: readonly JudgePolicy[] = ['statistical', 'threshold', 'mann-whitney']
const usualHistory = { forMs: 60 * minute, splitBy: 'instance' }

type Policy = Pick<JudgePlan, 'policy' | 'falseAlarm' | 'falseGo' | 'history' | 'allowedFailures' | 'sharedBreach'>

/** What this judge looks at and how often, of its own or as the judge above. */
type Looks = Pick<JudgePlan, 'metrics' | 'everyMs'>

export function readPolicy(settings: Settings, above: JudgePlan, looks: Looks): Policy {
  const isWritten = settings.has('policy')
  const place = settings.placeOf('policy')
  const written = settings.choice('policy', policies)
  const policy = written ?? inherited(above, looks.metrics)
  const isSame = policy === above.policy
  const places = { history: settings.placeOf('history'), failures: settings.placeOf('allowed-failures') }
  const history = readHistory(settings)
  const failures = readAllowedFailures(settings)
  // A name that nobody knows has been told: what would follow from it is no second slip.
  if (!isWritten || written !== null) checkFits({ policy, history, failures }, places, settings)
  if (policy === 'mann-whitney') checkPoints(looks, place, settings)
  const standingHistory = isSame ? (above.history ?? null) : usualHistory
  return {
    policy,
    falseAlarm: settings.parse('false-alarm', parseChance) ?? above.falseAlarm,
    falseGo: settings.parse('false-go', parseChance) ?? above.falseGo ?? 0.05,
    history: policy !== 'statistical' ? null : history === 'unsaid' ? standingHistory : history,
    allowedFailures: policy !== 'threshold' ? null : (failures ?? (isSame ? (above.allowedFailures ?? null) : null)),
    sharedBreach: settings.choice('shared-breach', ['hold', 'rollback']) ?? standingBreach(above, policy),
  }
}

/** A policy that was named goes down to the watch after the rollout; the usual one follows from what there is to judge. */
function inherited(above: JudgePlan, metrics: readonly MetricPlan[]): JudgePolicy {
  const wasNamed = above.policy !== undefined && above.policy !== usualPolicy(above.metrics)
  return wasNamed && above.policy !== undefined ? above.policy : usualPolicy(metrics)
}

/** Where arms can be compared by counts, chance is reckoned with. */
function usualPolicy(metrics: readonly MetricPlan[]): JudgePolicy {
  return metrics.some(isComparable) ? 'statistical' : 'threshold'
}

function isComparable({ kind, queries }: MetricPlan): boolean {
  return kind === 'ratio' || kind === 'histogram' || (kind === 'events' && queries['total'] !== undefined)
}

function standingBreach(above: JudgePlan, policy: JudgePolicy): 'hold' | 'rollback' {
  if (above.policy === policy && above.sharedBreach !== undefined) return above.sharedBreach
  return policy === 'statistical' ? 'hold' : 'rollback'
}

interface Fit {
  readonly policy: JudgePolicy
  readonly history: JudgePlan['history'] | 'unsaid'
  readonly failures: JudgePlan['allowedFailures']
}

function checkFits(
  { policy, history, failures }: Fit,
  places: { readonly history: FilePlace; readonly failures: FilePlace },
  settings: Settings,
): void {
  if (failures && policy !== 'threshold')
    settings.error('conflicting-attributes', places.failures, {
      found: `"allowed-failures" beside the policy ${policy}`,
      expected: '"policy: threshold", the only one that counts intervals',
      example: `policy: threshold\n${failuresExample}`,
    })
  if (history && history !== 'unsaid' && policy !== 'statistical')
    settings.error('conflicting-attributes', places.history, {
      found: `"history" beside the policy ${policy}`,
      expected: '"policy: statistical", the only one that learns from what was before',
      example: `policy: statistical\n${historyExample}`,
    })
}

/** A window that never holds enough points for the test would never let a release go. */
function checkPoints({ metrics, everyMs }: Looks, place: FilePlace, settings: Settings): void {
  const pointsOf = ({ windowMs }: MetricPlan): number => Math.ceil(windowMs / everyMs)
  const short = metrics.find((metric) => isCompared(metric) && pointsOf(metric) < leastPoints)
  if (!short) return
  settings.error('conflicting-attributes', place, {
    found: `the policy mann-whitney beside "${short.name}", whose window of ${formatDuration(short.windowMs)} holds ${pointsOf(short)} of the ${leastPoints} samples it needs`,
    expected: `a longer "window" of the metric, or a shorter "every"`,
    example: `window: ${formatDuration(everyMs * leastPoints * 2)}`,
  })
}

function isCompared({ versusStable, goVersusStable = [] }: MetricPlan): boolean {
  return versusStable.length + goVersusStable.length > 0
}

const historyExample = 'history: { for: 1h, split-by: pod }'

/** `1h`, `none`, or both settings in a mapping. */
function readHistory(settings: Settings): JudgePlan['history'] | 'unsaid' {
  const given = settings.peek('history')
  if (given === null) return 'unsaid'
  if (given.value.kind === 'scalar' && given.value.text === 'none') {
    settings.take('history')
    return null
  }
  const group = given.value.kind === 'map' ? settings.group('history') : null
  const forMs = group === null ? settings.duration('history') : group.duration('for')
  const splitBy = group?.text('split-by') ?? usualHistory.splitBy
  group?.finish(historyExample)
  if (forMs === null || (forMs >= 5 * minute && forMs <= 7 * 24 * 60 * minute))
    return { forMs: forMs ?? usualHistory.forMs, splitBy }
  settings.error('bad-value', given.value.place, {
    found: `a history of ${formatDuration(forMs)} in ${settings.what}`,
    expected: 'from 5m to 7d, or "none"',
    example: historyExample,
  })
  return 'unsaid'
}

const failuresExample = 'allowed-failures: { consecutive: 2, total: 5 }'

/** Without `consecutive`, as many in a row as in all; without `total`, any number that is not in a row. */
function readAllowedFailures(settings: Settings): JudgePlan['allowedFailures'] {
  const group = settings.group('allowed-failures')
  if (group === null) return null
  const isEmpty = !group.has('consecutive') && !group.has('total')
  const consecutive = group.whole('consecutive', 0, 10_000)
  const total = group.whole('total', 0, 10_000)
  group.finish(failuresExample)
  if (isEmpty) group.missing('consecutive', 'consecutive, total, or both', failuresExample)
  return { consecutive: consecutive ?? total ?? 0, total }
}

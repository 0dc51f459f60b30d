/** Lint rules on who decides about a canary: policies that are wrong more often than they look. */
import { assumedFor } from '../judge/simulate/assumed.ts'
import { estimateStages } from '../judge/simulate/estimate.ts'
import { formatDuration } from './duration.ts'
import { meets } from './limit.ts'
import type { LintRule } from './lint.ts'
import type { JudgePlan, Limit, MetricPlan, StepPlan } from './plan.ts'
import { rateText } from './quantity.ts'

/** A rank test promises its rate of false alarms for one look, and a judge looks after every interval. */
const repeatedLooks: LintRule = (plan, _reading, report) => {
  for (const step of judgedSteps(plan.steps)) {
    if (step.block.judge.policy !== 'mann-whitney') continue
    report(
      'repeated-looks',
      { line: step.line, column: 1 },
      {
        found: 'the policy mann-whitney, whose false alarms grow with every look at the samples',
        expected:
          'the policy statistical, which may look after every sample; mann-whitney is there to compare with other tools',
        example: 'policy: statistical',
      },
    )
  }
}

/** With so few requests, the first that fails is already a share beyond the limit. */
const oneRequestDecides: LintRule = (plan, _reading, report) => {
  for (const step of judgedSteps(plan.steps)) {
    const { judge } = step.block
    if (judge.policy !== 'threshold' || judge.allowedFailures) continue
    for (const { metric, limit } of step.block.own.flatMap(decidedByOne)) {
      report(
        'one-request-decides',
        { line: step.line, column: 1 },
        {
          found: `the metric "${metric.name}", of which one bad request in ${metric.minSamples} breaks "${limit.text}"`,
          expected: `min-samples high enough for several, or "policy: statistical", which knows how much one request says`,
          example: `min-samples: ${enoughFor(limit)}`,
        },
      )
    }
  }
}

function decidedByOne(metric: MetricPlan): readonly { readonly metric: MetricPlan; readonly limit: Limit }[] {
  if (metric.kind !== 'ratio' || metric.dryRun || metric.forMs > 0) return []
  return metric.rollback.filter((limit) => isDecidedByOne(limit, metric.minSamples)).map((limit) => ({ metric, limit }))
}

/** A limit of nought is meant like that: there no request at all may fail. */
function isDecidedByOne(limit: Limit, samples: number): boolean {
  if (isUpward(limit)) return limit.value > 0 && meets(1 / samples, limit)
  return limit.value < 1 && meets(1 - 1 / samples, limit)
}

/** So many that about five bad requests break the limit. */
function enoughFor(limit: Limit): number {
  const share = isUpward(limit) ? limit.value : 1 - limit.value
  return Math.ceil(5 / share - 1e-6)
}

function isUpward({ operator }: Limit): boolean {
  return operator.startsWith('>')
}

/** A soak that is over before a healthy version is certain only says that somebody will wait longer than was written. */
const soakTooShort: LintRule = (plan, _reading, report) => {
  for (const { block } of plan.steps) {
    if (block.word !== 'rollout' || block.judge.traffic === undefined) continue
    const { traffic } = block.judge
    for (const [i, estimate] of estimateStages(block.judge, block.stages, assumedFor(block.judge, {})).entries()) {
      const stage = block.stages[i]
      const { goMs, soakMs, certificates } = estimate
      if (stage === undefined || stage.onInconclusive === 'ask' || soakMs === 0) continue
      if (goMs !== null && goMs <= soakMs) continue
      const metric = certificates[0]?.metric ?? ''
      const need =
        goMs === null ? 'never gets' : `needs about ${formatDuration(Math.round(goMs / 60_000) * 60_000)} to be`
      report(
        'soak-too-short',
        { line: stage.line, column: 1 },
        {
          found: `the stage "${stage.title}" with a soak of ${formatDuration(soakMs)}, where "${metric}" of a healthy version ${need} certain at ${rateText(traffic.perSecond)}`,
          expected: 'a longer soak, more weight, wider go limits, or "on-inconclusive: ask"',
          example: `{ weight: ${stage.weightPercent}%, soak: ${formatDuration(Math.ceil((goMs ?? 4 * soakMs) / 300_000) * 300_000)} }`,
        },
      )
    }
  }
}

interface JudgedStep extends Pick<StepPlan, 'line'> {
  readonly block: { readonly judge: JudgePlan; readonly own: readonly MetricPlan[] }
}

/** A watch that goes on with the judge of the rollout before it is told once, there. */
function judgedSteps(steps: readonly StepPlan[]): readonly JudgedStep[] {
  const seen = new Set<string>()
  return steps.flatMap(({ line, block }) => {
    if (block.word !== 'rollout' && block.word !== 'watch') return []
    const checks = block.word === 'watch' ? block.checks : []
    const own = block.judge.metrics.filter((metric) => !checks.some((check) => check.name === metric.name))
    const key = JSON.stringify([block.judge.policy, own])
    if (seen.has(key)) return []
    seen.add(key)
    return [{ line, block: { judge: block.judge, own } }]
  })
}

export const judgeRules: readonly LintRule[] = [repeatedLooks, oneRequestDecides, soakTooShort]

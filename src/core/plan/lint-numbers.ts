/** Lint rules on numbers that cannot both hold: limits of a metric, and a phase that takes longer than its window. */
import { formatDuration } from './duration.ts'
import { leastTimeOf } from './least-time.ts'
import type { LintRule } from './lint.ts'
import type { Limit, MetricPlan, StepPlan, WindowPlan } from './plan.ts'

/** A value that is good enough to go and bad enough to turn back: one of the two limits is not what its author meant. */
const contradictoryLimits: LintRule = (plan, _reading, report) => {
  const seen = new Set<string>()
  for (const step of plan.steps) {
    for (const metric of metricsOf(step)) {
      const limits = contradictionIn(metric)
      // A watch goes on with the metrics of the rollout before it: they are told once.
      const key = JSON.stringify(metric)
      if (limits === null || seen.has(key)) continue
      seen.add(key)
      report(
        'contradictory-limits',
        { line: step.line, column: 1 },
        {
          found: `the metric "${metric.name}" with values that are both: go "${limits.go.text}" and rollback "${limits.rollback.text}"`,
          expected: 'a rollback limit beyond the go limit; what lies between them holds',
          example: 'errors: { …, go: "< 1%", rollback: "> 2%" }',
        },
      )
    }
  }
}

/** Those whose limits their author wrote: a check of a watch brings its own, for two values and nothing between. */
function metricsOf({ block }: StepPlan): readonly MetricPlan[] {
  if (block.word === 'rollout') return block.judge.metrics
  if (block.word !== 'watch') return []
  return block.judge.metrics.filter((metric) => !block.checks.some((check) => check.name === metric.name))
}

function contradictionIn({ go, rollback }: MetricPlan): { readonly go: Limit; readonly rollback: Limit } | null {
  for (const bad of rollback) {
    const beside = go.filter((limit) => limit.quantile === bad.quantile)
    const last = beside.at(-1)
    // Every go limit must hold, any rollback limit is enough.
    if (last && overlaps([...beside, bad]))
      return { go: beside.find((limit) => overlaps([limit, bad])) ?? last, rollback: bad }
  }
  return null
}

/** Is there a value that all of them name? */
function overlaps(limits: readonly Limit[]): boolean {
  const upper = limits.filter((limit) => limit.operator.startsWith('<'))
  const lower = limits.filter((limit) => limit.operator.startsWith('>'))
  const most = Math.min(...upper.map((limit) => limit.value))
  const least = Math.max(...lower.map((limit) => limit.value))
  if (least !== most) return least < most
  return [...upper, ...lower].every((limit) => limit.value !== most || limit.operator.endsWith('='))
}

/** A phase is entered only while its window is open, and would still be moving users when it has closed. */
const longerThanWindow: LintRule = (plan, _reading, report) => {
  for (const phase of plan.phases) {
    const window = phase.window === null ? undefined : plan.windows[phase.window]
    const openMs = window && window.covers !== 'entry' ? longestOpeningMs(window) : Infinity
    const neededMs = leastTimeOf(plan, phase.id)
    if (neededMs <= openMs) continue
    report(
      'longer-than-window',
      { line: phase.line, column: 1 },
      {
        found: `the phase "${phase.title}" takes at least ${formatDuration(neededMs)}, and its window "${phase.window}" is open for ${formatDuration(openMs)} at most`,
        expected: 'shorter soaks and waits, a longer window, or phases with windows of their own',
        example: 'stages: [{ weight: 5%, soak: 30m }, { weight: 100%, soak: 15m }]',
      },
    )
  }
}

const minutesOfDay = 24 * 60

/** Never too short: rules that could join to one opening are counted together, and one over midnight may join the next day. */
function longestOpeningMs({ allow }: WindowPlan): number {
  if (allow.length === 0) return Infinity
  const spans = allow.map(({ fromMinute, toMinute }) => {
    const from = fromMinute ?? 0
    const to = toMinute ?? minutesOfDay
    return { from, to, minutes: to > from ? to - from : to - from + minutesOfDay }
  })
  const reachesMidnight = spans.some(({ to }) => to >= minutesOfDay || to === 0)
  const beginsAtMidnight = spans.some(({ from }) => from === 0)
  if (reachesMidnight && beginsAtMidnight) return Infinity
  const minutes = spans.reduce((sum, span) => sum + span.minutes, 0)
  return minutes >= minutesOfDay ? Infinity : minutes * 60_000
}

export const numberRules: readonly LintRule[] = [contradictoryLimits, longerThanWindow]

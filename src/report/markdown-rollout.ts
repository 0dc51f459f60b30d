/** How the traffic moved, and the numbers that let it. */
import { md, table } from './escape.ts'
import type { ReleaseRecord } from './record.ts'
import type { ObservedPart } from './rollout-history.ts'
import type { Names } from './timeline.ts'
import type { MetricReading } from '../core/judge/verdict.ts'
import type { RolloutView } from './view.ts'
import { clockWords, dateWords, durationWords, numberWords, percentWords } from './words.ts'

export function rolloutSections({ view, observed }: ReleaseRecord, names: Names): readonly string[] {
  const steps = [...new Set(observed.map(({ step }) => step))]
  return steps.map((step) => {
    const rollout = view.rollouts.find((each) => each.step === step)
    const parts = observed.filter((part) => part.step === step)
    const overview = rollout ? `${stageTable(rollout, parts)}\n\n` : ''
    const details = parts.map((part) => partSection(part, titleOf(part, rollout))).join('\n\n')
    return `## ${rollout ? 'Rollout' : 'Watch'}: ${md(names.step(step))}\n\n${overview}${details}`
  })
}

function titleOf({ stage }: ObservedPart, rollout: RolloutView | undefined): string {
  const plan = stage === null ? undefined : rollout?.stages[stage]
  if (!plan) return 'Watched'
  const weight = percentWords(plan.weightPercent)
  return `Stage ${(stage ?? 0) + 1}: ${weight}${plan.title === '' || plan.title === weight ? '' : `, ${md(plan.title)}`}`
}

function stageTable(rollout: RolloutView, parts: readonly ObservedPart[]): string {
  return table(
    ['Stage', 'Weight', 'Entered', 'Healthy time', 'Left', 'On the word of', 'Last verdict'],
    rollout.stages.map((stage, index) => {
      const part = parts.findLast((each) => each.stage === index)
      const verdict = part?.verdicts.at(-1)?.verdict
      return [
        `${index + 1}${stage.title === '' || stage.title === percentWords(stage.weightPercent) ? '' : ` ${md(stage.title)}`}`,
        percentWords(stage.weightPercent),
        part ? dateWords(part.enteredAt) : 'never',
        part ? `${durationWords(part.soakMs)} of ${durationWords(stage.soakMs)}` : '',
        part?.leftAt ? dateWords(part.leftAt) : '',
        md(part?.leftBy ?? ''),
        verdict ? `${verdict.zone}: ${md(verdict.say)}` : '',
      ]
    }),
  )
}

function partSection({ shifts, verdicts }: ObservedPart, title: string): string {
  const moves = shifts.map(({ at, component, percent, ok, say }) => {
    const reached = ok && percent !== null ? `reached ${percentWords(percent)}` : '**not reached**'
    return `- ${clockWords(at)} ${md(component)}: ${reached}${say === '' ? '' : `, ${md(say)}`}`
  })
  const said = verdicts.map(
    ({ at, verdict }) => `- ${clockWords(at)} **${verdict.zone}** (${verdict.why}): ${md(verdict.say)}`,
  )
  const last = verdicts.at(-1)?.verdict
  const readings = last && last.metrics.length > 0 ? `\n\n${readingTable(last.metrics)}` : ''
  return `### ${title}\n\n${[...moves, ...said].join('\n') || 'Nothing was observed.'}${readings}`
}

function readingTable(metrics: readonly MetricReading[]): string {
  return table(
    ['Metric', 'Canary', 'Stable', 'Go', 'Rollback', 'Versus stable', 'Samples', 'Zone', 'In words'],
    metrics.map(({ metric, quantile, unit, canary, stable, limits, samples, zone, why, say, dryRun }) => [
      `${md(metric)}${quantile === null ? '' : ` p${Number((quantile * 100).toFixed(3))}`}`,
      numberWords(canary, unit),
      numberWords(stable, unit),
      md(limits.go ?? ''),
      md(limits.rollback ?? ''),
      md(limits.versusStable ?? ''),
      String(samples),
      dryRun ? `dry run: ${zone} (${why})` : `${zone} (${why})`,
      md(say),
    ]),
  )
}

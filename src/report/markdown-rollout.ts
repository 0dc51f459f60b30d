/** How the traffic moved, and the numbers that let it. */
import { md, table } from './escape.ts'
import { comparedWords, dispersionWords, evidenceWords, ratioLimitWords, ratioWords } from './evidence-words.ts'
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
  const isCompared = metrics.some(({ ratio, evidence }) => ratio != null || evidence != null)
  return table(
    [
      'Metric',
      'Canary',
      'Stable',
      'Go',
      'Rollback',
      'Versus stable',
      ...(isCompared ? ['Canary / stable', 'Evidence'] : []),
      'Samples',
      'Zone',
      'In words',
    ],
    metrics.map((reading) => [
      `${md(reading.metric)}${reading.quantile === null ? '' : ` p${Number((reading.quantile * 100).toFixed(3))}`}`,
      numberWords(reading.canary, reading.unit),
      numberWords(reading.stable, reading.unit),
      md(reading.limits.go ?? ''),
      md(reading.limits.rollback ?? ''),
      md(reading.limits.versusStable ?? ''),
      ...(isCompared ? [ratioCell(reading), evidenceCell(reading)] : []),
      String(reading.samples),
      `${reading.dryRun ? 'dry run: ' : ''}${reading.zone} (${reading.why})`,
      md(reading.say),
    ]),
  )
}

function ratioCell({ ratio }: MetricReading): string {
  if (ratio == null) return ''
  return joined([ratioWords(ratio), comparedWords(ratio), ratioLimitWords(ratio)])
}

function evidenceCell({ evidence }: MetricReading): string {
  return evidence == null ? '' : joined([evidenceWords(evidence), dispersionWords(evidence)])
}

function joined(parts: readonly string[]): string {
  return md(parts.filter((part) => part !== '').join('; '))
}

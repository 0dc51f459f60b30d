/** How the traffic moved, the verdicts on the way, and a picture of the numbers. */
import type { ReleaseRecord } from '../record.ts'
import type { ObservedPart } from '../rollout-history.ts'
import type { RolloutView } from '../view.ts'
import { clockWords, dateWords, durationWords, numberWords, percentWords, withoutZone } from '../words.ts'
import { element, type Markup } from './element.ts'
import { section, table } from './sections-html.ts'

export function rolloutSection(
  { view, observed }: ReleaseRecord,
  name: string,
  step: string,
  figures: readonly Markup[],
): Markup {
  const rollout = view.rollouts.find((each) => each.step === step)
  const parts = observed.filter((part) => part.step === step)
  return section(
    `${rollout ? 'Rollout' : 'Watch'}: ${name}`,
    rollout !== undefined && stageTable(rollout, parts),
    figures,
    parts.map((part) => partLines(part, rollout)),
  )
}

function stageTable(rollout: RolloutView, parts: readonly ObservedPart[]): Markup {
  const rows = rollout.stages.map((stage, index) => {
    const part = parts.findLast((each) => each.stage === index)
    const verdict = part?.verdicts.at(-1)?.verdict
    return [
      `${index + 1}${isWeight(stage.title, stage.weightPercent) ? '' : ` ${stage.title}`}`,
      percentWords(stage.weightPercent),
      part ? dateWords(part.enteredAt) : 'never',
      part ? `${durationWords(part.soakMs)} of ${durationWords(stage.soakMs)}` : '',
      part?.leftBy ?? '',
      verdict ? `${verdict.zone}: ${verdict.say}` : '',
    ]
  })
  return table(['Stage', 'Weight', 'Entered', 'Healthy time', 'On the word of', 'Last verdict'], rows)
}

/** Many a stage is called by its weight alone. */
function isWeight(title: string, percent: number): boolean {
  return title.replaceAll(' ', '') === `${percent}%`
}

function partLines({ stage, shifts, verdicts }: ObservedPart, rollout: RolloutView | undefined): Markup {
  const plan = stage === null ? undefined : rollout?.stages[stage]
  const title = plan ? `Stage ${(stage ?? 0) + 1}: ${percentWords(plan.weightPercent)}` : 'Watched'
  const moves = shifts.map(
    ({ at, component, percent, ok, say }) =>
      `${clockWords(at)} ${component}: ${ok && percent !== null ? `reached ${percentWords(percent)}` : 'not reached'}${say === '' ? '' : `, ${say}`}`,
  )
  const said = verdicts.map(
    ({ at, verdict }) =>
      `${clockWords(at)} ${verdict.zone} (${verdict.why}): ${withoutZone(verdict.say, verdict.zone)}`,
  )
  const readings = verdicts.at(-1)?.verdict.metrics ?? []
  return element(
    'article',
    {},
    element('h3', {}, title),
    element(
      'ul',
      { class: 'plain' },
      [...moves, ...said].map((line) => element('li', {}, line)),
    ),
    readings.length > 0 &&
      table(
        ['Metric', 'Canary', 'Stable', 'Go', 'Rollback', 'Samples', 'Zone', 'In words'],
        readings.map((one) => [
          `${one.metric}${one.quantile === null ? '' : ` p${Number((one.quantile * 100).toFixed(3))}`}`,
          numberWords(one.canary, one.unit),
          numberWords(one.stable, one.unit),
          one.limits.go ?? '',
          one.limits.rollback ?? '',
          one.samples,
          `${one.dryRun ? 'dry run: ' : ''}${one.zone} (${one.why})`,
          one.say,
        ]),
      ),
  )
}

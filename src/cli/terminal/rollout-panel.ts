/** The rollout as a panel: stages as a track, weights and soak as bars, each number beside its limits and its baseline. */
import type { MetricView, ObservedView, RolloutView, WatchView } from '../../report/view.ts'
import { durationWords, numberWords, percentWords, withoutZone } from '../../report/words.ts'
import { rangeOf, shareBar, sparkline } from './bars.ts'
import { comparedLine } from './compared-line.ts'
import type { Line, Span, Tone } from './line.ts'
import { cell, cutLine } from './line.ts'
import { zoneSigns } from './states.ts'
import { padStart, widthOf, wrap } from './text.ts'

const INDENT = '   '

/** `compared`: with the picture of each ratio and its evidence, a line more for each metric that has them. */
export function rolloutPanel(view: RolloutView, width: number, compared: boolean): readonly Line[] {
  const names = [
    ...view.components.map((one) => one.name),
    'soak',
    ...(view.observed?.metrics ?? []).map((one) => one.label),
  ]
  const label = labelWidth(names, width)
  return [
    trackLine(view),
    ...view.components.map((component) => componentLine(component, label, width)),
    ...(view.observed ? observedLines(view.observed, label, width, compared) : []),
    ...calibrationLines(view, width),
  ]
}

/** A verdict weighs as much as the judge is known to be right. */
function calibrationLines({ calibration }: RolloutView, width: number): readonly Line[] {
  if (calibration === undefined) return []
  const [first = '', ...rest] = wrap(calibration, Math.max(20, width - INDENT.length))
  const head: Line = [INDENT, [first, 'dim']]
  return rest.length === 0 ? [head] : [head, cutLine([INDENT, [rest.join(' '), 'dim']], width)]
}

export function watchPanel(view: WatchView, width: number, compared: boolean): readonly Line[] {
  const label = labelWidth(['soak', ...view.observed.metrics.map((one) => one.label)], width)
  return [[' ', [view.text, 'strong']], ...observedLines(view.observed, label, width, compared)]
}

function labelWidth(names: readonly string[], width: number): number {
  return Math.min(Math.max(6, ...names.map(widthOf)), width >= 110 ? 24 : 14)
}

/** `5 % ✔ ── 25 % ● ── 50 % ── 100 %`. */
function trackLine(view: RolloutView): Line {
  const spans: Span[] = [' ', [view.text, 'strong'], '  ']
  view.stages.forEach((stage, index) => {
    if (index > 0) spans.push([' ── ', 'dim'])
    const text = percentWords(stage.weightPercent)
    if (stage.state === 'left') spans.push([`${text} ✔`, 'good'])
    else if (stage.state === 'now') spans.push([`${text} ●`, 'busy'])
    else spans.push([`${text} ◌`, 'dim'])
  })
  return spans
}

function shareWords(percent: number | null): string {
  return percent === null ? '?' : percentWords(percent)
}

function componentLine(component: RolloutView['components'][number], label: number, width: number): Line {
  const moving = component.movingTo !== null && component.movingTo !== component.percent
  const weight = moving
    ? `${shareWords(component.percent)} → ${percentWords(component.movingTo ?? 0)}`
    : shareWords(component.percent)
  const tail: Span = component.restored ? ['  back on stable', 'warn'] : moving ? ['  moving', 'busy'] : ''
  return [
    INDENT,
    cell(component.name, label),
    ' ',
    [shareBar((component.percent ?? 0) / 100, barWidth(width)), 'busy'],
    ` ${weight}`,
    tail,
  ]
}

function barWidth(width: number): number {
  return width >= 110 ? 40 : 24
}

function observedLines(observed: ObservedView, label: number, width: number, compared: boolean): readonly Line[] {
  const share = observed.neededMs > 0 ? observed.soakMs / observed.neededMs : 1
  const left = observed.neededMs - observed.soakMs
  const soak: Line = [
    INDENT,
    cell('soak', label),
    ' ',
    [shareBar(share, barWidth(width)), 'good'],
    ` ${durationWords(observed.soakMs)} of ${durationWords(observed.neededMs)} healthy`,
    [observed.ended || left <= 0 ? '' : ` · ${durationWords(left)} left`, 'dim'],
  ]
  const metrics = observed.metrics.flatMap((metric) => [
    metricLine(metric, label, width),
    ...(compared ? comparedLine(metric, INDENT.length + label + 1, toneOf(metric), width) : []),
  ])
  return [soak, ...metrics, ...verdictLines(observed, width)]
}

function toneOf({ dryRun, zone }: MetricView): Tone {
  return dryRun ? 'dim' : zoneSigns[zone].tone
}

/** In two lines nearly every sentence is whole; a longer one ends in `…`. */
function verdictLines({ verdict }: ObservedView, width: number): readonly Line[] {
  if (!verdict) return [[INDENT, ['◌ no verdict yet', 'dim']]]
  const { icon, tone } = zoneSigns[verdict.zone]
  const indent = INDENT.length + widthOf(icon) + 1
  const [first = '', ...rest] = wrap(withoutZone(verdict.say, verdict.zone), Math.max(20, width - indent))
  const head: Line = [INDENT, [icon, tone], ` ${first}`]
  return rest.length === 0 ? [head] : [head, cutLine([' '.repeat(indent), rest.join(' ')], width)]
}

function metricLine(metric: MetricView, label: number, width: number): Line {
  const seen = metric.canarySeries.length + metric.stableSeries.length > 0
  const spark = seen ? Math.min(24, Math.max(6, Math.floor((width - 60) / 3))) : 0
  const [low, high] = rangeOf(metric.canarySeries.slice(-spark), metric.stableSeries.slice(-spark))
  const tone = toneOf(metric)
  const few =
    metric.minSamples > 0 && metric.samples < metric.minSamples
      ? ` (${metric.samples} of ${metric.minSamples} samples)`
      : ''
  const front: Line = [
    INDENT,
    cell(metric.label, label),
    ' ',
    [padStart(numberWords(metric.canary, metric.unit), 8), tone],
    [spark > 0 ? ` ${sparkline(metric.canarySeries, spark, low, high).padStart(spark)}` : '', tone],
    [' · stable ', 'dim'],
    padStart(numberWords(metric.stable, metric.unit), 8),
    [metric.baseline === null ? '' : ` · baseline ${numberWords(metric.baseline, metric.unit)}`, 'dim'],
    ...(width >= 110 && spark > 0
      ? [' ', [sparkline(metric.stableSeries, spark, low, high).padStart(spark), 'dim'] as const]
      : []),
    '  ',
  ]
  return cutLine([...front, [`${dryRunWords(metric)}${limitWords(metric)}${few}`, 'dim']], width)
}

/** A number that decides nothing is not coloured as if it did: its zone is said. */
function dryRunWords({ dryRun, zone }: MetricView): string {
  return dryRun ? `dry run ${zoneSigns[zone].icon} · ` : ''
}

function limitWords({ limits }: MetricView): string {
  const parts = [
    limits.go ? `go ${limits.go}` : '',
    limits.rollback ? `rollback ${limits.rollback}` : '',
    limits.versusStable ? `vs stable ${limits.versusStable}` : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}

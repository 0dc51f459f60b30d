/** The story of a judgement as lines for people: what was promised and learnt, each turn with its numbers, the proof. Pure. */
import { count, grouped, quantileName } from '../core/judge/sentences.ts'
import type { Certificate, Part } from '../core/judge/statistical/decide.ts'
import type { ArmSample, MetricReading } from '../core/judge/verdict.ts'
import {
  amountWords,
  dispersionWords,
  isComparable,
  isWithinLimit,
  ratioLimitWords,
  ratioWords,
} from '../report/evidence-words.ts'
import type { Arithmetic, DecidingStory, JudgeStory, MomentStory, ObservedStory } from '../report/judge-story.ts'
import { requestsOf } from '../report/judge-story.ts'
import {
  clockWords,
  countWords,
  dateWords,
  durationWords,
  numberWords,
  percentWords,
  withoutZone,
} from '../report/words.ts'
import type { Line, Span } from './terminal/line.ts'
import { cell } from './terminal/line.ts'
import { zoneSigns } from './terminal/states.ts'
import { padStart, wrap } from './terminal/text.ts'

/** Where the words beside a heading begin. */
const beside = 16

export function storyLines(story: JudgeStory, width: number): readonly Line[] {
  const { service, releaseVersion, environment, release, planDigest, observed } = story
  return [
    [[`${service} ${releaseVersion}`, 'strong'], ` → ${environment}`],
    [[`release ${release} · plan ${planDigest.slice(0, 12)}`, 'dim']],
    ...observed.flatMap((part, index) => [[], ...partLines(part, observed[index - 1], width)]),
    [],
    ...replayLines(story, width),
  ]
}

function partLines(part: ObservedStory, before: ObservedStory | undefined, width: number): readonly Line[] {
  const { latest, moments } = part
  const turned = moments.at(-1)
  const isNewer = latest !== null && turned !== undefined && latest.upTo > turned.upTo
  return [
    titleLine(part),
    ...unlessSaid(promiseLines(part, width), before?.step === part.step ? promiseLines(before, width) : []),
    ...(part.history === null ? [] : entry('learnt', historyText(part.history), width)),
    ...entry('when', whenText(part), width),
    ...unlessSaid(limitLines(latest?.metrics ?? [], width), limitLines(before?.latest?.metrics ?? [], width)),
    ...dispersionLines(latest?.metrics ?? [], width),
    ...(moments.length > 0 ? [[] as Line, ...headLine(moments, width)] : []),
    ...moments.flatMap((moment) => momentLines(moment, width)),
    ...(isNewer ? momentLines(latest, width, 'the last sample') : []),
    ...(part.decided === null ? [] : [[] as Line, ...decidedLines(part.decided, width)]),
  ]
}

function titleLine({ stage, weightPercent, text, line }: ObservedStory): Line {
  const title = stage === null ? 'Watch' : `Stage ${stage + 1}: ${percentWords(weightPercent ?? 0)}`
  return [[title, 'strong'], `  ${text}`, [`  line ${line}`, 'dim']]
}

/** What the stage before has said already in the same words. */
function unlessSaid(lines: readonly Line[], before: readonly Line[]): readonly Line[] {
  return JSON.stringify(lines) === JSON.stringify(before) ? [] : lines
}

function promiseLines(part: ObservedStory, width: number): readonly Line[] {
  const { policy, everyMs, warmUpMs, neededMs, falseAlarm, falseGo } = part
  const promised = [
    falseAlarm === null
      ? ''
      : `at most ${percentWords(falseAlarm * 100)} of healthy versions are rolled back, over the whole ${part.stage === null ? 'watch' : 'rollout'}`,
    falseGo === null
      ? ''
      : `at most ${percentWords(falseGo * 100)} chance ${part.stage === null ? '' : 'per stage '}of saying go to a version at or beyond a go limit`,
  ].filter((one) => one !== '')
  const warm = warmUpMs > 0 ? `, ${durationWords(warmUpMs)} of warm-up` : ''
  return [
    ...entry(
      'policy',
      `${policy}: a sample every ${durationWords(everyMs)}${warm}, ${durationWords(neededMs)} healthy needed`,
      width,
    ),
    ...(promised.length > 0 ? entry('promised', promised.join('; '), width) : []),
  ]
}

function dispersionLines(metrics: readonly MetricReading[], width: number): readonly Line[] {
  const told = metrics.flatMap((reading) => {
    const words = reading.evidence == null ? '' : dispersionWords(reading.evidence)
    return words === '' ? [] : [`${labelOf(reading)} ${words.replace(/^\S+ /, '')}`]
  })
  return told.length === 0 ? [] : entry('dispersion', told.join(', '), width)
}

function historyText({ say, metrics }: NonNullable<ObservedStory['history']>): string {
  const parts = metrics.flatMap(({ metric, canaryRequests, stableRequests }) =>
    canaryRequests === null || stableRequests === null
      ? []
      : [`${metric}: ${grouped(canaryRequests)} requests played the canary, beside ${grouped(stableRequests)}`],
  )
  return [say, ...parts].join('; ')
}

function whenText({ startedAt, latest, leftAt, leftBy, samples, soakMs }: ObservedStory): string {
  const end = leftAt ?? latest?.upTo ?? startedAt
  const left = leftBy === null ? '' : `, left on the word of ${leftBy}`
  return `${dateWords(startedAt)}, ${clockWords(startedAt)} to ${clockWords(end)}: ${countWords(samples, 'sample')}, ${durationWords(soakMs)} healthy${left}`
}

function limitLines(metrics: readonly MetricReading[], width: number): readonly Line[] {
  return metrics.flatMap((reading, index) => {
    const { limits, ratio, dryRun } = reading
    const words = [
      limits.go === null ? '' : `go ${limits.go}`,
      limits.rollback === null ? '' : `rollback ${limits.rollback}`,
      limits.versusStable === null ? '' : `versus stable ${limits.versusStable}`,
    ].filter((one) => one !== '')
    const compared = ratio == null ? '' : ratioLimitWords(ratio)
    const slower =
      ratio?.slowerThan == null ? '' : ` of requests slower than ${numberWords(ratio.slowerThan, 'seconds')}`
    const more = [
      words.join(', ') || 'no limits',
      compared === '' ? '' : `canary / stable${slower}: ${compared}`,
      dryRun === true ? 'dry run: it decides nothing' : '',
    ].filter((one) => one !== '')
    return entry(index === 0 ? 'limits' : '', `${labelOf(reading)}: ${more.join('; ')}`, width)
  })
}

function labelOf({ metric, quantile }: { readonly metric: string; readonly quantile: number | null }): string {
  return quantile === null ? metric : `${metric} ${quantileName(quantile)}`
}

/** A heading and its words beside it, over as many lines as they need. */
function entry(heading: string, words: string, width: number): readonly Line[] {
  return wrapped(words, width - beside).map(
    (text, index): Line => [[cell(index === 0 ? `  ${heading}` : '', beside), 'dim'], text],
  )
}

/** A number stays with its unit. */
function wrapped(words: string, width: number): readonly string[] {
  const bound = words.replaceAll(/(\d) (%|×|s\b|ms\b)/g, '$1\u00a0$2')
  return wrap(bound, Math.max(20, width)).map((line) => line.replaceAll('\u00a0', ' '))
}

const columns = { indent: 4, canary: 9, stable: 9, ratio: 24, back: 9, go: 7 } as const

function labelWidth(width: number): number {
  const { indent, canary, stable, ratio, back, go } = columns
  return Math.max(8, Math.min(28, width - indent - canary - stable - ratio - back - go - 3))
}

function headLine(moments: readonly MomentStory[], width: number): readonly Line[] {
  if (moments.every(({ metrics }) => metrics.length === 0)) return []
  return [[[row('', ['canary', 'stable', 'canary / stable', '✖ back', '✔ go'], width), 'dim']]]
}

function row(
  label: string,
  [canary = '', stable = '', ratio = '', back = '', go = '']: readonly string[],
  width: number,
): string {
  return `${' '.repeat(columns.indent)}${cell(label, labelWidth(width))}${padStart(canary, columns.canary)}${padStart(stable, columns.stable)}  ${cell(ratio, columns.ratio)}${padStart(back, columns.back)} ${padStart(go, columns.go)}`.trimEnd()
}

function momentLines(moment: MomentStory, width: number, note = ''): readonly Line[] {
  const { zone, why, upTo, say, metrics } = moment
  const { icon, tone } = zoneSigns[zone]
  const indent = ' '.repeat(columns.indent)
  const words = wrapped(withoutZone(say, zone), width - columns.indent)
  const head: Span = [`${icon} (${why})`, tone]
  return [
    ['  ', [clockWords(upTo), 'dim'], ' ', head, [note === '' ? '' : `  ${note}`, 'dim']],
    ...words.map((text): Line => [indent, text]),
    ...metrics.map((reading): Line => [[readingRow(reading, width), 'dim']]),
  ]
}

function readingRow(reading: MetricReading, width: number): string {
  const { canary, stable, unit, ratio, evidence } = reading
  const amount = (have: number, need: number): string => `${amountWords(have)}/${amountWords(need)}`
  return row(
    labelOf(reading),
    [
      numberWords(canary, unit),
      stable === null ? '' : numberWords(stable, unit),
      ratio == null ? '' : isComparable(ratio) ? ratioWords(ratio) : 'too few',
      evidence == null ? '' : isWithinLimit(evidence) ? 'within' : amount(evidence.rollback, evidence.rollbackNeeded),
      evidence?.go == null ? '' : amount(evidence.go, evidence.goNeeded),
    ],
    width,
  )
}

function decidedLines(decided: DecidingStory, width: number): readonly Line[] {
  const { zone, from, to, samples, rule, arithmetic } = decided
  const where = rule === null || rule.line === null ? '' : `, line ${rule.line} of the checklist`
  const heading = { go: 'go since', hold: 'standing at', rollback: 'decided by' }[zone]
  return [
    ...entry(heading, `the sample from ${clockWords(from)} to ${clockWords(to)} UTC`, width),
    ...samples.flatMap(({ metric, canary, stable }) =>
      entry('', `${metric}: canary ${sampleWords(canary)} · stable ${sampleWords(stable)}`, width),
    ),
    ...(rule === null
      ? []
      : entry('rule', `${rule.metric === null ? '' : `${rule.metric}: `}${rule.text}${where}`, width)),
    ...(arithmetic === null ? [] : arithmeticLines(arithmetic, zone, width)),
  ]
}

function sampleWords(sample: ArmSample): string {
  switch (sample.kind) {
    case 'ratio':
      return `${grouped(sample.bad)} of ${grouped(sample.total)}${sample.total > 0 ? ` (${numberWords(sample.bad / sample.total, 'ratio')})` : ''}`
    case 'events':
      return sample.total === null ? grouped(sample.count) : `${grouped(sample.count)} of ${grouped(sample.total)}`
    case 'histogram':
      return countWords(requestsOf(sample) ?? 0, 'request')
    case 'gauge':
      return numberWords(sample.value, 'plain')
    case 'no-data':
      return `no data: ${sample.why}`
  }
}

function arithmeticLines(arithmetic: Arithmetic, zone: DecidingStory['zone'], width: number): readonly Line[] {
  const { evidence, needed, falseAlarm, parts, certificates } = arithmetic
  const enough = evidence >= needed ? 'enough' : 'not enough'
  const together = `together ${exact(evidence)} of ${count(needed)} needed, for a false alarm rate of ${percentWords(falseAlarm * 100)}: ${enough}`
  return [
    ...parts.flatMap((part, index) => entry(index === 0 ? 'to roll back' : '', partWords(part), width)),
    ...entry(parts.length === 0 ? 'to roll back' : '', together, width),
    // A rollback needs no certificate to be missing.
    ...(zone === 'rollback'
      ? []
      : certificates.flatMap((one, index) => entry(index === 0 ? 'to go on' : '', certificateWords(one), width))),
  ]
}

/** `errors: evidence 1,183 × weight 0.35 = 414; beyond its limit 12 of 5 needed: counts`. */
function partWords({
  metric,
  quantile,
  aspect,
  weight,
  significance,
  materiality,
  open,
  dryRun,
  gateNeeded,
}: Arithmetic['parts'][number]): string {
  const label = `${labelOf({ metric, quantile })}${aspect === 'outage' ? ', as an outage' : ''}`
  const sum = `evidence ${exact(significance)} × weight ${Number(weight.toPrecision(3))} = ${exact(significance * weight)}`
  const gate = `beyond ${aspectLimit(aspect)} ${count(materiality)} of ${count(gateNeeded)} needed`
  const so = dryRun ? 'a dry run, does not count' : open ? 'counts' : 'does not count'
  return `${label}: ${sum}; ${gate}: ${so}`
}

/** Whoever checks the sum wants to see all of it. */
function exact(value: number): string {
  return value >= 1000 && value < 1e6 ? grouped(value) : count(value)
}

function aspectLimit(aspect: Part['aspect']): string {
  return aspect === 'outage' ? 'what an outage is' : 'its limit'
}

function certificateWords({ metric, quantile, against, have, need, dryRun }: Certificate): string {
  const so = dryRun ? 'a dry run' : have >= need ? 'enough' : 'missing'
  const what = against === 'stable' ? 'not beyond stable by the go limit' : 'below its own go limit'
  return `${labelOf({ metric, quantile })}, ${what}: ${count(have)} of ${count(need)} needed: ${so}`
}

function replayLines({ replay, observed }: JudgeStory, width: number): readonly Line[] {
  const { samples, verdicts, same, identical, differences } = replay
  if (observed.length === 0) return [['◌ nothing has been judged yet']]
  const replayed = `replayed ${countWords(samples, 'sample')}`
  if (same) {
    const state = identical ? '' : '; the judge kept other numbers on the way, as another version of it does'
    return wrap(`${replayed}: same verdict, ${countWords(verdicts, 'time')} out of ${verdicts}${state}`, width - 2).map(
      (text, index): Line => [[index === 0 ? '✔ ' : '  ', 'good'], text],
    )
  }
  return [
    [['✖ ', 'bad'], `${replayed}: not what the log says, ${countWords(differences.length, 'time')}`],
    ...differences.flatMap(({ version, at, step, stage, what, recorded, replayed: again }) => [
      [
        `  event ${version}, ${clockWords(at)}, ${step}${stage === null ? '' : `, stage ${stage + 1}`}: ${what}`,
      ] as Line,
      [`    recorded  ${recorded}`] as Line,
      [`    replayed  ${again}`] as Line,
    ]),
  ]
}

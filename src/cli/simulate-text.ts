/** The answer of a simulation as a table that fits 100 columns: what was assumed, a healthy version, worse versions. Pure. */
import { type Assumed, quantileAssumed } from '../core/judge/simulate/assumed.ts'
import type { Share } from '../core/judge/simulate/share.ts'
import type { RegressionAnswer, Simulated, StageAnswer } from '../core/judge/simulate/simulate.ts'
import { rateText } from '../core/plan/quantity.ts'
import { durationWords, numberWords, percentWords } from '../report/words.ts'
import { cell, type Line, type Span, type Tone } from './terminal/line.ts'

export interface Told {
  readonly name: string
  readonly step: string
  readonly everyMs: number
  readonly noise: string
  readonly historyMs: number | null
  readonly seed: string
  readonly assumed: Assumed
  readonly answer: Simulated
}

export function simulatedLines(told: Told): readonly Line[] {
  const { answer } = told
  return [
    [[told.name, 'strong'], `  ${told.step}`],
    [[`policy ${answer.policy}, a look every ${durationWords(told.everyMs)}`, 'dim']],
    [],
    ...assumedLines(told),
    [],
    ...healthyLines(answer),
    ...answer.stages.flatMap((stage) => warningLines(stage)),
    ...regressionLines(answer),
  ]
}

function assumedLines({ assumed, noise, historyMs, seed }: Told): readonly Line[] {
  const at = (quantile: number): string => numberWords(quantileAssumed(assumed, quantile), 'seconds')
  const past = historyMs === null ? 'no history' : `${durationWords(historyMs)} of history`
  return [
    [
      ['assumed  ', 'dim'],
      `traffic ${rateText(assumed.perSecond)}, errors ${numberWords(assumed.errorShare, 'ratio')}, p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`,
    ],
    [['         ', 'dim'], `${noise} service, ${past}, seed ${seed}`],
  ]
}

function healthyLines(answer: Simulated): readonly Line[] {
  const { rolledBack, finished, finishedMs, promised, runs } = answer
  const kept: Tone = promised === null || rolledBack.low <= promised ? 'good' : 'bad'
  const promise = promised === null ? '' : `; the checklist states at most ${percentWords(promised * 100)}`
  const through =
    finished.count === 0
      ? ''
      : `, in ${durationWords(finishedMs.median ?? Number.NaN)}, 95 % of them in ${durationWords(finishedMs.p95 ?? Number.NaN)}`
  return [
    [
      ['A healthy version', 'strong'],
      [`, ${runs} rollouts`, 'dim'],
    ],
    ['  turned back  ', [between(rolledBack), kept], promise],
    ['  goes through ', [between(finished), finished.share < 0.5 ? 'warn' : 'good'], through],
    [],
    [['  stage                  soak   requests  can go after   95 % by   in the soak  last to be sure', 'dim']],
    ...answer.stages.map(stageLine),
  ]
}

/** Before the stage's name its share, unless that is its name. */
function nameOf({ title, weightPercent }: StageAnswer): string {
  const percent = percentWords(weightPercent)
  return title.replace(/\s/g, '') === percent.replace(/\s/g, '') ? percent : `${percent} ${title}`
}

function stageLine(stage: StageAnswer): Line {
  const { goMs, goWithinSoak, soakMs, deadlineMs, requests, keptBy } = stage
  const late: Tone = goWithinSoak.share < 0.5 ? 'warn' : 'plain'
  const within = (ms: number | null): string => (ms === null ? `> ${durationWords(deadlineMs)}` : durationWords(ms))
  const [first] = keptBy
  return [
    `  ${cell(nameOf(stage), 21)}`,
    right(durationWords(soakMs), 6),
    right(countWords(requests), 11),
    [right(within(goMs.median), 14), late],
    right(within(goMs.p95), 10),
    [right(shareWords(goWithinSoak), 14), late],
    [`  ${first === undefined ? '' : cell(first.name, 18)}`, 'dim'],
  ]
}

function warningLines(stage: StageAnswer): readonly Line[] {
  const { goMs, goWithinSoak, deadlineMs, soakMs } = stage
  const name = nameOf(stage)
  if (goMs.median === null)
    return [
      [
        [`! ${name}: `, 'warn'],
        `most healthy versions are not certain before the deadline of ${durationWords(deadlineMs)}:`,
      ],
      ['  a longer soak, more weight, wider go limits, or "on-inconclusive: ask"'],
    ]
  if (goWithinSoak.share >= 0.5 || soakMs === 0) return []
  return [
    [
      [`! ${name}: `, 'warn'],
      `a soak of ${durationWords(soakMs)} is short at this traffic: half of them go on after ${durationWords(goMs.median)}`,
    ],
  ]
}

const columnsAcross = 4

function regressionLines({ stages, regressionRuns }: Simulated): readonly Line[] {
  if (regressionRuns === 0) return []
  const blocks: Line[] = []
  for (let from = 0; from < stages.length; from += columnsAcross)
    blocks.push(...regressionBlock(stages.slice(from, from + columnsAcross)))
  return [
    [],
    [
      ['A worse version', 'strong'],
      [`, bad from the first second of the stage on, ${regressionRuns} rollouts each: how many are`, 'dim'],
    ],
    [['turned back in that stage, after what time (median), and what the canary answered by then', 'dim']],
    ...blocks,
  ]
}

const nameWidth = 19
const cellWidth = 20

function regressionBlock(stages: readonly StageAnswer[]): readonly Line[] {
  const rows = stages[0]?.regressions ?? []
  const names = stages.map((stage) => `${cell(nameOf(stage), cellWidth - 1)} `)
  return [
    [],
    [[`  ${' '.repeat(nameWidth)}${names.join('')}`, 'dim']],
    ...rows.map(
      (row, i): Line => [
        `  ${cell(regressionName(row), nameWidth)}`,
        ...stages.flatMap((stage) => regressionCell(stage.regressions[i])),
      ],
    ),
  ]
}

function regressionName({ kind, times, value }: RegressionAnswer): string {
  if (kind === 'errors') {
    const name = times < 100 ? `errors x${Number(times.toPrecision(2))}` : 'errors'
    return `${name.padEnd(12)}${numberWords(value, 'ratio').padStart(6)}`
  }
  const percent = Math.round((times - 1) * 100)
  return kind === 'latency' ? `slower +${percent} %` : `events ${percent} %`
}

function regressionCell(one: RegressionAnswer | undefined): readonly Span[] {
  if (one === undefined || one.found.runs === 0) return [cell('', cellWidth)]
  const { found, passed, medianMs, medianRequests } = one
  const tone: Tone = found.share >= 0.9 ? 'good' : found.share >= 0.5 ? 'warn' : 'dim'
  const said: Span = [right(shareWords(found), 5), tone]
  if (medianMs === null || found.share < 0.05)
    return [said, [cell(passed.share >= 0.5 ? '   goes on' : '   is held', cellWidth - 5), 'dim']]
  return [said, cell(`${right(durationWords(medianMs), 8)}${right(countWords(medianRequests ?? 0), 6)}`, cellWidth - 5)]
}

function between({ share, low, high, runs }: Share): string {
  if (runs === 0) return 'nobody knows'
  return `${numberWords(share, 'ratio')} (${numberWords(low, 'ratio')} to ${numberWords(high, 'ratio')})`
}

function shareWords({ share, runs }: Share): string {
  return runs === 0 ? '-' : `${Math.round(share * 100)} %`
}

function right(text: string, width: number): string {
  return text.padStart(width)
}

/** `950`, `1.2k`, `36k`, `1.4M`. */
export function countWords(count: number): string {
  if (count < 1000) return String(Math.round(count))
  const [scaled, unit] = count < 1e6 ? [count / 1000, 'k'] : [count / 1e6, 'M']
  return `${scaled < 10 ? Number(scaled.toFixed(1)) : Math.round(scaled)}${unit}`
}

/** A calibration in words: the rate beside the promise, what could be certified, what turned back, and what to do. Pure. */
import { quantileName } from '../core/judge/sentences.ts'
import type { Calibration } from '../core/judge/calibration/tally.ts'
import { shareWords } from '../report/calibration-words.ts'
import { countWords, dateWords, durationWords, percentWords } from '../report/words.ts'
import type { Line, Tone } from './terminal/line.ts'

const mostRollbacks = 12

export function calibrationLines(found: Calibration): readonly Line[] {
  const { icon, tone } = signs[found.standing]
  return [
    [[found.text, 'strong'], `  ${found.environment}`],
    [[windowsSay(found), 'dim']],
    [[icon, tone], headline(found)],
    ...(found.runs === 0 ? [] : [[`  ${certifiedSay(found)}`] as Line, ...stageLines(found)]),
    ...dispersionLines(found),
    ...rollbackLines(found),
    ...lackLines(found),
    ...found.advice.map((say): Line => [['→ ', 'person'], say]),
  ]
}

const signs: Readonly<Record<Calibration['standing'], { readonly icon: string; readonly tone: Tone }>> = {
  within: { icon: '✔ within the promise', tone: 'good' },
  doubtful: { icon: '✖ above the promise, perhaps by chance', tone: 'bad' },
  above: { icon: '✖ above the promise', tone: 'bad' },
  nothing: { icon: '✖ nothing could be replayed', tone: 'bad' },
}

function windowsSay({ from, to, windowMs, historyMs, splitBy }: Calibration): string {
  const history = historyMs > 0 ? ` behind ${durationWords(historyMs)} of history` : ' without history'
  return `windows of ${durationWords(windowMs)}${history}, stable split by ${splitBy}, ${dateWords(from)} to ${dateWords(to)}`
}

/** `: 5 of 84 healthy windows rolled back = 6 % (at least 2.4 %, at most 12 %), promised 1 %`. */
function headline({ rolledBack, runs, rate, low, high, promise }: Calibration): string {
  if (rate === null) return ''
  const bounds = `at least ${shareWords(low)}, at most ${shareWords(high)}`
  const windows = countWords(runs, 'healthy window')
  return `: ${rolledBack} of ${windows} rolled back = ${shareWords(rate)} (${bounds}), promised ${shareWords(promise)}`
}

function certifiedSay({ certified, runs, stages }: Calibration): string {
  const total = stages.some(({ medianGoMs }) => medianGoMs === null)
    ? 'half of them take longer than planned'
    : `half of them within ${durationWords(stages.reduce((sum, { medianGoMs }) => sum + (medianGoMs ?? 0), 0))} of evidence`
  return `${certified} of ${countWords(runs, 'window')} could be certified in the planned time (${percentWords((100 * certified) / runs)}), ${total}`
}

function stageLines({ stages, runs }: Calibration): readonly Line[] {
  return stages.map(({ title, weightPercent, timeMs, certified, medianGoMs, canaryShare }) => {
    const half =
      medianGoMs === null
        ? `no go in ${durationWords(timeMs)} in half of them`
        : `median ${durationWords(medianGoMs)} to go`
    const share =
      canaryShare === null
        ? ''
        : ` · the part that played the canary had ${percentWords(100 * canaryShare)} of the traffic`
    const name = title === '' ? percentWords(weightPercent) : title
    return [`    ${name}`, [`  certified ${certified} of ${runs} · ${half}${share}`, 'dim']]
  })
}

function dispersionLines({ dispersion }: Calibration): readonly Line[] {
  if (dispersion.length === 0) return []
  const told = dispersion.map(
    ({ metric, quantile, median, worst }) =>
      `${nameOf(metric, quantile)} ${median.toFixed(1)} (at most ${worst.toFixed(1)})`,
  )
  return [['  dispersion  ', [told.join(' · '), 'dim']]]
}

function rollbackLines({ rollbacks, stages }: Calibration): readonly Line[] {
  const told = rollbacks.slice(0, mostRollbacks).map(({ at, stage, metric, quantile, canary, say }): Line => {
    const weight = percentWords(stages[stage]?.weightPercent ?? 0)
    const who = canary.length === 0 ? '' : ` · canary: ${canary.join(', ')}`
    return [['  ✖ ', 'bad'], `${dateWords(at)}  ${nameOf(metric, quantile)} at ${weight}`, [`  ${say}${who}`, 'dim']]
  })
  const more = rollbacks.length - told.length
  return more > 0 ? [...told, [[`  and ${countWords(more, 'other')}`, 'dim']]] : told
}

function lackLines(found: Calibration): readonly Line[] {
  const { unread, wanted, fits, leftOut, withoutHistory, stopped, runs, rollbacks } = found
  const judged = rollbacks.length + runs > 0
  const oldest = unread.map(
    ({ why, count, newest }) =>
      `${countWords(count, 'window')} not judged, ${judged ? `the newest of ${dateWords(newest)}, ` : ''}${why}`,
  )
  const says = [
    ...oldest,
    ...(fits < wanted ? [`only ${countWords(fits, 'window')} of ${wanted} fit into the period side by side`] : []),
    ...(withoutHistory > 0 ? [`${countWords(withoutHistory, 'window')} without history`] : []),
    ...(leftOut.length > 0 ? [`not replayed, as a gauge counts nothing: ${leftOut.join(', ')}`] : []),
    ...(stopped === null ? [] : [`not all windows were looked at: ${stopped}`]),
  ]
  return says.map((say) => [['  ! ', 'warn'], say])
}

function nameOf(metric: string, quantile: number | null): string {
  return quantile === null ? metric : `${metric} ${quantileName(quantile)}`
}

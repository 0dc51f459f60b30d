/** The watches of a release as a table in the terminal: window, observed, the earliest end, and what the numbers say. */
import type { ReleaseView, WatchRowView } from '../../report/view.ts'
import { clockWords, dateWords, durationWords } from '../../report/words.ts'
import { courseWords } from '../../report/view/watch-table.ts'
import type { Line, Tone } from './line.ts'
import { tableLines } from './table.ts'

/** Nothing where there is no watch, or where the one there is tells all by itself. */
export function watchTableLines(view: ReleaseView, width: number): readonly Line[] {
  const rows = view.watchTable
  if (rows.length === 0) return []
  return [
    ...tableLines(
      ['WATCH', 'OBSERVED', 'ENDS', 'SAYS'],
      rows.map((row) => ({ cells: [row.text, observedWords(row), endWords(row), saysWords(row)], tone: toneOf(row) })),
      width,
    ),
    ...milestoneLine(view),
  ]
}

function observedWords({ standing, observedMs, neededMs }: WatchRowView): string {
  if (standing === 'not applicable') return '-'
  return `${durationWords(observedMs)} of ${durationWords(neededMs)}`
}

function endWords({ standing, startsAt, endsAt, endedAt }: WatchRowView): string {
  if (standing === 'ended') return endedAt === null ? 'ended' : `ended ${minuteWords(endedAt)}`
  if (standing === 'running') return endsAt === null ? '' : `not before ${minuteWords(endsAt)}`
  if (standing === 'to come') return startsAt === null ? 'to come' : `begins ${minuteWords(startsAt)}`
  return standing
}

/** UTC, as every other time of the terminal; seconds say nothing about hours. */
function minuteWords(at: number): string {
  return clockWords(at).slice(0, 5)
}

function saysWords(row: WatchRowView): string {
  return [courseWords(row), row.say].filter((one) => one !== '').join(' · ')
}

function toneOf({ standing, zone }: WatchRowView): Tone {
  if (standing === 'ended') return 'good'
  if (standing !== 'running') return 'dim'
  return zone === 'rollback' ? 'bad' : zone === 'hold' ? 'warn' : 'plain'
}

function milestoneLine({ milestones: { validatingAt, signedOffAt, closedAt } }: ReleaseView): readonly Line[] {
  const told = [
    ['in validation from', validatingAt],
    ['signed off', signedOffAt],
    ['closed', closedAt],
  ] as const
  const words = told.flatMap(([word, at]) => (at === null ? [] : [`${word} ${dateWords(at)}`]))
  return words.length === 0 ? [] : [[[words.join(' · '), 'dim']]]
}

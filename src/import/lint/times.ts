/** Rules on time: what takes longer than was announced, who signs too early, and dates that are over. */
import { formatDuration } from '../../core/plan/duration.ts'
import { shown, type TextRule } from './text-rule.ts'
import type { TextDocument } from './text-document.ts'

const minute = 60_000
const span = /(\d+(?:\.\d+)?)\s*\+?[ -]*(minutes?|mins?|hours?|hrs?|h|days?)\b/i

function spanMs(text: string): number | null {
  const match = span.exec(text)
  if (!match) return null
  const unit = (match[2] ?? '').toLowerCase()
  return Number(match[1]) * (unit.startsWith('m') ? minute : unit.startsWith('h') ? 60 * minute : 1440 * minute)
}

interface Stage {
  readonly percent: number
  readonly holdMs: number
  readonly line: number
}

function stagesOf({ headings }: TextDocument): readonly Stage[] {
  return headings.flatMap(({ title, line }) => {
    const percent = /(\d{1,3})\s*%/.exec(title)?.[1]
    const holdMs = spanMs(/\(([^()]*)\)/.exec(title)?.[1] ?? '')
    return percent === undefined || holdMs === null ? [] : [{ percent: Number(percent), holdMs, line }]
  })
}

const durationDisagrees: TextRule = (document, report) => {
  const stages = stagesOf(document)
  if (stages.length < 2) return
  const sumMs = stages.reduce((sum, { holdMs }) => sum + holdMs, 0)
  for (const [index, text] of document.lines.entries()) {
    const short = text.slice(0, 500)
    const announced = /\bduration\b|\btakes (?:about|around|~)|\bexpected (?:time|length)/i.test(short)
      ? spanMs(short)
      : null
    if (announced !== null && announced < sumMs) {
      report('duration-disagrees', index + 1, {
        found: `"${shown(short, 60)}", while the stages alone are held for ${formatDuration(sumMs)}`,
        expected: 'a duration reckoned from the stages: "holdpoint plan" tells it',
        example: `Duration: at least ${formatDuration(sumMs)}`,
      })
    }
    nextStage(short, index + 1, stages, report)
  }
}

/** "Going to 50% in 30 minutes", while the stage before that is held for an hour. */
function nextStage(text: string, line: number, stages: readonly Stage[], report: Parameters<TextRule>[1]): void {
  const match = /\b(?:proceed|mov|continu|go|increas)\w*\s+to\s+(\d{1,3})\s*%\s+in\s+(.*)/i.exec(text)
  if (!match) return
  const at = stages.findIndex(({ percent }) => percent === Number(match[1]))
  // A last stage often has no time of its own, so the one before it is that of the greatest share below.
  const before = at > 0 ? stages[at - 1] : undefined
  const saidMs = spanMs(match[2] ?? '')
  if (!before || saidMs === null || saidMs === before.holdMs) return
  report('duration-disagrees', line, {
    found: `"${shown(text, 60)}", while ${before.percent}% is held for ${formatDuration(before.holdMs)} (line ${before.line})`,
    expected: 'the time of the next stage reckoned from the plan',
    example: 'md notify on=stage.entered with {{ stage }} and {{ soak }}',
  })
}

/** Somebody signs after two hours what is still being looked at after twenty-four. */
const signedOffEarly: TextRule = ({ prose, headings }, report) => {
  const after = headings.filter(({ title, path }) =>
    [...path, title].some((each) => /\bpost|monitor|valid|after/i.test(each)),
  )
  const watches = after.flatMap(({ title, line }) => {
    const match = /(\d+)\s*[-–]\s*(\d+)\s*(min|hour|h\b|day)/i.exec(title)
    const endMs = match
      ? spanMs(`${match[2]} ${match[3]}`.replace(/min$/, 'minutes').replace(/hour$/, 'hours').replace(/day$/, 'days'))
      : null
    return endMs === null ? [] : [{ title, line, endMs }]
  })
  const last = watches.toSorted((a, b) => b.endMs - a.endMs)[0]
  if (!last) return
  for (const { text, line } of prose) {
    if (!/\bsign(?:ing|ed)?[ -]?off\b/i.test(text) || !/\bfor\b|\bafter\b|\bbefore\b/i.test(text)) continue
    const saidMs = spanMs(text)
    if (saidMs === null || saidMs >= last.endMs) continue
    report('signed-off-early', line, {
      found: `a signature after ${formatDuration(saidMs)}, while "${shown(last.title, 50)}" in line ${last.line} goes on to ${formatDuration(last.endMs)}`,
      expected: 'a watch that ends before it is signed off, or two names for the two states',
      example: '```yaml watch\nfor: 24h\n```',
    })
  }
}

const months = 'January February March April May June July August September October November December'.split(' ')
const named = months.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join('|')
const monthFirst = new RegExp(`\\b(${named})\\.?\\s+(\\d{1,2})(?:st|nd|rd|th)?,?\\s+(20\\d\\d)\\b`)
const dayFirst = new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)?\\s+(${named})\\.?,?\\s+(20\\d\\d)\\b`)

/** Only a date that something is planned for: a clock stands beside it, or a word says so. */
const dateInThePast: TextRule = ({ lines, today }, report) => {
  if (today === null) return
  lines.forEach((line, index) => {
    const text = line.slice(0, 500)
    const day = dayIn(text)
    if (day === null || day >= today) return
    const isPlanned =
      /\b\d{1,2}:\d{2}\b|\b(?:scheduled|planned|deadline|due|window|go[- ]?live|starts?|freeze)\b/i.test(text)
    const isHistory =
      /\b(?:updated|created|reviewed|written|revised|since|changelog|last|published|author|version|commit)\b/i.test(
        text,
      )
    if (!isPlanned || isHistory) return
    report('date-in-the-past', index + 1, {
      found: `${day}, which is over, in "${shown(text, 60)}"`,
      expected: 'a date to come, or a value that is filled in for each release',
      example: 'Begins {{ startedAt }}',
    })
  })
}

function dayIn(text: string): string | null {
  const plain = /\b20\d\d-[01]\d-[0-3]\d\b/.exec(text)?.[0]
  if (plain !== undefined) return plain
  const [, month = '', day = '', year = ''] = monthFirst.exec(text) ?? swapped(dayFirst.exec(text))
  if (year === '') return null
  const number = months.findIndex((name) => name.startsWith(month.slice(0, 3))) + 1
  return `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}`
}

function swapped(match: RegExpExecArray | null): readonly string[] {
  const [all = '', day = '', month = '', year = ''] = match ?? []
  return [all, month, day, year]
}

export const timeRules: readonly TextRule[] = [durationDisagrees, signedOffEarly, dateInThePast]

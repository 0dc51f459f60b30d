/** The lines of an iCalendar text (RFC 5545, 3.1): unfolded, split into name, parameters and value, each with its line number. */

export interface ContentLine {
  /** In capitals. */
  readonly name: string
  /** Names in capitals. */
  readonly parameters: ReadonlyMap<string, string>
  readonly value: string
  /** Where it begins, counted from 1. */
  readonly line: number
}

/** What a calendar is told: like a remark of the compiler, with the line of the calendar. */
export interface CalendarProblem {
  readonly line: number
  readonly found: string
  readonly expected: string
  readonly example: string
}

export class CalendarFault extends Error {
  override name = 'CalendarFault'
  readonly problem: CalendarProblem
  constructor(problem: CalendarProblem) {
    super(problem.found)
    this.problem = problem
  }
}

export function fault(line: number, found: string, expected: string, example: string): CalendarFault {
  return new CalendarFault({ line, found, expected, example })
}

/** Throws CalendarFault. */
export function contentLines(text: string): readonly ContentLine[] {
  const whole: { text: string; line: number }[] = []
  for (const [index, raw] of text
    .replace(/^\u{feff}/u, '')
    .split(/\r\n|\n/)
    .entries()) {
    const before = whole.at(-1)
    if (/^[ \t]/.test(raw) && before !== undefined) before.text += raw.slice(1)
    else if (raw !== '') whole.push({ text: raw, line: index + 1 })
  }
  return whole.map(contentLine)
}

const parameter = /;([A-Za-z0-9-]+)=((?:"[^"]*"|[^",;:]*)(?:,(?:"[^"]*"|[^",;:]*))*)/y

function contentLine({ text, line }: { readonly text: string; readonly line: number }): ContentLine {
  const name = /^[A-Za-z0-9-]+/.exec(text)?.[0] ?? ''
  const parameters = new Map<string, string>()
  let end = name.length
  for (;;) {
    parameter.lastIndex = end
    const found = parameter.exec(text)
    if (found === null) break
    parameters.set((found[1] ?? '').toUpperCase(), (found[2] ?? '').replaceAll('"', ''))
    end = parameter.lastIndex
  }
  if (name === '' || text[end] !== ':')
    throw fault(
      line,
      `"${shortened(text)}"`,
      'NAME:value, a line of iCalendar (RFC 5545)',
      'DTSTART;VALUE=DATE:20261225',
    )
  return { name: name.toUpperCase(), parameters, value: text.slice(end + 1), line }
}

export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

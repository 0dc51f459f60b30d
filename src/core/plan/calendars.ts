/** Calendar files that windows name under `holidays`, and the roster: which they are, and what each closes. */
import { readCalendar } from '../calendar/calendar-file.ts'
import { sha256Hex } from '../log/canonical.ts'
import type { CalendarSource, Closure } from './plan.ts'
import { Problems } from './problem.ts'
import { readFrontMatter } from './reader.ts'
import type { Settings } from './settings.ts'
import { readYaml, type FilePlace, type Value } from './yaml.ts'

export interface CalendarText {
  /** As the checklist names it: a path below the folder of the checklist. */
  readonly file: string
  readonly text: string
}

export interface NamedCalendar {
  readonly file: string
  readonly place: FilePlace
}

const example = 'holidays: [2026-12-25, calendars/holidays.ics]'
const mostCharacters = 200_000

export function isCalendarName(name: string): boolean {
  return name.toLowerCase().endsWith('.ics')
}

/** A path that leads nowhere but below the folder of the checklist. */
export function isCalendarPath(name: string): boolean {
  return /^[^/\\:\0]+(?:\/[^/\\:\0]+)*$/.test(name) && !name.split('/').includes('..')
}

/**
 * Files that whoever compiles a checklist has to read for it; some may turn out not to be needed, or not to be there.
 * `text` = the checklist, `shared` = the settings beside it. Never throws: what is wrong there, compiling says.
 */
export function calendarsNamed(text: string, shared: string | null): readonly string[] {
  const lines = text.replace(/^\u{feff}/u, '').split(/\r\n?|\n/)
  const texts = [readFrontMatter(lines)?.text ?? '', shared ?? ''].filter((each) => /\.ics\b/i.test(each))
  const names = texts.flatMap((each) => {
    const entries = readYaml(each, { file: '', line: 1, column: 1 }, new Problems(''))?.entries
    const windows = entries?.get('windows')?.value
    const ofWindows =
      windows?.kind === 'map' ? [...windows.entries.values()].flatMap(({ value }) => namesIn(value)) : []
    return [...ofWindows, ...rosterNames(entries?.get('roster')?.value)]
  })
  return [...new Set(names)].filter((name) => isCalendarName(name) && isCalendarPath(name))
}

/** The files of a roster stand where its people would. */
function rosterNames(roster: Value | undefined): readonly string[] {
  if (roster?.kind !== 'map') return []
  return [...roster.entries.values()].flatMap(({ value }) => {
    const items = value.kind === 'list' ? value.items : [value]
    return items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []))
  })
}

function namesIn(window: Value): readonly string[] {
  const holidays = window.kind === 'map' ? window.entries.get('holidays')?.value : undefined
  if (holidays?.kind === 'list')
    return holidays.items.flatMap((item) => (item.kind === 'scalar' ? [item.text.trim()] : []))
  return holidays?.kind === 'scalar' ? holidays.text.split(',').map((name) => name.trim()) : []
}

/** What the named calendars close, and what they were; a problem of any is told with its line. */
export function closuresOf(
  named: readonly NamedCalendar[],
  texts: readonly CalendarText[],
  eves: boolean,
  settings: Settings,
): { readonly closures: readonly Closure[]; readonly calendars: readonly CalendarSource[] } {
  const read = named.flatMap(({ file, place }) => {
    const found = texts.find((each) => each.file === file)
    if (!isCalendarPath(file)) return outside(file, place, settings)
    if (found === undefined) return unknown(file, place, settings)
    if (found.text.length > mostCharacters) return tooLarge(found, settings)
    const answer = readCalendar(found.text, eves)
    if (answer.ok) return [{ source: { file, sha256: sha256Hex(found.text) }, closures: answer.closures }]
    const { line, ...remark } = answer.problem
    settings.error('bad-calendar', { file, line, column: 1 }, remark)
    return []
  })
  return { closures: read.flatMap(({ closures }) => closures), calendars: read.map(({ source }) => source) }
}

function outside(file: string, place: FilePlace, settings: Settings): readonly [] {
  const expected = 'a path below the folder of the checklist, such as calendars/holidays.ics'
  settings.error('unknown-calendar', place, { found: `the calendar "${file}"`, expected, example })
  return []
}

function unknown(file: string, place: FilePlace, settings: Settings): readonly [] {
  const expected = 'an iCalendar file beside the checklist, or in a folder below it, that came along with it'
  settings.error('unknown-calendar', place, { found: `the calendar "${file}", which is not there`, expected, example })
  return []
}

function tooLarge({ file, text }: CalendarText, settings: Settings): readonly [] {
  settings.error(
    'bad-calendar',
    { file, line: 1, column: 1 },
    {
      found: `${text.length} characters`,
      expected: `at most ${mostCharacters}`,
      example: 'a calendar for each region',
    },
  )
  return []
}

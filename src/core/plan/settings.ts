/** The settings of one block, wherever they were written: info string, `# @` lines or YAML body. Every read is typed and remarked on. */
import type { Json, Millis } from '../units.ts'
import { parseDuration } from './duration.ts'
import { nearest } from './nearest.ts'
import { parsePattern } from './pattern.ts'
import type { Parsed } from './parsed.ts'
import type { Problems, Remark } from './problem.ts'
import { jsonOf, type Entry, type FilePlace, type MapValue, type Value } from './yaml.ts'

/** Reads each name at most once; `finish` reports the names nobody asked for. */
export class Settings {
  readonly place: FilePlace
  /** How messages call this: `a "yaml rollout" block`. */
  readonly what: string
  readonly problems: Problems
  readonly #entries: Map<string, Entry>
  readonly #asked = new Set<string>()

  constructor(what: string, place: FilePlace, entries: ReadonlyMap<string, Entry>, problems: Problems) {
    this.what = what
    this.place = place
    this.problems = problems
    this.#entries = new Map(entries)
  }

  /** The same with each entry as `change` makes it. */
  mapped(change: (entry: Entry, name: string) => Entry): Settings {
    const entries = new Map([...this.#entries].map(([name, entry]) => [name, change(entry, name)]))
    return new Settings(this.what, this.place, entries, this.problems)
  }

  has(name: string): boolean {
    this.#asked.add(name)
    return this.#entries.has(name)
  }

  take(name: string): Entry | null {
    this.#asked.add(name)
    const entry = this.#entries.get(name)
    this.#entries.delete(name)
    return entry ?? null
  }

  /** Looks without taking: the name still counts as unread. */
  peek(name: string): Entry | null {
    this.#asked.add(name)
    return this.#entries.get(name) ?? null
  }

  placeOf(name: string): FilePlace {
    return this.#entries.get(name)?.value.place ?? this.place
  }

  text(name: string): string | null {
    const entry = this.take(name)
    if (!entry) return null
    const { value } = entry
    if (value.kind === 'scalar' && value.value !== null && value.value !== true && value.text !== '') return value.text
    return this.#wrong(name, entry, 'a text', this.line(name, 'some words'))
  }

  /** One correct line, in the form this block is written in. */
  line(name: string, value: string): string {
    if (!this.#isOpeningLine) return `${name}: ${value}`
    return /[\s"]/.test(value) ? `${name}="${value}"` : `${name}=${value}`
  }

  /** Written behind the words that open a block, not as YAML. */
  get #isOpeningLine(): boolean {
    return /^a "(?!yaml)/.test(this.what)
  }

  flag(name: string): boolean {
    const entry = this.take(name)
    if (!entry) return false
    const { value } = entry
    if (value.kind === 'scalar' && (value.text === 'true' || value.text === 'false')) return value.text === 'true'
    if (this.#isOpeningLine) this.#wrong(name, entry, 'true or false; the name alone means true', name)
    else this.#wrong(name, entry, 'true or false', this.line(name, 'true'))
    return false
  }

  choice<const C extends string>(name: string, choices: readonly C[]): C | null {
    const entry = this.take(name)
    if (!entry) return null
    const chosen = choices.find((choice) => entry.value.kind === 'scalar' && entry.value.text === choice)
    const written = entry.value.kind === 'scalar' ? entry.value.text : ''
    return chosen ?? this.#wrong(name, entry, nearest(written, choices), this.line(name, choices[0] ?? ''))
  }

  /** Any parser of a text: durations, weights, limits. */
  parse<T>(name: string, parse: (text: string) => Parsed<T>, code: 'bad-value' | 'bad-limit' = 'bad-value'): T | null {
    const entry = this.take(name)
    if (!entry) return null
    const answer = parse(entry.value.kind === 'scalar' ? entry.value.text : '')
    if (answer.ok) return answer.value
    return this.#wrong(name, entry, answer.expected, this.line(name, answer.example), code)
  }

  duration(name: string): Millis | null {
    return this.parse(name, parseDuration)
  }

  whole(name: string, least: number, most: number): number | null {
    return this.parse(name, (text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
      if (value >= least && value <= most) return { ok: true, value }
      return { ok: false, expected: `a whole number from ${least} to ${most}`, example: String(least) }
    })
  }

  pattern(name: string): string | null {
    const entry = this.take(name)
    if (!entry) return null
    const source = entry.value.kind === 'scalar' ? entry.value.text : ''
    const pattern = parsePattern(source)
    if (pattern.ok && source !== '') return source
    return this.#wrong(name, entry, pattern.ok ? 'a pattern' : pattern.expected, `${name}=/error|panic/`, 'bad-pattern')
  }

  /** One pattern, or several where it was given again. */
  patterns(name: string): readonly string[] | null {
    const entry = this.#entries.get(name)
    if (entry?.value.kind !== 'list') {
      const one = this.pattern(name)
      return one === null ? null : [one]
    }
    this.take(name)
    const sources = entry.value.items.map((item) => (item.kind === 'scalar' ? item.text : ''))
    const bad = sources.findIndex((source) => source === '' || !parsePattern(source).ok)
    const item = entry.value.items[bad]
    if (item === undefined) return sources
    const pattern = parsePattern(sources[bad] ?? '')
    const expected = pattern.ok ? 'a pattern' : pattern.expected
    return this.#wrong(name, { ...entry, value: item }, expected, `${name}=/error|panic/`, 'bad-pattern')
  }

  /** A YAML list, or names between commas. */
  names(name: string): readonly string[] | null {
    const entry = this.take(name)
    if (!entry) return null
    const { value } = entry
    if (value.kind === 'scalar' && value.value !== null && value.value !== true) {
      const names = value.text.split(',').map((part) => part.trim())
      if (names.every((part) => part !== '')) return names
    }
    if (value.kind === 'list' && value.items.every((item) => item.kind === 'scalar' && item.text !== ''))
      return value.items.map((item) => (item.kind === 'scalar' ? item.text : ''))
    return this.#wrong(name, entry, 'names between commas, or a list of names', this.line(name, 'one,two'))
  }

  /** A nested mapping as settings of its own. The caller calls its `finish`. */
  group(name: string): Settings | null {
    const entry = this.take(name)
    if (!entry) return null
    if (entry.value.kind === 'map') return this.inside(name, entry.value)
    return this.#wrong(name, entry, 'a mapping', `${name}: { … }`)
  }

  inside(name: string, value: MapValue): Settings {
    return new Settings(`"${name}" of ${this.what}`, value.place, value.entries, this.problems)
  }

  /** All names that are left, as a plain mapping: the settings of a kind. */
  rest(): { readonly json: Record<string, Json>; readonly values: ReadonlyMap<string, Entry> } {
    const values = new Map(this.#entries)
    this.#entries.clear()
    return { json: Object.fromEntries([...values].map(([name, entry]) => [name, jsonOf(entry.value)])), values }
  }

  /** Names that are left, with their values, for mappings whose names are the author's own. */
  members(): readonly (readonly [string, Entry])[] {
    const members = [...this.#entries]
    this.#entries.clear()
    return members
  }

  /** Everything nobody asked for is a slip, or a setting that would silently do nothing. */
  finish(example: string): void {
    for (const [name, entry] of this.#entries) {
      this.problems.error('unknown-attribute', entry.place, {
        found: `unknown name "${name}" in ${this.what}`,
        expected: nearest(name, [...this.#asked]),
        example,
      })
    }
    this.#entries.clear()
  }

  error(code: Parameters<Problems['error']>[0], place: FilePlace, remark: Remark): void {
    this.problems.error(code, place, remark)
  }

  missing(name: string, expected: string, example: string): null {
    this.problems.error('missing-attribute', this.place, { found: `${this.what} without "${name}"`, expected, example })
    return null
  }

  #wrong(
    name: string,
    entry: Entry,
    expected: string,
    example: string,
    code: 'bad-value' | 'bad-limit' | 'bad-pattern' = 'bad-value',
  ): null {
    this.problems.error(code, entry.value.place, {
      found: `${shown(entry.value)} for "${name}" in ${this.what}`,
      expected,
      example,
    })
    return null
  }
}

/** A value as a message shows it. */
export function shown(value: Value): string {
  if (value.kind === 'list') return 'a list'
  if (value.kind === 'map') return 'a mapping'
  if (value.value === true) return 'no value'
  return value.text === '' ? 'nothing' : `"${value.text.length > 60 ? `${value.text.slice(0, 59)}…` : value.text}"`
}

/**
 * A sieve before many regular expressions: the letters that each cannot do without are looked for in a text at once, and
 * only the expressions that can still match are tried. The answers are those of the expressions themselves.
 */
import { clausesOf, digit, gap, type Clause } from './letters.ts'

/** A regular expression that is asked often, mostly in vain. It has no state. */
export interface Sieved {
  test(text: string): boolean
  /** The first place where it matches, with flag `g` as well. */
  exec(text: string): RegExpExecArray | null
  /** All places; the pattern has the flag `g`. */
  all(text: string): Iterable<RegExpExecArray>
}

/** For patterns that are constants of a module: they are kept as long as the program runs. */
export function sieved(pattern: RegExp): Sieved {
  let hasClauses = false
  let [one, two, three] = [0, 0, 0]
  unread.push(() => {
    const [first, second, third] = clausesOf(pattern).map(clauseId)
    hasClauses = first !== undefined
    one = first ?? 0
    two = second ?? one
    three = third ?? two
  })
  // Where case is folded by Unicode, letters beyond ASCII may stand for those of ASCII.
  const isUnicode = pattern.unicode && pattern.ignoreCase
  const mayFit = (text: string): boolean => {
    readAll()
    if (!hasClauses) return true
    const { held, turn, isPlain } = lookedThrough(text)
    return (held[one] === turn && held[two] === turn && held[three] === turn) || (isUnicode && !isPlain)
  }
  const fromStart = (): RegExp => {
    if (pattern.global) pattern.lastIndex = 0
    return pattern
  }
  return {
    test: (text) => mayFit(text) && fromStart().test(text),
    exec: (text) => (mayFit(text) ? fromStart().exec(text) : null),
    all: (text) => (mayFit(text) ? text.matchAll(fromStart()) : []),
  }
}

/** Whether any of these patterns can match in a text: asked first, it spares asking each of them. */
export function mayFitAny(patterns: readonly RegExp[]): (text: string) => boolean {
  const isUnicode = patterns.some((pattern) => pattern.unicode)
  let id: number | null = null
  unread.push(() => {
    const best = patterns.map((pattern) => clausesOf(pattern)[0])
    if (!isUnicode && !best.includes(undefined)) id = clauseId([...new Set(best.flatMap((clause) => clause ?? []))])
  })
  return (text) => {
    readAll()
    if (id === null) return true
    const { held, turn } = lookedThrough(text)
    return held[id] === turn
  }
}

/** Patterns whose letters nobody has read yet: a program that looks at no text starts without. */
const unread: (() => void)[] = []

function readAll(): void {
  if (unread.length > 0) for (const read of unread.splice(0)) read()
}

const clauses: Clause[] = []
const ids = new Map<string, number>()

function clauseId(clause: Clause): number {
  const key = clause.join('\n')
  const known = ids.get(key)
  if (known !== undefined) return known
  ids.set(key, clauses.length)
  clauses.push(clause)
  automaton = null
  return clauses.length - 1
}

const width = 32
const symbols = new Uint8Array(128)
for (let code = 0; code < 128; code++) symbols[code] = symbolOf(String.fromCharCode(code).toLowerCase())

function symbolOf(char: string): number {
  if (char >= 'a' && char <= 'z') return char.charCodeAt(0) - 96
  if (char >= '0' && char <= '9') return 27
  return char === '_' ? 28 : 0
}

/** After Aho and Corasick: one step for each character of a text, whatever number of strings is looked for. */
interface Automaton {
  readonly next: Int32Array
  /** Clauses that are held once a state is reached; null = none. */
  readonly reached: readonly (Int32Array | null)[]
}

let automaton: Automaton | null = null

function built(): Automaton {
  const rows: number[][] = [Array.from({ length: width }, () => -1)]
  const own: Set<number>[] = [new Set()]
  for (const [id, clause] of clauses.entries())
    for (const text of clause) {
      let state = 0
      for (const char of text) {
        const symbol = char === gap ? 0 : char === digit ? 27 : symbolOf(char)
        let to = rows[state]?.[symbol] ?? -1
        if (to < 0) {
          to = rows.length
          rows.push(Array.from({ length: width }, () => -1))
          own.push(new Set())
          const row = rows[state]
          if (row) row[symbol] = to
        }
        state = to
      }
      own[state]?.add(id)
    }
  return joined(rows, own)
}

/** Where no string goes on, the state is that of the longest one that ends here and still can. */
function joined(rows: readonly (readonly number[])[], own: readonly Set<number>[]): Automaton {
  const next = new Int32Array(rows.length * width)
  const fallback = new Int32Array(rows.length)
  const queue = [0]
  for (let at = 0; at < queue.length; at++) {
    const state = queue[at] ?? 0
    const back = fallback[state] ?? 0
    if (state > 0) for (const id of own[back] ?? []) own[state]?.add(id)
    for (let symbol = 0; symbol < width; symbol++) {
      const behind = state === 0 ? 0 : (next[back * width + symbol] ?? 0)
      const to = rows[state]?.[symbol] ?? -1
      next[state * width + symbol] = to < 0 ? behind : to
      if (to < 0) continue
      fallback[to] = behind
      queue.push(to)
    }
  }
  return { next, reached: own.map((held) => (held.size === 0 ? null : Int32Array.from(held))) }
}

/** What a text holds: the clauses with the number of the turn in which it was looked through. */
interface Looked {
  text: string | null
  held: Int32Array
  turn: number
  isPlain: boolean
}

/** The texts that were looked through last: an item is asked about by all recognisers before the next one is. */
const recent: Looked[] = Array.from({ length: 4 }, () => ({
  text: null,
  held: new Int32Array(0),
  turn: 0,
  isPlain: true,
}))
let last: Looked | undefined
let oldest = 0

function lookedThrough(text: string): Looked {
  if (last?.text === text && automaton) return last
  let found = automaton ? recent.find((each) => each.text === text) : undefined
  if (!found) {
    found = recent[oldest] ?? { text: null, held: new Int32Array(0), turn: 0, isPlain: true }
    oldest = (oldest + 1) % recent.length
    look(text, found)
  }
  last = found
  return found
}

function look(text: string, into: Looked): void {
  if (!automaton) {
    automaton = built()
    for (const each of recent) Object.assign(each, { text: null, held: new Int32Array(clauses.length), turn: 0 })
  }
  const { next, reached } = automaton
  into.text = text
  into.turn += 1
  into.isPlain = true
  const { held, turn } = into
  let state = next[0] ?? 0
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 0
    if (code > 127) into.isPlain = false
    state = next[state * width + (code < 128 ? (symbols[code] ?? 0) : 0)] ?? 0
    const here = reached[state]
    if (here) for (let which = 0; which < here.length; which++) held[here[which] ?? 0] = turn
  }
}

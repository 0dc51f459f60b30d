/** What letters a text must hold for a regular expression to match in it: read from the expression, never too much. */

/** One of these strings must stand in the text; all clauses must hold. */
export type Clause = readonly string[]

/** Every character that is no ASCII letter, digit or `_`, and the ends of the text. */
export const gap = ' '
/** Every digit. */
export const digit = '0'
/** A place between a word and a gap, as long as it is not known which side is which. */
const edge = '|'

/** Strings that a part may be as a whole; null = too many, or not known. */
interface Part {
  readonly whole: readonly string[] | null
  /** What it must hold, where `whole` is null. */
  readonly clauses: readonly Clause[]
}

const most = 40
const nothing: Part = { whole: [''], clauses: [] }
const anything: Part = { whole: null, clauses: [] }

/** The letter as texts are compared: case and the kind of a gap make no difference. */
export function letterOf(char: string): string {
  if (/^[a-z_]$/i.test(char)) return char.toLowerCase()
  return /^\d$/.test(char) ? digit : gap
}

/** No clauses: nothing can be said, the expression has to be tried. Reads what this program writes in its own patterns. */
export function clausesOf(pattern: RegExp): readonly Clause[] {
  if (pattern.unicodeSets) return []
  const reader = new Reader(pattern.source)
  const { whole, clauses } = reader.alternatives()
  const all = whole ? [whole, ...clauses] : clauses
  return all
    .map((clause) => [...new Set(clause.map(settled))])
    .filter((clause) =>
      clause.every((text) => text.replaceAll(gap, '').length > 1 || text.length > 2 || text === digit),
    )
    .sort((a, b) => chanceOf(a) - chanceOf(b))
    .slice(0, 3)
}

/** An edge beside a gap is that gap; anywhere else it is a gap of its own. */
function settled(text: string): string {
  return text.replace(/\|+/g, edge).replace(/ ?\| ?/g, gap)
}

/** About how often a text of a line holds one of them by chance. */
function chanceOf(clause: Clause): number {
  return clause.reduce((sum, text) => sum + 12 ** -text.length, 0)
}

/** Parts one after another: what stands together is kept together as long as it stays short. */
class Sequence {
  #open: readonly string[] = ['']
  #isWhole = true
  readonly #clauses: Clause[] = []

  add({ whole, clauses }: Part): void {
    if (whole && this.#open.length * whole.length <= most) {
      this.#open = this.#open.flatMap((before) => whole.map((after) => before + after))
      return
    }
    this.#part()
    this.#clauses.push(...clauses)
    if (whole) this.#open = whole
  }

  /** The same again any number of times: what follows stands right behind the last of them. */
  addRepeated(part: Part): void {
    this.add(part)
    this.#part()
    if (part.whole) this.#open = part.whole
  }

  get part(): Part {
    if (this.#isWhole) return { whole: this.#open, clauses: [] }
    return { whole: null, clauses: [...this.#clauses, this.#open].filter(isTelling) }
  }

  #part(): void {
    this.#clauses.push(this.#open)
    this.#open = ['']
    this.#isWhole = false
  }
}

function isTelling(clause: Clause): boolean {
  return clause.every((text) => text.length > 1 || text === digit)
}

class Reader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  alternatives(): Part {
    const parts = [this.#sequence()]
    while (this.#source[this.#at] === '|') {
      this.#at += 1
      parts.push(this.#sequence())
    }
    const [only] = parts
    if (parts.length === 1 && only) return only
    const wholes = parts.flatMap(({ whole }) => whole ?? [])
    if (parts.every(({ whole }) => whole !== null) && wholes.length <= most) return { whole: wholes, clauses: [] }
    const either = parts.map(({ whole, clauses }) => whole ?? clauses.toSorted((a, b) => chanceOf(a) - chanceOf(b))[0])
    return { whole: null, clauses: either.every((each) => each !== undefined) ? [either.flat()] : [] }
  }

  #sequence(): Part {
    const sequence = new Sequence()
    while (this.#at < this.#source.length && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') {
      const part = this.#one()
      const { least, most: greatest } = this.#times()
      if (least === 1 && greatest === 1) sequence.add(part)
      else if (least > 0) sequence.addRepeated(part)
      else if (greatest === 1 && part.whole) sequence.add({ whole: [...part.whole, ''], clauses: [] })
      else sequence.add(anything)
    }
    return sequence.part
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match) this.#at = pattern.lastIndex
    return match
  }

  #times(): { least: number; most: number } {
    const found = this.#take(/(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/y)
    if (!found) return { least: 1, most: 1 }
    const [text, least, comma, greatest] = found
    if (text.startsWith('*')) return { least: 0, most: Number.POSITIVE_INFINITY }
    if (text.startsWith('+')) return { least: 1, most: Number.POSITIVE_INFINITY }
    if (text.startsWith('?')) return { least: 0, most: 1 }
    const ceiling = greatest ? Number(greatest) : Number.POSITIVE_INFINITY
    return { least: Number(least), most: comma ? ceiling : Number(least) }
  }

  #one(): Part {
    const looks = this.#take(/\(\?<?[=!]/y)
    if (looks) {
      this.alternatives()
      this.#at += 1
      return nothing
    }
    if (this.#take(/\((?:\?:|\?<\w+>|(?!\?))/y)) {
      const part = this.alternatives()
      this.#at += 1
      return part
    }
    const members = this.#take(/\[(?:\\.|[^\]\\])*\]/y)
    if (members) return classPart(members[0])
    if (this.#take(/\\b|\^|\$/y)) return { whole: [edge], clauses: [] }
    const escaped = this.#take(/\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|k<\w+>|c\w|\d+|.)/y)
    if (escaped) return escapePart(escaped[0])
    if (this.#take(/\./y)) return anything
    const plain = this.#take(/[^()*+?{}]/y)
    if (!plain) throw new Error(`bug: "${this.#source.slice(this.#at, this.#at + 20)}" is not known in a pattern`)
    return { whole: [letterOf(plain[0])], clauses: [] }
  }
}

function escapePart(text: string): Part {
  if (/^\\[sW]$/.test(text)) return text === '\\s' ? { whole: [gap], clauses: [] } : anything
  if (text === '\\d') return { whole: [digit], clauses: [] }
  if (/^\\[nrtvf]$/.test(text)) return { whole: [gap], clauses: [] }
  return /^\\[^\w\s]$/.test(text) ? { whole: [letterOf(text.slice(1))], clauses: [] } : anything
}

/** A choice of few plain characters; with anything else in it, it may be any character. */
function classPart(text: string): Part {
  const members = text.slice(1, -1)
  if (!/^(?:[A-Za-z0-9 _%/.,:;'"’!-]|\\s|\\d|\\[/.])*$/.test(members) || /.-./.test(members)) return anything
  const letters = members.replaceAll('\\s', ' ').replaceAll('\\d', '0').replaceAll('\\', '')
  const whole = [...new Set(letters.split('').map(letterOf))]
  return whole.length > 0 && whole.length < 8 ? { whole, clauses: [] } : anything
}

/** Watches the output of a command that does not end by itself, line by line, and says when enough was seen. */
import { parsePattern, type Pattern } from '../../core/plan/pattern.ts'
import type { Followed, Following } from '../../core/ports/launcher.ts'

/** What has no line break for so long is looked at in pieces. */
const LONGEST_LINE = 65_536
/** How much of a piece is looked at again with the next one, so that nothing is cut in two. */
const OVERLAP = 2_048
const LONGEST_SHOWN = 500

export class Follower {
  readonly #until: readonly Pattern[]
  readonly #never: readonly Pattern[]
  readonly #found = new Map<string, string>()
  readonly #outputs = [new Lines((line) => this.#see(line)), new Lines((line) => this.#see(line))] as const
  readonly #enough: () => void
  #lines = 0
  #isOver = false

  /** `enough` is called once, in the turn in which it was seen. Throws where a pattern cannot be read. */
  constructor({ until, never }: Following, enough: () => void) {
    this.#until = until.map(patternOf)
    this.#never = never.map(patternOf)
    this.#enough = enough
  }

  /** 0 = standard output, 1 = standard error. */
  add(output: 0 | 1, bytes: Uint8Array): void {
    this.#outputs[output].add(bytes)
  }

  /** From here on only what must not appear counts: what a command says on its way out is no proof of anything. */
  stop(): void {
    this.#isOver = true
  }

  /** After its last byte. */
  result(): Followed {
    for (const output of this.#outputs) output.end()
    return { lines: this.#lines, found: Object.fromEntries(this.#found) }
  }

  #see(line: string): void {
    if (line.trim() === '') return
    if (!this.#isOver) this.#lines += 1
    this.#look(this.#never, line)
    if (!this.#isOver) this.#look(this.#until, line)
    const has = ({ source }: Pattern): boolean => this.#found.has(source)
    const isEnough = this.#never.some(has) || (this.#until.length > 0 && this.#until.every(has))
    if (!isEnough || this.#isOver) return
    this.#isOver = true
    this.#enough()
  }

  #look(patterns: readonly Pattern[], line: string): void {
    for (const pattern of patterns)
      if (!this.#found.has(pattern.source) && pattern.find(line))
        this.#found.set(pattern.source, line.trim().slice(0, LONGEST_SHOWN))
  }
}

/** Bytes of one output as lines, whatever the chunks are. */
class Lines {
  readonly #decoder = new TextDecoder()
  readonly #tell: (line: string) => void
  #rest = ''

  constructor(tell: (line: string) => void) {
    this.#tell = tell
  }

  add(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#tell(line)
    if (this.#rest.length < LONGEST_LINE) return
    this.#tell(this.#rest)
    this.#rest = this.#rest.slice(-OVERLAP)
  }

  end(): void {
    const last = this.#rest + this.#decoder.decode()
    this.#rest = ''
    if (last !== '') this.#tell(last)
  }
}

function patternOf(source: string): Pattern {
  const pattern = parsePattern(source)
  if (!pattern.ok) throw new Error(`/${source}/ is not ${pattern.expected}`)
  return pattern.value
}

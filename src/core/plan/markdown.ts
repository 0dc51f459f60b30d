/** The Markdown library as documents are read here: HTML is known, and words are parsed only where they are asked for. */
import MarkdownIt, { type Delimiter, type Env, type StateCore, type StateInline, type Token } from 'markdown-it'

export type Parser = InstanceType<typeof MarkdownIt>

/** A parser keeps nothing of a document: what that defines (its link targets) is in the environment of the call. */
export function newParser(): Parser {
  const parser = new MarkdownIt({ html: true })
  parser.core.ruler.disable(['inline', 'text_join'])
  parser.core.ruler.at('normalize', normalize)
  parser.block.State = LeanBlocks
  parser.inline.State = LeanInline as unknown as typeof StateInline
  return parser
}

/** As the library does, where there is anything to do. */
function normalize(state: StateCore): void {
  if (state.src.includes('\r')) state.src = state.src.replace(/\r\n?/g, '\n')
  if (state.src.includes('\0')) state.src = state.src.replaceAll('\0', '\uFFFD')
}

const { Token: LibraryToken, StateBlock, StateInline: LibraryInline } = MarkdownIt

type Nesting = Token['nesting']

/** The token of the library, field for field; its own takes longer to make than all the rest of a line to read. */
class LeanToken {
  type: string
  tag: string
  attrs: Token['attrs'] = null
  map: Token['map'] = null
  nesting: Nesting
  level = 0
  children: Token[] | null = null
  content = ''
  markup = ''
  info = ''
  meta: Token['meta'] = null
  block: boolean
  hidden = false

  constructor(type: string, tag: string, nesting: Nesting, isBlock: boolean) {
    this.type = type
    this.tag = tag
    this.nesting = nesting
    this.block = isBlock
  }
}
Object.setPrototypeOf(LeanToken.prototype, LibraryToken.prototype)

class LeanBlocks extends StateBlock {
  constructor(source: string, md: Parser, env: Env, tokens: Token[]) {
    super('', md, env, tokens)
    this.src = source
    for (const marks of [this.bMarks, this.eMarks, this.tShift, this.sCount, this.bsCount]) marks.length = 0
    this.#readLines(source)
    this.#addLine(source.length, source.length, 0, 0)
    this.lineMax = this.bMarks.length - 1
  }

  /** Beginning, end and indent of each, as the library has them: white space alone at the very end is no line. */
  #readLines(source: string): void {
    for (let start = 0; start < source.length; ) {
      const found = source.indexOf('\n', start)
      const end = found < 0 ? source.length : found
      let at = start
      let columns = 0
      for (; at < end; at++) {
        const code = source.charCodeAt(at)
        if (code === 32) columns += 1
        else if (code === 9) columns += 4 - (columns % 4)
        else break
      }
      if (found >= 0 || at < end) this.#addLine(start, end, at - start, columns)
      start = end + 1
    }
  }

  #addLine(start: number, end: number, shift: number, columns: number): void {
    this.bMarks.push(start)
    this.eMarks.push(end)
    this.tShift.push(shift)
    this.sCount.push(columns)
    this.bsCount.push(0)
  }

  override push(type: string, tag: string, nesting: Nesting): Token {
    const token = new LeanToken(type, tag, nesting, true) as Token
    if (nesting < 0) this.level--
    token.level = this.level
    if (nesting > 0) this.level++
    this.tokens.push(token)
    return token
  }
}

/** The same for the words of a text: the library makes a state for each of them. */
class LeanInline {
  src: string
  env: Env
  md: Parser
  tokens: Token[]
  tokens_meta: StateInline['tokens_meta'] = []
  pos = 0
  posMax: number
  level = 0
  pending = ''
  pendingLevel = 0
  cache: Record<number, number> = {}
  backticks: Record<number, number> = {}
  backticksScanned = false
  skipHtmlSpecial = false
  linkLevel = 0
  delimiters: Delimiter[] = []
  _prev_delimiters: Delimiter[][] = []
  Token = LibraryToken

  constructor(src: string, md: Parser, env: Env, tokens: Token[]) {
    this.src = src
    this.env = env
    this.md = md
    this.tokens = tokens
    this.tokens_meta.length = tokens.length
    this.posMax = src.length
  }

  pushPending(): Token {
    const token = new LeanToken('text', '', 0, false) as Token
    token.content = this.pending
    token.level = this.pendingLevel
    this.tokens.push(token)
    this.pending = ''
    return token
  }

  push(type: string, tag: string, nesting: Nesting): Token {
    if (this.pending !== '') this.pushPending()
    const token = new LeanToken(type, tag, nesting, false) as Token
    if (nesting < 0) {
      this.level--
      this.delimiters = this._prev_delimiters.pop() ?? []
    }
    token.level = this.level
    if (nesting > 0) {
      this.level++
      this._prev_delimiters.push(this.delimiters)
      this.delimiters = []
    }
    this.pendingLevel = this.level
    this.tokens.push(token)
    this.tokens_meta.push(nesting > 0 ? { delimiters: this.delimiters } : undefined)
    return token
  }
}
Object.setPrototypeOf(LeanInline.prototype, LibraryInline.prototype)

/** The Markdown library as documents are read here: HTML is known, and words are parsed only where they are asked for. */
import MarkdownIt, { type Token } from 'markdown-it'

export type Parser = InstanceType<typeof MarkdownIt>

/** A parser keeps nothing of a document: what that defines (its link targets) is in the environment of the call. */
export function newParser(): Parser {
  const parser = new MarkdownIt({ html: true })
  parser.core.ruler.disable(['inline', 'text_join'])
  parser.block.State = LeanBlocks
  return parser
}

const { Token: LibraryToken, StateBlock } = MarkdownIt

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
  block = true
  hidden = false

  constructor(type: string, tag: string, nesting: Nesting) {
    this.type = type
    this.tag = tag
    this.nesting = nesting
  }
}
Object.setPrototypeOf(LeanToken.prototype, LibraryToken.prototype)

class LeanBlocks extends StateBlock {
  override push(type: string, tag: string, nesting: Nesting): Token {
    const token = new LeanToken(type, tag, nesting) as Token
    if (nesting < 0) this.level--
    token.level = this.level
    if (nesting > 0) this.level++
    this.tokens.push(token)
    return token
  }
}

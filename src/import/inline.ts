/** The words of a line as a reader sees them, with its inline code and its links. */
import type MarkdownIt from 'markdown-it'
import type { Token } from 'markdown-it'
import { oneLine } from './one-line.ts'

export interface Words {
  readonly text: string
  readonly code: readonly string[]
  readonly links: readonly { readonly text: string; readonly url: string }[]
}

/** Longer than any sentence: what is beyond is taken as it stands, so that no line costs more than its length. */
const longest = 4000

export type Inline = (content: string) => Words

/** `environment` holds the link definitions of the document that `parser` has read. */
export function inlineReader(parser: InstanceType<typeof MarkdownIt>, environment: Record<string, unknown>): Inline {
  return (content) => {
    if (!/[\\`*_<[!&\n]|~~|https?:/.test(content)) return { text: oneLine(content), code: [], links: [] }
    if (content.length > longest) return { text: oneLine(content.slice(0, longest)), code: [], links: [] }
    const tokens: Token[] = []
    parser.inline.parse(content, parser, environment, tokens)
    return collect(tokens)
  }
}

function collect(tokens: readonly Token[]): Words {
  const words: string[] = []
  const code: string[] = []
  const links: { text: string; url: string }[] = []
  let link: { url: string; from: number } | null = null
  const visit = (each: readonly Token[]): void => {
    for (const token of each) {
      if (token.type === 'code_inline') code.push(token.content)
      if (token.type === 'text' || token.type === 'text_special' || token.type === 'code_inline')
        words.push(token.content)
      else if (token.type === 'softbreak' || token.type === 'hardbreak') words.push(' ')
      else if (token.type === 'image') visit(token.children ?? [])
      else if (token.type === 'link_open') link = { url: String(token.attrGet('href') ?? ''), from: words.length }
      else if (token.type === 'link_close' && link) {
        links.push({ url: link.url, text: oneLine(words.slice(link.from).join('')) })
        link = null
      }
    }
  }
  visit(tokens)
  const text = oneLine(words.join(''))
  const named = new Set(links.map(({ url }) => url))
  for (const [url] of text.matchAll(/\bhttps?:\/\/[^\s<>"'`)\]]+/g))
    if (!named.has(url)) {
      named.add(url)
      links.push({ url, text: url })
    }
  return { text, code, links }
}

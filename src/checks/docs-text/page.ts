/** What a Markdown page holds, as far as its readers follow it: headings with their anchors, what stands under each, links. */
import MarkdownIt from 'markdown-it'

export interface Heading {
  readonly text: string
  readonly anchor: string
  readonly line: number
  /** Something stands under it before the next heading of its level or above. */
  readonly isFilled: boolean
}

export interface Link {
  readonly to: string
  readonly line: number
}

export interface Page {
  readonly headings: readonly Heading[]
  /** Of headings, and of elements that carry an id or a name. */
  readonly anchors: ReadonlySet<string>
  readonly links: readonly Link[]
}

const markdown = new MarkdownIt({ html: true, linkify: false })

type Token = ReturnType<typeof markdown.parse>[number]

export function readPage(text: string): Page {
  const tokens = markdown.parse(text, {})
  const headings = headingsOf(tokens)
  return {
    headings,
    anchors: new Set([...headings.map(({ anchor }) => anchor), ...ownAnchors(tokens)]),
    links: tokens.flatMap((token) => linksOf(token)),
  }
}

function headingsOf(tokens: readonly Token[]): readonly Heading[] {
  const seen = new Map<string, number>()
  return tokens.flatMap((token, at) => {
    if (token.type !== 'heading_open') return []
    const inline = tokens[at + 1]
    const text = (inline?.children ?? [])
      .map((child) => (child.type === 'text' || child.type === 'code_inline' ? child.content : ''))
      .join('')
    const anchor = numbered(slugOf(text), seen)
    return [{ text: text.trim(), anchor, line: (token.map?.[0] ?? 0) + 1, isFilled: isFilled(tokens, at) }]
  })
}

/** As code hosts make them: small letters, without marks, hyphens for spaces. */
function slugOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-')
}

function numbered(slug: string, seen: Map<string, number>): string {
  const before = seen.get(slug) ?? 0
  seen.set(slug, before + 1)
  return before === 0 ? slug : `${slug}-${before}`
}

/** Whether any text comes before the next heading of its level or above; headings below it are no text. */
function isFilled(tokens: readonly Token[], heading: number): boolean {
  const level = Number(tokens[heading]?.tag.slice(1))
  for (let at = heading + 3; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token?.type === 'heading_open' && Number(token.tag.slice(1)) <= level) return false
    const isText = token !== undefined && token.content.trim() !== '' && tokens[at - 1]?.type !== 'heading_open'
    if (isText) return true
  }
  return false
}

function ownAnchors(tokens: readonly Token[]): readonly string[] {
  const html = tokens
    .flatMap((token) => [token, ...(token.children ?? [])])
    .filter(({ type }) => type.startsWith('html_'))
  return html.flatMap(({ content }) =>
    [...content.matchAll(/\s(?:id|name)\s*=\s*["']([^"']+)["']/gi)].map((found) => found[1] ?? ''),
  )
}

function linksOf(token: Token): readonly Link[] {
  const line = (token.map?.[0] ?? 0) + 1
  return (token.children ?? []).flatMap((child) => {
    const to = child.attrGet(child.type === 'image' ? 'src' : 'href')
    return (child.type === 'link_open' || child.type === 'image') && typeof to === 'string' && to !== ''
      ? [{ to, line }]
      : []
  })
}

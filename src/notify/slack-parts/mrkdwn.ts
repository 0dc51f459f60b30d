/** Markdown as Slack writes it (mrkdwn). What came from outside can call nobody: `&`, `<` and `>` are always escaped. */
import MarkdownIt, { type Token } from 'markdown-it'

const markdown = new MarkdownIt({ html: false }).disable(['image', 'table', 'smartquotes'])

const marks: Readonly<Record<string, string>> = {
  strong_open: '*',
  strong_close: '*',
  em_open: '_',
  em_close: '_',
  s_open: '~',
  s_close: '~',
  heading_open: '*',
  heading_close: '*\n',
  softbreak: '\n',
  hardbreak: '\n',
  hr: '———\n',
}

export function mrkdwnOf(text: string): string {
  const written: string[] = []
  const lists: (number | null)[] = []
  for (const token of markdown.parse(text, {})) writeBlock(token, lists, written)
  return written
    .join('')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** The three characters that mean something to Slack, as its documentation wants them. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function writeBlock(token: Token, lists: (number | null)[], written: string[]): void {
  switch (token.type) {
    case 'inline':
      return writeInline(token.children ?? [], written)
    case 'bullet_list_open':
      return void lists.push(null)
    case 'ordered_list_open':
      return void lists.push(Number(token.attrGet('start') ?? 1))
    case 'bullet_list_close':
    case 'ordered_list_close':
      lists.pop()
      if (lists.length === 0) written.push('\n')
      return
    case 'list_item_open':
      return writeBullet(lists, written)
    case 'paragraph_close':
      return void written.push(token.hidden || lists.length > 0 ? '\n' : '\n\n')
    case 'fence':
    case 'code_block':
      return void written.push(`\`\`\`\n${escaped(token.content.trimEnd())}\n\`\`\`\n`)
    default:
      written.push(marks[token.type] ?? '')
  }
}

function writeBullet(lists: (number | null)[], written: string[]): void {
  const number = lists.at(-1) ?? null
  written.push('    '.repeat(Math.max(0, lists.length - 1)), number === null ? '• ' : `${number}. `)
  if (number !== null) lists[lists.length - 1] = number + 1
}

function writeInline(tokens: readonly Token[], written: string[]): void {
  const links: boolean[] = []
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const address = addressOf(token)
      links.push(address !== null)
      if (address !== null) written.push(`<${address}|`)
    } else if (token.type === 'link_close') written.push(links.pop() === true ? '>' : '')
    else if (token.type === 'code_inline') written.push(`\`${escaped(token.content)}\``)
    else if (token.type in marks) written.push(marks[token.type] ?? '')
    else written.push(escaped(token.content))
  }
}

/** Null for what is no address: `<!channel|…>` would call everyone. Within `<…|…>` a bar would end the address. */
function addressOf(link: Token): string | null {
  const address = String(link.attrGet('href') ?? '')
  return /^(?:https?:\/\/|mailto:)/i.test(address) ? escaped(address).replaceAll('|', '%7C') : null
}

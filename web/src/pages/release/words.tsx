/** Markdown's words as elements: made one by one from its tokens, never from a text of HTML, so nothing in them can run. */
import { type ComponentChildren, Fragment, h } from 'preact'
import type { Token } from 'markdown-it'

const TASK = /^\[[ xX]\][ \t]+/
/** Elements that a checklist's words may become; everything else stays words. */
const elements: ReadonlySet<string> = new Set(
  'p blockquote ul ol li table thead tbody tr th td strong em s h1 h2 h3 h4 h5 h6 hr br'.split(' '),
)

/** Of one line; `isTask` leaves the box out: a mark stands in its place. */
export function Inline({ tokens, isTask = false }: { readonly tokens: readonly Token[]; readonly isTask?: boolean }) {
  return <>{treeOf(isTask ? withoutBox(tokens) : tokens)}</>
}

export function Words({ tokens }: { readonly tokens: readonly Token[] }) {
  return <>{treeOf(tokens)}</>
}

function withoutBox(tokens: readonly Token[]): readonly Token[] {
  const [first, ...rest] = tokens
  if (first?.type !== 'text' || !TASK.test(first.content)) return tokens
  const words = Object.assign(Object.create(Object.getPrototypeOf(first) as object) as Token, first)
  words.content = first.content.replace(TASK, '')
  return [words, ...rest]
}

interface Open {
  readonly token: Token | null
  readonly children: ComponentChildren[]
}

function treeOf(tokens: readonly Token[]): ComponentChildren {
  const stack: Open[] = [{ token: null, children: [] }]
  for (const token of tokens) {
    if (token.nesting === 1) stack.push({ token, children: [] })
    else if (token.nesting === -1) {
      const closed = stack.pop()
      if (closed?.token != null) stack.at(-1)?.children.push(elementOf(closed.token, closed.children))
    } else stack.at(-1)?.children.push(leafOf(token))
  }
  return h(Fragment, null, ...stack.flatMap(({ children }) => children))
}

function elementOf(token: Token, children: ComponentChildren[]): ComponentChildren {
  if (token.type === 'link_open') return linkTo(String(token.attrGet('href') ?? ''), children)
  if (token.hidden || !elements.has(token.tag)) return h(Fragment, null, ...children)
  return h(token.tag, null, ...children)
}

function leafOf(token: Token): ComponentChildren {
  switch (token.type) {
    case 'inline':
      return treeOf(token.children ?? [])
    case 'code_inline':
      return <code>{token.content}</code>
    case 'fence':
    case 'code_block':
      return (
        <pre>
          <code>{token.content}</code>
        </pre>
      )
    case 'softbreak':
      return ' '
    case 'hardbreak':
      return <br />
    case 'hr':
      return <hr />
    // From elsewhere: its address could tell somebody that the page was read, and the policy would stop it.
    case 'image':
      return linkTo(String(token.attrGet('src') ?? ''), [token.content === '' ? 'picture' : token.content])
    case 'html_block':
    case 'html_inline':
      return /^\s*<!--[\s\S]*-->\s*$/.test(token.content) ? null : <code class="html">{token.content.trim()}</code>
    default:
      return token.content
  }
}

/** Only to where a link may lead; an address of another kind is shown as words. */
function linkTo(address: string, children: ComponentChildren[]): ComponentChildren {
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return <span title={address}>{h(Fragment, null, ...children)}</span>
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      {h(Fragment, null, ...children)}
    </a>
  )
}

/** Reads an answer in XML as a tree of elements and texts: no DOCTYPE, no entities but the five, bounded depth. */

export interface XmlNode {
  /** Without the prefix of a namespace. */
  readonly name: string
  /** Of an element without others inside it. */
  readonly text: string
  readonly children: readonly XmlNode[]
}

interface Open {
  readonly name: string
  text: string
  readonly children: XmlNode[]
}

const mostDepth = 64
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The outermost element; null = it is no such XML. */
export function readXml(text: string): XmlNode | null {
  const open: Open[] = [{ name: '', text: '', children: [] }]
  const piece = /<\?[^>]*\?>|<!--[^]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:\s[^<>]*?)?)(\/?)>|([^<]+)/y
  while (piece.lastIndex < text.length) {
    const found = piece.exec(text)
    const inner = open.at(-1)
    if (found === null || inner === undefined) return null
    const [, end, tag, , isEmpty, words] = found
    if (words !== undefined) inner.text += words
    if (tag === undefined) continue
    const name = tag.slice(tag.indexOf(':') + 1)
    if (end === '/') {
      if (open.length < 2 || inner.name !== name) return null
      open.pop()
      open.at(-1)?.children.push(closed(inner))
    } else if (isEmpty === '/') inner.children.push({ name, text: '', children: [] })
    else if (open.push({ name, text: '', children: [] }) > mostDepth) return null
  }
  const [root] = open
  return open.length === 1 && root?.children.length === 1 && root.text.trim() === '' ? (root.children[0] ?? null) : null
}

/** Every element at this way of names below a node. */
export function nodesAt(node: XmlNode, ...way: readonly string[]): readonly XmlNode[] {
  return way.reduce<readonly XmlNode[]>(
    (nodes, name) => nodes.flatMap(({ children }) => children.filter((child) => child.name === name)),
    [node],
  )
}

/** The text of the first element there; null = there is none. */
export function textAt(node: XmlNode, ...way: readonly string[]): string | null {
  return nodesAt(node, ...way)[0]?.text ?? null
}

/** A text as it may stand in XML. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** A tree as the text it came from, without namespaces. */
export function writeXml({ name, text, children }: XmlNode): string {
  return `<${name}>${children.length > 0 ? children.map(writeXml).join('') : escapeXml(text)}</${name}>`
}

function closed({ name, text, children }: Open): XmlNode {
  return { name, text: children.length > 0 ? '' : decoded(text), children }
}

function decoded(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex?: string, digits?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole
      const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16)
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole
    },
  )
}

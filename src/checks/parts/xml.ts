/** Reads the tags of an XML document: no entities but the five, no DOCTYPE, bounded depth, one pass. */

export interface Tag {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  /** Names of the elements around it, outermost first. */
  readonly path: readonly string[]
}

export class XmlFault extends Error {
  override name = 'XmlFault'
}

const maxDepth = 100
const nameStart = /[A-Za-z_:\u0080-\uffff]/
const attribute = /\s*([A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y

/** Calls `visit` for every start tag, in document order. Throws XmlFault for anything that is not well-formed. */
export function readTags(text: string, visit: (tag: Tag) => void): void {
  const open: string[] = []
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  let rooted = false
  for (;;) {
    const start = text.indexOf('<', at)
    const between = text.slice(at, start === -1 ? undefined : start)
    if (open.length === 0 && between.trim() !== '') throw new XmlFault('there is text outside the root element')
    if (start === -1) break
    const special = endOfSpecial(text, start, open.length)
    if (special !== null) {
      at = special
      continue
    }
    if (text[start + 1] === '/') {
      at = closeTag(text, start, open)
      continue
    }
    if (open.length === 0 && rooted) throw new XmlFault('there is more than one root element')
    rooted = true
    at = startTag(text, start, open, visit)
  }
  if (!rooted) throw new XmlFault('there is no element in it')
  if (open.length > 0) throw new XmlFault(`<${open.at(-1)}> is not closed: the file is cut off`)
}

/** Where a comment, CDATA section or processing instruction ends; null when it is none of them. */
function endOfSpecial(text: string, start: number, depth: number): number | null {
  if (text.startsWith('<!--', start)) return endOf(text, '-->', start + 4)
  if (text.startsWith('<![CDATA[', start)) {
    if (depth === 0) throw new XmlFault('there is text outside the root element')
    return endOf(text, ']]>', start + 9)
  }
  if (text.startsWith('<?', start)) return endOf(text, '?>', start + 2)
  if (text.startsWith('<!', start)) throw new XmlFault('it has a DOCTYPE or entity declaration, which is not read')
  return null
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from)
  if (end === -1) throw new XmlFault(`"${mark}" is missing: the file is cut off`)
  return end + mark.length
}

function closeTag(text: string, start: number, open: string[]): number {
  const end = endOf(text, '>', start)
  const name = text.slice(start + 2, end - 1).trim()
  const expected = open.pop()
  if (name !== expected) throw new XmlFault(`</${name.slice(0, 40)}> closes <${expected ?? 'nothing'}>`)
  return end
}

function startTag(text: string, start: number, open: string[], visit: (tag: Tag) => void): number {
  if (!nameStart.test(text[start + 1] ?? '')) throw new XmlFault('a "<" is not followed by a name')
  const name = /[^\s/>=]+/y
  name.lastIndex = start + 1
  const found = name.exec(text)?.[0] ?? ''
  const { attributes, at } = readAttributes(text, name.lastIndex)
  const tail = /\s*(\/?)>/y
  tail.lastIndex = at
  const closed = tail.exec(text)
  if (!closed) throw new XmlFault(`<${found.slice(0, 40)}> is not well-formed`)
  visit({ name: found, attributes, path: open })
  if (closed[1] !== '/') open.push(found)
  if (open.length > maxDepth) throw new XmlFault(`it is nested more than ${maxDepth} deep`)
  return tail.lastIndex
}

function readAttributes(
  text: string,
  from: number,
): { readonly attributes: Record<string, string>; readonly at: number } {
  const attributes: Record<string, string> = Object.create(null) as Record<string, string>
  let at = from
  for (;;) {
    attribute.lastIndex = at
    const found = attribute.exec(text)
    if (!found) return { attributes, at }
    attributes[found[1] ?? ''] = unescape(found[2] ?? found[3] ?? '')
    at = attribute.lastIndex
  }
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The five entities and character references; anything else would need a declaration, and there are none. */
function unescape(text: string): string {
  return text.replace(/&([^;\s]{1,10});/g, (_whole, entity: string) => {
    const code = /^#x([0-9a-f]+)$/i.exec(entity)?.[1]
    const point = code === undefined ? Number(/^#(\d+)$/.exec(entity)?.[1] ?? Number.NaN) : Number.parseInt(code, 16)
    if (point > 0 && point <= 0x10ffff) return String.fromCodePoint(point)
    const plain = named[entity]
    if (plain === undefined) throw new XmlFault(`&${entity}; is an entity that is not known`)
    return plain
  })
}

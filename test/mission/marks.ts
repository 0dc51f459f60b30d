/** Which block of a checklist a requirement is automated by: a mark `<!-- covers N-5.3.1 -->` says it of the fence that follows it. */

export interface Covered {
  readonly id: string
  readonly line: number
  /** What automates it: `yaml check kind: dns`, `sh check`, `front matter: windows`; null = no block follows the mark. */
  readonly by: string | null
  /** The lines of that block, without its fences. */
  readonly body: readonly string[]
}

interface Block {
  readonly by: string
  readonly body: readonly string[]
}

const inBody = /<!-- covers ([^>]+?) -->/
const inHead = /^\s*# covers (.+)$/

/** Every mark in the order of the lines. */
export function marksOf(markdown: string): readonly Covered[] {
  const lines = markdown.split('\n')
  const headEnd = lines[0] === '---' ? lines.indexOf('---', 1) : -1
  return lines.flatMap((line, index) => {
    const isHead = index < headEnd
    const ids = (isHead ? inHead : inBody).exec(line)?.[1]?.split(/[\s,]+/) ?? []
    const block = isHead ? settingAfter(lines.slice(0, headEnd), index) : fenceAfter(lines, index)
    return ids.map((id) => ({ id, line: index + 1, by: block?.by ?? null, body: block?.body ?? [] }))
  })
}

/** The setting of the front matter that a mark stands above: its own line, or the list or mapping that begins there. */
function settingAfter(head: readonly string[], mark: number): Block | null {
  const start = head.findIndex((line, index) => index > mark && !inHead.test(line))
  const first = head[start]
  if (first === undefined) return null
  const depth = depthOf(first)
  const end = head.findIndex((line, index) => index > start && line.trim() !== '' && depthOf(line) <= depth)
  const owner = head.slice(0, start + 1).findLast((line) => /^[a-z]/.test(line)) ?? first
  return { by: `front matter: ${owner.split(':')[0]}`, body: head.slice(start, end === -1 ? head.length : end) }
}

/** The fence behind a mark, unless another item or a heading begins first. */
function fenceAfter(lines: readonly string[], mark: number): Block | null {
  const start = lines.findIndex((line, index) => index > mark && /^\s*(?:```|#{1,6} |[-*] |\d+\. )/.test(line))
  const opening = /^\s*```(.+)$/.exec(lines[start] ?? '')?.[1]
  if (opening === undefined) return null
  const end = lines.findIndex((line, index) => index > start && /^\s*```\s*$/.test(line))
  const body = lines.slice(start + 1, end)
  return { by: nameOf(opening, body), body: [opening, ...body] }
}

/** The words that make a block what it is, with its kind where it has one. */
function nameOf(opening: string, body: readonly string[]): string {
  const [language = '', word = ''] = opening.split(/\s+/)
  const kind = body.map((line) => /^\s*kind: ([\w-]+)/.exec(line)?.[1]).find((found) => found !== undefined)
  return [language, word, ...(language === 'yaml' && kind !== undefined ? [`kind: ${kind}`] : [])].join(' ')
}

function depthOf(line: string): number {
  return line.length - line.trimStart().length
}

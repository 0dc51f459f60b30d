/** What another reader of Markdown finds in a text: each list item, heading and block of code with its line. */
import { Parser, type Node } from 'commonmark'
import { looksEndless, readFrontMatter } from '../../src/core/plan/reader.ts'
import type { ImportItem } from '../../src/import/item.ts'

/**
 * It knows no tables, takes other characters for blanks, and where a mark stands deeper than three columns below an
 * indented list or a quotation, or anything so deep behind a link definition, the two have always read differently: it
 * says nothing of a text with these in it.
 */
export function isComparable(text: string): boolean {
  const isQuoted = /^\uFEFF?[ \t]*>/m.test(text)
  if (isQuoted && /^\uFEFF?[ \t>]*(?: {4}|\t)/m.test(text)) return false
  const isDeepMark = /^\uFEFF?(?: {4}| {0,3}\t)[ \t]*(?:[>#`~*+<=-]|\d{1,9}[.)])/m.test(text)
  if (isDeepMark && /^\uFEFF?(?:[ \t]*>| {1,3}(?:[-*+]|\d{1,9}[.)]))/m.test(text)) return false
  if (/^[ \t>]*(?:[-*+]\s+)*\[[^\]]+\]:/m.test(text) && /^(?: {4}| {0,3}\t)/m.test(text)) return false
  return (
    !/[|\0\f\v\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(text) &&
    !looksEndless(text.split('\n'))
  )
}

/** `5 item`, `7 heading 2`, `9 fenced`: in the order of the document. */
export function independentOutline(text: string): readonly string[] {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const lines = source.split('\n')
  const offset = readFrontMatter(lines)?.lines ?? 0
  const found: string[] = []
  const walker = new Parser().parse(lines.slice(offset).join('\n')).walker()
  for (let step = walker.next(); step; step = walker.next()) if (step.entering) found.push(...saidOf(step.node, offset))
  return found
}

function saidOf(node: Node, offset: number): readonly string[] {
  const line = (node.sourcepos?.[0]?.[0] ?? 0) + offset
  if (node.type === 'item') return [`${line} ${node.listType === 'ordered' ? 'numbered' : 'bullet'}`]
  // Of a heading that is underlined, only the line of its end is sure: link definitions above it are taken off.
  if (node.type === 'heading') return [`${(node.sourcepos?.[1]?.[0] ?? 0) + offset} heading ${node.level}`]
  if (node.type === 'code_block') return [`${line} ${node.info === null ? 'indented' : 'fenced'}`]
  return []
}

/** What importing found, in the same words. */
export function ourOutline(items: readonly ImportItem[]): readonly string[] {
  return items.flatMap(({ line, endLine, form, isNumbered, level, info }) => {
    if (form === 'task' || form === 'bullet' || form === 'ordered')
      return [`${line} ${isNumbered ? 'numbered' : 'bullet'}`]
    if (form === 'heading') return [`${endLine} heading ${level}`]
    if (form === 'fence') return [`${line} ${info === null ? 'indented' : 'fenced'}`]
    return []
  })
}

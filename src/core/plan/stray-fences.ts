/** Lines that look like the opening of one of our blocks, but that Markdown reads as something else. */
import type { DocumentTree, Fence } from './document.ts'
import { parseInfoString } from './info-string.ts'
import type { Problems } from './problem.ts'
import { isWord, languages } from './words.ts'

const opening = /^((?:[ \t]|>|[-*+][ \t]|\d{1,9}[.)][ \t])*)(`{3,}|~{3,})[ \t]*([\w-]+)[ \t]+([\w-]+)(.*)$/

/** Reports each line that was surely meant to be a block and would silently not run. */
export function reportStrayFences(tree: DocumentTree, problems: Problems): void {
  const covered = coveredLines(tree)
  for (const [index, text] of tree.lines.entries()) {
    if (covered.has(index + 1)) continue
    const match = opening.exec(text)
    if (!match) continue
    const [, indent = '', marks = '', language = '', word = '', rest = ''] = match
    if (!isWord(word) || !languages.includes(language)) continue
    const backtick = marks.startsWith('`') && rest.includes('`')
    problems.error(
      'fence-not-parsed',
      { line: index + 1, column: indent.length + 1 },
      {
        found: backtick
          ? `a "${language} ${word}" line with a backtick after the opening marks, which Markdown does not read as a block`
          : `a "${language} ${word}" line that Markdown does not read as a block: it is indented by ${indent.length}`,
        expected: backtick
          ? 'tildes as marks when the line contains a backtick'
          : 'an indent of at most three more than the text it belongs to, and an empty line before it',
        example: backtick ? `~~~${language} ${word} …` : `\`\`\`${language} ${word}`,
      },
    )
  }
}

function coveredLines(tree: DocumentTree): ReadonlySet<number> {
  const covered = new Set<number>()
  for (const { line, endLine } of tree.opaque) for (let at = line; at <= endLine; at++) covered.add(at)
  const head = tree.frontMatter === null ? 0 : tree.frontMatter.text.split('\n').length + 2
  for (let at = 1; at <= head; at++) covered.add(at)
  return covered
}

/** A block at top level right behind a list fell out of its item: it would belong to nothing. */
export function reportFallenFence(fence: Fence, problems: Problems): boolean {
  const last = fence.afterList?.items.at(-1)
  if (!last) return false
  const { language, word } = parseInfoString(fence.info, fence.line, fence.infoColumn)
  problems.error(
    'fence-fell-out',
    { line: fence.line, column: Math.max(1, fence.infoColumn - 3) },
    {
      found: `a "${language} ${word}" block that fell out of the item above it`,
      expected: `an indent of ${last.indent} spaces for "${last.text.slice(0, 40)}"; a block for the whole section stands before the list`,
      example: `${' '.repeat(last.indent)}\`\`\`${language} ${word}`,
    },
  )
  return true
}

/** What a rule on the text of a document is: it looks at facts about the text and says what it finds. */
import type { LintCode, TextCode } from '../../core/plan/codes.ts'
import type { Remark } from '../../core/plan/problem.ts'
import type { TextDocument } from './text-document.ts'

/** `place` is a line counted from 1, or a line and a column. */
export type TextReport = (
  code: TextCode | LintCode,
  place: number | { readonly line: number; readonly column: number },
  remark: Remark,
) => void
export type TextRule = (document: TextDocument, report: TextReport) => void

/** So much of a text that a message stays one line. */
export function shown(text: string, most = 80): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length <= most ? flat : `${flat.slice(0, most - 1)}…`
}

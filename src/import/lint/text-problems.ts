/** What is wrong with the text of a document that is imported, beside what is odd about importing it. Each place is told once. */
import type { TextCode, LintCode } from '../../core/plan/codes.ts'
import type { Import, Imported } from '../import.ts'
import type { ImportProblem } from '../problems.ts'
import { lintText } from './lint-document.ts'

/** What importing says of the same thing in its own words. */
const saidAlready: Readonly<Partial<Record<string, ImportProblem['code']>>> = {
  'pre-ticked': 'import-ticked',
  'damaged-encoding': 'import-damaged-text',
}

/** `today` is the day of the reader, `2030-01-31`; null = nothing is called past. */
export function withTextProblems({ imported, text }: Import, today: string | null): Imported {
  const told = new Set<string>(imported.problems.map(({ code }) => code))
  const { found } = lintText(imported.file, text.replace(/^\uFEFF/, ''), today)
  const inText = found
    .filter(({ code }) => !told.has(saidAlready[code] ?? ''))
    .map(({ line, code, severity, found: what, expected, example }) => {
      return { line, code: code as TextCode | LintCode, severity, found: what, expected, example }
    })
  return { ...imported, problems: [...imported.problems, ...inText] }
}

/** Lines by code, those that are told most often first. */
export function textProblemsByCode(
  problems: readonly ImportProblem[],
): readonly (readonly [string, readonly number[]])[] {
  const lines = new Map<string, number[]>()
  for (const { code, line } of problems) {
    if (code.startsWith('import-')) continue
    const known = lines.get(code)
    if (known) known.push(line)
    else lines.set(code, [line])
  }
  return [...lines].toSorted((a, b) => b[1].length - a[1].length || (a[1][0] ?? 0) - (b[1][0] ?? 0))
}

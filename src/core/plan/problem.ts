/** Problems with a document: collected while reading, shown in one shape everywhere. */
import type { ErrorCode, LintCode, TextCode, WarningCode } from './codes.ts'
import type { Place, Problem } from './plan.ts'

/** What an author is told: what stands there, what was expected, and one line that is correct. */
export interface Remark {
  readonly found: string
  readonly expected: string
  readonly example: string
}

/** A list that grows while one document is compiled. Each place gets each remark once. */
export class Problems {
  readonly file: string
  readonly #list: Problem[] = []
  readonly #seen = new Set<string>()

  constructor(file: string) {
    this.file = file
  }

  error(code: ErrorCode, place: Place & { readonly file?: string }, remark: Remark): void {
    this.#add('error', code, place, remark)
  }

  warn(code: WarningCode | LintCode | TextCode, place: Place & { readonly file?: string }, remark: Remark): void {
    this.#add('warning', code, place, remark)
  }

  get hasErrors(): boolean {
    return this.#list.some((problem) => problem.severity === 'error')
  }

  /** In document order. A document that is wrong everywhere is not listed to its end. */
  inOrder(): readonly Problem[] {
    return [...this.#list].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, 200)
  }

  #add(severity: Problem['severity'], code: string, place: Place & { readonly file?: string }, remark: Remark): void {
    const key = `${code} ${place.line}:${place.column} ${remark.found}`
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    const { file = this.file, line, column } = place
    this.#list.push({ file, line, column, code, severity, ...remark })
  }
}

/** Three lines: where and what, what was expected, and one correct example. */
export function renderProblem(problem: Problem): string {
  const mark = problem.severity === 'warning' ? 'warning: ' : ''
  return [
    `${problem.file}:${problem.line}:${problem.column}  ${mark}${problem.found}`,
    `  expected     ${problem.expected}`,
    `  for example  ${problem.example.replaceAll('\n', '\n               ')}`,
  ].join('\n')
}

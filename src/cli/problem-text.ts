/** A problem of a document in three lines: where and what, what is expected, one correct example. */
import type { Problem } from '../core/plan/plan.ts'
import { visible } from './terminal/text.ts'

export function problemText({ file, line, column, code, severity, found, expected, example }: Problem): string {
  const shown = example.split('\n').map(visible)
  const [first = '', ...rest] = shown
  return [
    `${visible(file)}:${line}:${column}  ${severity === 'warning' ? 'warning: ' : ''}${visible(found)}  [${code}]`,
    `  expected     ${visible(expected)}`,
    `  for example  ${first}`,
    ...rest.map((each) => `               ${each}`),
  ].join('\n')
}

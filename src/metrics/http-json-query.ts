/** What is asked of an address that answers in JSON, as authors write it: `/stats{since="$from",{{arm}}} body.errors`. */
import { checkValue } from '../core/plan/expression.ts'
import { asksFrom, countOfAnother } from './from-values.ts'

export interface JsonQuery {
  /** Behind the address of the source; may be empty. */
  readonly path: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** CEL over `body`. */
  readonly expression: string
}

export const queryExample = '/stats{since="$from",until="$to",{{arm}}} body.errors'

const parameter = /\s*([A-Za-z_][\w.-]*)\s*(=~|!=|!~|=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,|(?=\}))/y

export function readQuery(text: string): JsonQuery | { readonly why: string } {
  const trimmed = text.trim()
  const path = /^\/[^\s{]*/.exec(trimmed)?.[0] ?? ''
  const parameters: (readonly [string, string])[] = []
  let at = path.length
  if (trimmed[at] === '{') {
    at += 1
    for (;;) {
      const close = /\s*\}/y
      close.lastIndex = at
      if (close.test(trimmed)) {
        at = close.lastIndex
        break
      }
      parameter.lastIndex = at
      const [, name, operator, value] = parameter.exec(trimmed) ?? []
      if (name === undefined || value === undefined)
        return { why: `"${trimmed.slice(at, at + 40)}" is no parameter, expected name="value"` }
      if (operator !== '=') return { why: `a parameter is given with =, not ${operator}` }
      parameters.push([name, unescaped(value)])
      at = parameter.lastIndex
    }
  }
  const expression = trimmed.slice(at).trim()
  if (expression === '') return { why: 'it does not say which number of the answer, such as body.errors' }
  const checked = checkValue(expression, { body: 'dyn' })
  if ('found' in checked) return { why: `${checked.found}, expected ${checked.expected}` }
  return { path, parameters, expression }
}

/** Of an unrendered query for the compiler. */
export function checkQuery(
  kind: string,
  _name: string,
  text: string,
): { readonly expected: string; readonly example: string } | null {
  const read = readQuery(text.replace(/\{\{\s*arm\s*\}\}/g, 'arm="x"').replace(/\{\{[^{}]*\}\}/g, 'x'))
  const isCount = kind !== 'value' && kind !== 'gauge'
  const isLate = kind === 'value' && text.includes('$from')
  const example = kind === 'value' ? '/stats{since="$to-5m"} body.errors' : queryExample
  if ('why' in read) return { expected: `a path, its parameters and a value of the JSON: ${read.why}`, example }
  if (isCount && !asksFrom(text) && text.includes('$to')) return { expected: countOfAnother, example }
  return isLate ? { expected: 'a number now, which is of no interval: $to-5m where $from stands', example } : null
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_whole, sign: string) => (sign === 'n' ? '\n' : sign === 't' ? '\t' : sign))
}

/** A query of a database as a metric: `$from`, `$to` and `$label_NAME` in it become parameters, never text. */
import type { MetricQuestion } from '../core/ports/metrics.ts'
import type { Instant } from '../core/units.ts'
import { asksFrom, countOfAnother } from './from-values.ts'
import { timeWordsIn, withTimes } from './time-words.ts'

const example =
  'select count(*) from orders where created_at >= $from and created_at < $to and version = $label_version'
const labelWord = /\$label_([A-Za-z_]\w*)/g

/** With `{{ name }}` where its values are bound. */
export interface BoundQuery {
  readonly statement: string
  readonly values: Readonly<Record<string, string>>
}

export function bound(
  text: string,
  { from, to }: { readonly from: Instant | null; readonly to: Instant },
  labels: MetricQuestion['labels'],
): BoundQuery | { readonly why: string } {
  // What a value of a release was put into with a backslash would end a text of the query.
  if (/[\\`]/.test(text)) return { why: 'a query may hold no backslash and no backtick' }
  const names = new Map<string, string>()
  const values: Record<string, string> = {}
  // The longest first, as `$to` begins `$to-1h`.
  for (const word of timeWordsIn(text).toSorted((a, b) => b.length - a.length)) {
    names.set(word, `time_${names.size}`)
    values[`time_${names.size - 1}`] = withTimes(word, from, to)
  }
  const timed = [...names].reduce((said, [word, name]) => said.replaceAll(word, `{{ ${name} }}`), text)
  const missing: string[] = []
  const statement = timed.replace(labelWord, (_whole, name: string) => {
    const value = Object.hasOwn(labels, name) ? labels[name] : undefined
    if (value === undefined) missing.push(name)
    else values[`label_${name}`] = value
    return `{{ label_${name} }}`
  })
  return missing.length === 0 ? { statement, values } : { why: `$label_${missing[0]} is no label of what is compared` }
}

/** Of an unrendered query for the compiler. */
export function checkQuery(
  kind: string,
  _name: string,
  text: string,
): { readonly expected: string; readonly example: string } | null {
  const isCount = kind !== 'value' && kind !== 'gauge'
  const now = 'select count(*) from orders where created_at >= $to-5m'
  const wrong = [
    [
      /\{\{/.test(text),
      'no {{ name }}: labels of what is compared are $label_NAME, and a value of the release is for a sql check',
      example,
    ],
    [/[\\`]/.test(text), 'no backslash and no backtick', example],
    [!/^\s*(?:select|with|values|table|show)\b/i.test(text), 'a query that only reads, such as select …', example],
    [kind === 'value' && asksFrom(text), 'a number now, which is of no interval: $to-5m where $from stands', now],
    [isCount && !asksFrom(text) && text.includes('$to'), countOfAnother, example],
  ] as const
  const found = wrong.find(([isWrong]) => isWrong)
  return found === undefined ? null : { expected: found[1], example: found[2] }
}

/** Whether what importing says of an item holds a rule that was read out of it by people, with all its parameters. */
import type { Json } from '../../src/core/units.ts'
import type { ImportedItem } from '../../src/import/import.ts'

export interface WrittenRule {
  readonly id: string
  readonly item: string
  readonly subject: string
  readonly operator: string
  readonly threshold: string
  readonly window: string
  readonly severity: string
  readonly consequence: string
}

/** The table of rules of the catalogue. */
export function rulesOf(markdown: string): readonly WrittenRule[] {
  return [...markdown.matchAll(/^\| (R\d{3}) \|(.*)\|$/gm)].flatMap((match) => {
    const [item, subject, operator, threshold, window, , severity, consequence] = (match[2] ?? '')
      .split(/ \|/)
      .map((cell) => cell.trim())
    if (consequence === undefined) return []
    return [
      {
        id: match[1] ?? '',
        item: item ?? '',
        subject: subject ?? '',
        operator: operator ?? '',
        threshold: threshold ?? '',
        window: window ?? '',
        severity: severity ?? '',
        consequence,
      },
    ]
  })
}

interface Said {
  readonly operator: string
  readonly value: Json
  readonly unit: string
  readonly statistic: string | null
  readonly severity: string | null
  readonly reference: string | null
}

const same: Readonly<Record<string, readonly string[]>> = {
  '=': ['eq', 'every', 'choose'],
  '<': ['lt'],
  '<=': ['le'],
  '>': ['gt'],
  '>=': ['ge', 'for'],
  between: ['between'],
  every: ['every'],
  'not in': ['not-in'],
  in: ['in'],
  within: ['open', 'reference'],
  matches: ['matches'],
  if: ['if'],
  record: ['record'],
  choose: ['choose'],
  ordering: ['before', 'order'],
  after: ['before', 'after'],
  increasing: ['trend'],
  acceptable: ['open'],
  high: ['open'],
  about: ['reference', 'eq'],
  'no drop': ['reference'],
  'no spike': ['reference'],
}

const unitNames: Readonly<Record<string, string>> = {
  '%': '%',
  h: 'h',
  hour: 'h',
  hours: 'h',
  min: 'min',
  s: 's',
  ms: 'ms',
  d: 'd',
  day: 'd',
  days: 'd',
  quarter: 'quarter',
  MB: 'MB',
}

/** null = recognised; else what is missing. */
export function missingOf(rule: WrittenRule, item: ImportedItem | undefined, line: number): string | null {
  if (!item) return 'no item'
  const { params } = item
  const said = allSaid(params, line)
  const operators = same[rule.operator] ?? []
  const wanted = numbersIn(rule.threshold)
  if (wanted.length > 0) {
    for (const { value, upTo, unit } of wanted) {
      const fits = said.filter((each) => isNumber(each, value, upTo, unit))
      if (fits.length === 0) return `no ${rule.operator} ${value}${unit}`
      const compared = fits.filter((each) => isOperator(each, operators, value))
      if (compared.length === 0) return `operator ${fits[0]?.operator} for ${rule.operator} ${value}`
      const percentile = /\bp\d\d\b/.exec(rule.subject)?.[0]
      if (percentile !== undefined && !compared.some(({ statistic }) => statistic === percentile))
        return `no ${percentile}`
      if (/vs baseline/.test(rule.subject) && !compared.some(({ reference }) => reference === 'baseline'))
        return 'no baseline'
      if (
        /^P\d$/.test(rule.severity) &&
        !compared.some(({ severity }) => severity === rule.severity) &&
        params['severity'] !== rule.severity &&
        !/\bP\d issues/.test(rule.subject)
      )
        return `no ${rule.severity}`
    }
  } else if (!said.some((each) => isWord(each, rule))) return `no ${rule.operator} ${rule.threshold}`
  if (rule.severity === 'warning' && !said.some(({ severity }) => severity === 'warning')) return 'no warning'
  if (rule.consequence === 'PROCEED' && params['consequence'] !== 'proceed') return 'no PROCEED'
  if (rule.consequence === 'ROLLBACK' && params['consequence'] !== 'rollback') return 'no ROLLBACK'
  if (rule.consequence === 'immediate rollback' && params['action'] !== 'rollback') return 'not immediate'
  if (rule.consequence.startsWith('considered') && params['action'] !== 'ask') return 'not considered'
  const stage = /^(?:end of )?stage ([123])\b/.exec(rule.window)?.[1]
  if (stage !== undefined && params['stage'] !== Number(stage)) return `not stage ${stage}`
  const span = /^(?:(?:rolling )?last|first)\s+(\d+)|^(\d+)-(\d+) min$/.exec(rule.window)
  if (span) {
    const shown = `${JSON.stringify(params['window'] ?? '')}${JSON.stringify(params['span'] ?? '')}`
    if (![span[1], span[2], span[3]].every((each) => each === undefined || shown.includes(each)))
      return `no window ${rule.window}`
  }
  return null
}

function allSaid(params: ImportedItem['params'], line: number): readonly Said[] {
  const found: Said[] = []
  const add = (operator: string, value: Json, unit: Json = '', more: Partial<Said> = {}): void => {
    found.push({
      operator,
      value,
      unit: typeof unit === 'string' ? unit : '',
      statistic: null,
      severity: null,
      reference: null,
      ...more,
    })
  }
  const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null)
  for (const each of listOf(params['demands'])) {
    add(text(each['operator']) ?? '', each['value'] ?? null, each['unit'] ?? '', {
      statistic: text(each['statistic']),
      severity: text(each['severity']),
      reference: text(each['reference']),
    })
  }
  const operator = text(params['operator'])
  if (operator !== null) add(operator, params['value'] ?? null, params['unit'] ?? '')
  if (params['exit'] !== undefined) add('eq', params['exit'])
  if (params['status'] !== undefined) add('eq', params['status'])
  if (params['count'] !== undefined) for (const each of ['ge', 'eq']) add(each, params['count'])
  if (params['weight'] !== undefined) add('eq', params['weight'], '%')
  if (params['guard'] !== undefined) add('if', 'true')
  if (params['condition'] !== undefined) add('if', 'true')
  if (params['lines'] !== undefined) add('eq', params['lines'])
  for (const name of ['for', 'every', 'eta', 'watch', 'soak']) {
    const value = mapOf(params[name])
    if (value) for (const each of ['eq', 'ge', 'every']) add(each, value['value'] ?? null, value['unit'] ?? '')
  }
  for (const each of listOf(params['stages'])) {
    if (each['line'] !== line) continue
    add('eq', each['weight'] ?? null, '%')
    const soak = mapOf(each['soak'])
    if (soak) add('eq', soak['value'] ?? null, soak['unit'] ?? '')
  }
  if (text(params['risk']) === 'reads' && params['commands'] !== undefined) add('eq', 'success')
  if (params['forbidden'] !== undefined) add('eq', 0)
  return found
}

function listOf(value: Json | undefined): readonly Record<string, Json>[] {
  return Array.isArray(value) ? (value.filter((each) => mapOf(each) !== null) as Record<string, Json>[]) : []
}

function mapOf(value: Json | undefined): Record<string, Json> | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, Json>) : null
}

function numbersIn(threshold: string): readonly { value: number; upTo: number | null; unit: string }[] {
  const plain = threshold.replace(/\([^)]*\)/g, '').replace(/\b\d:\d\b/g, '')
  return [
    ...plain.matchAll(
      /(?<![\w.])(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?\s?(%|hours?|h|min|ms|s|days?|d|quarter|MB)?(?![\w])/g,
    ),
  ].map((match) => ({
    value: Number(match[1]),
    upTo: match[2] === undefined ? null : Number(match[2]),
    unit: unitNames[match[3] ?? ''] ?? '',
  }))
}

const inSeconds: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
  week: 604_800,
  quarter: 7_948_800,
}

function isNumber(said: Said, value: number, upTo: number | null, unit: string): boolean {
  if (upTo !== null) {
    const [from, to] = Array.isArray(said.value) ? said.value : []
    return from === value && to === upTo && (unit === '' || said.unit === unit)
  }
  // A command that ends well has ended with 0.
  if (value === 0 && unit === '' && said.value === 'success') return true
  if (typeof said.value !== 'number') return false
  const factors = [inSeconds[said.unit], inSeconds[unit]]
  if (factors[0] !== undefined && factors[1] !== undefined)
    return Math.abs(said.value * factors[0] - value * factors[1]) < 1e-6
  return said.value === value && (unit === '' || said.unit === unit)
}

function isOperator(said: Said, operators: readonly string[], value: number): boolean {
  if (operators.includes(said.operator)) return true
  const isTime = inSeconds[said.unit] !== undefined
  // "Monitor for two hours" is a least time; nothing at all may be there is no more than none.
  return (
    (isTime && said.operator === 'eq' && operators.includes('ge')) ||
    (value === 0 && said.operator === 'eq' && operators.includes('le')) ||
    (said.operator === 'eq' && operators.includes('between'))
  )
}

function isWord(said: Said, { operator, threshold }: WrittenRule): boolean {
  const words = threshold.toLowerCase()
  const isHolding = ['true', 'success', 'all', 'yes', 'refused', 0, 'always'].includes(said.value as string)
  if (words.startsWith('false')) return said.value === 'false' || said.value === 'true' || said.value === 0
  if (words.startsWith('reference')) return said.value === 'reference' || said.operator === 'reference'
  if (/unset|sla|target|expected range|acceptable/.test(words))
    return said.value === null || said.value === 'reference' || (/current/.test(words) && isHolding)
  if (operator === '=' || operator === '>' || operator === '>=')
    return isHolding || said.operator === 'order' || said.operator === 'record' || said.operator === 'matches'
  return (same[operator] ?? []).includes(said.operator)
}

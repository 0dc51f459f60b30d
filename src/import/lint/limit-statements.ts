/** Limits as people write them: "error rate < 1 %", "p95 above 2s", "backup not older than 24 hours". */
import type { TextDocument, TextLine } from './text-document.ts'

export interface LimitStatement {
  /** What is measured, as far as two sentences can be compared: `error rate`, `api latency p95`, `backup age`. */
  readonly metric: string
  readonly side: 'below' | 'above'
  /** In the unit of `unit`. */
  readonly value: number
  readonly unit: string
  /** As it is written: "> 2%". */
  readonly shown: string
  /** What follows when it holds: it may go on, it turns back, somebody is called. */
  readonly meaning: 'go' | 'rollback' | 'alert'
  readonly line: number
  readonly path: readonly string[]
  readonly text: string
}

const metrics: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['error rate', /\berror[ -]?(?:rates?|ratio)|\b5xx(?:[ -]?rate)?\b|\berrors?\s*(?=[<>≤≥])/i],
  ['latency', /\blatency|\bresponse times?\b/i],
  ['cpu', /\bcpu\b/i],
  ['memory', /\bmemory\b/i],
  ['disk', /\bdisk\b/i],
  ['connection pool', /\bconnection pool|\bdatabase connections\b|\bpool\b/i],
  ['availability', /\bavailability|\buptime\b/i],
  ['success rate', /\bsuccess rate\b/i],
  ['coverage', /\bcoverage\b/i],
  ['retention', /\bretention\b/i],
  ['backup age', /\bbackups?\b(?!.*\b(?:restor|retention|drill))/i],
]

const below = '<=?|≤|under|below|less than|at most|up to|within(?: the)?(?: last)?|(?:in|over) the last'
const above = '>=?|≥|above|over|more than|exceed(?:s|ed|ing)?|at least'
const number = new RegExp(
  `(?:\\b(p\\d{2}(?:\\.\\d)?)\\s*)?(?:(${below})|(${above}))\\s*~?(\\d+(?:\\.\\d+)?)\\s*(%|ms\\b|s\\b|sec(?:onds?)?\\b|min(?:utes?)?\\b|hours?\\b|h\\b|days?\\b|[MG]i?B\\b)?`,
  'gi',
)
const range = /(?<![\d.-])(\d+(?:\.\d+)?)\s*[-–]\s*(\d+(?:\.\d+)?)\s*(%)/g

const units: Readonly<Record<string, readonly [unit: string, times: number]>> = {
  ms: ['s', 0.001],
  s: ['s', 1],
  sec: ['s', 1],
  second: ['s', 1],
  min: ['s', 60],
  minute: ['s', 60],
  h: ['s', 3600],
  hour: ['s', 3600],
  day: ['s', 86_400],
}

export function limitStatements({ prose, lines }: TextDocument): readonly LimitStatement[] {
  let header: readonly string[] | null = null
  return prose.flatMap((line) => {
    const isRow = line.text.trimStart().startsWith('|')
    if (isRow && /^\s*\|?[\s:|-]+$/.test(lines[line.line] ?? '')) header = line.text.split('|')
    if (!isRow) header = null
    return statementsOf(line, header)
  })
}

/** `header` = the cells above, when the line is a row of a table. */
function statementsOf({ text, line, path }: TextLine, header: readonly string[] | null): readonly LimitStatement[] {
  const found: LimitStatement[] = []
  const add = (
    at: number,
    number: Pick<LimitStatement, 'side' | 'shown'>,
    value: string,
    unit: string,
    quantile = '',
  ) => {
    const metric = metricAt(text, at, quantile === '' ? undefined : quantile)
    if (metric === null) return
    const [name, times] = unitOf(unit)
    const meaning =
      (header && meaningOfColumn(header[text.slice(0, at).split('|').length - 1])) ?? meaningOf(text, at, path)
    found.push({ ...number, metric, value: Number(value) * times, unit: name, meaning, line, path, text })
  }
  for (const match of text.matchAll(number)) {
    const [said, quantile, under, , value = '', unit = ''] = match
    add(match.index, { side: under === undefined ? 'above' : 'below', shown: said.trim() }, value, unit, quantile)
  }
  for (const match of text.matchAll(range)) {
    const [said, from = '', , unit = ''] = match
    if (meaningOf(text, match.index, path) === 'rollback') add(match.index, { side: 'above', shown: said }, from, unit)
  }
  return found
}

function unitOf(written: string): readonly [unit: string, times: number] {
  const singular = written.toLowerCase().replace(/(?<=\w{2})s$/, '')
  return units[singular] ?? [written, 1]
}

function meaningOfColumn(title: string | undefined): LimitStatement['meaning'] | null {
  if (title === undefined) return null
  if (/roll[ -]?back|abort|no[ -]?go|\bstop\b/i.test(title)) return 'rollback'
  if (/alert|warn|page|critical/i.test(title)) return 'alert'
  return /\bgo\b|target|expect|proceed|promote|continue|limit|threshold|accept/i.test(title) ? 'go' : null
}

/** The metric named last before the number; one that is named only behind it counts as well ("> 50% latency increase"). */
function metricAt(text: string, at: number, quantile: string | undefined): string | null {
  const before = lastMetric(text.slice(0, at))
  const metric = before ?? lastMetric(text.slice(at))
  if (metric === null) return null
  const isRelative = isAboutChange(text, at)
  const near = quantile ?? /\bp(?:50|9\d(?:\.\d)?)\b/i.exec(text)?.[0]
  const owner = /\b(\w+)\s+(?:\w+\s+)?(?:latency|response time|success rate|coverage|availability)/i
    .exec(text)?.[1]
    ?.toLowerCase()
  const isLatency = metric === 'latency'
  const hasOwner = isLatency || ['success rate', 'coverage', 'availability'].includes(metric)
  const whose = hasOwner && owner !== undefined && !/^(?:the|average|mean|no|and|p\d+)$/.test(owner) ? `${owner} ` : ''
  return `${whose}${metric}${isLatency && near ? ` ${near.toLowerCase()}` : ''}${isRelative ? ' increase' : ''}`
}

/** Is it the number of an increase? In a list of limits only the words around this one count. */
function isAboutChange(text: string, at: number): boolean {
  const from = Math.max(text.lastIndexOf(',', at), text.lastIndexOf(';', at), at - 20, 0)
  const around = text.slice(from, at + 30).split(/[,;](?=\s)/)
  const own = around[0]?.trim() === '' || around[0] === ',' ? around[1] : around[0]
  return /\b(?:increase|growth|drop|degradation|regression|spike)/i.test((own ?? '').replace(/^[,;]/, ''))
}

function lastMetric(text: string): string | null {
  let [found, at]: [string | null, number] = [null, -1]
  for (const [name, pattern] of metrics) {
    const index = text.search(pattern)
    if (index > at) [found, at] = [name, index]
  }
  return found
}

function meaningOf(text: string, at: number, path: readonly string[]): LimitStatement['meaning'] {
  if (/\b(?:trigger|alert|page|notif|warn)\w*\b|→\s*P\d/i.test(text.slice(at))) return 'alert'
  const isBack = /roll[ -]?back|\babort\b|no[ -]go\b|\brevert\b/i
  if (/go\/no[ -]go/i.test(text)) return 'go'
  return isBack.test(text) || path.some((title) => isBack.test(title)) ? 'rollback' : 'go'
}

/** The functions a condition may call: a closed set, each with its types. There is no `matches`: its engine can be made to hang. */
import type { Json } from '../units.ts'
import { parsePattern } from './pattern.ts'

export interface ExpressionFunction {
  /** CEL type names of the parameters (the receiver first) and of the result. */
  readonly takes: readonly (readonly string[])[]
  readonly gives: string
  /** undefined = no answer for these values. */
  apply(values: readonly Json[]): Json | undefined
}
export type Functions = Readonly<Record<string, ExpressionFunction>>

function onTexts(gives: string, apply: (text: string, other: string) => Json | undefined): ExpressionFunction {
  return {
    takes: [['string'], ['string']],
    gives,
    apply: ([text, other, ...rest]) =>
      typeof text === 'string' && typeof other === 'string' && rest.length === 0 ? apply(text, other) : undefined,
  }
}

function onText(gives: string, apply: (text: string) => Json | undefined): ExpressionFunction {
  return {
    takes: [['string']],
    gives,
    apply: ([text, ...rest]) => (typeof text === 'string' && rest.length === 0 ? apply(text) : undefined),
  }
}

function onNumber(apply: (value: number) => number): ExpressionFunction {
  return {
    takes: [['number']],
    gives: 'number',
    apply: ([value, ...rest]) => (typeof value === 'number' && rest.length === 0 ? apply(value) : undefined),
  }
}

/** The number a text is, white space aside; anything else in it is no answer. */
function toNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || !/^\s*[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?\s*$/i.test(value)) return undefined
  return Number(value)
}

export const functions: Functions = {
  size: {
    takes: [['string', 'list', 'map']],
    gives: 'number',
    apply: ([value]) => {
      if (typeof value === 'string') return Array.from(value).length
      if (Array.isArray(value)) return value.length
      return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined
    },
  },
  contains: onTexts('bool', (text, part) => text.includes(part)),
  startsWith: onTexts('bool', (text, part) => text.startsWith(part)),
  endsWith: onTexts('bool', (text, part) => text.endsWith(part)),
  re: onTexts('bool', (text, source) => {
    const pattern = parsePattern(source)
    return pattern.ok ? pattern.value.find(text) : undefined
  }),
  split: onTexts('list', (text, separator) => (separator === '' ? undefined : text.split(separator).slice(0, 1001))),
  trim: onText('string', (text) => text.trim()),
  lowerAscii: onText('string', (text) => text.toLowerCase()),
  upperAscii: onText('string', (text) => text.toUpperCase()),
  abs: onNumber(Math.abs),
  double: { takes: [['number', 'string']], gives: 'number', apply: ([value]) => toNumber(value) },
  int: {
    takes: [['number', 'string']],
    gives: 'number',
    apply: ([value]) => {
      const number = toNumber(value)
      return number === undefined || !Number.isFinite(number) ? undefined : Math.trunc(number)
    },
  },
  string: {
    takes: [['number', 'string', 'bool']],
    gives: 'string',
    apply: ([value]) => (typeof value === 'object' ? undefined : String(value)),
  },
}

/** Loops over a list: the result type, null = that of the list. */
export const macros: Readonly<Record<string, string>> = {
  all: 'bool',
  exists: 'bool',
  exists_one: 'bool',
  filter: 'list',
  map: 'list',
}

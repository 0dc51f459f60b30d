/** The value of a parsed expression. Strict: every operand is evaluated, so `false && missing` is doubt, never false. */
import type { ASTNode } from '@marcbachmann/cel-js'
import type { Json } from '../units.ts'
import { functions, macros, type Functions } from './expression-functions.ts'

/** Why an expression has no answer. */
export class Doubt extends Error {
  override name = 'Doubt'
}

interface Scope {
  readonly values: Readonly<Record<string, Json>>
  /** How many loops this evaluation stands in. */
  readonly loops: number
}

/** Longer lists would make nested loops slow; a check that has so many values should count them at the source. */
const longestList = 1000

/** Throws `Doubt` where a name is missing, a value is null or not finite, or an operation does not apply. */
export function expressionValue(node: ASTNode, values: Readonly<Record<string, Json>>): Json {
  return valueOf(node, { values, loops: 0 })
}

function valueOf(node: ASTNode, scope: Scope): Json {
  const value = evaluate(node, scope)
  if (value === null) throw new Doubt(`${textOf(node)} is null`)
  if (value === undefined) throw new Doubt(`${textOf(node)} is missing`)
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Doubt(`${textOf(node)} is not a finite number`)
  return value
}

function evaluate(node: ASTNode, scope: Scope): Json | undefined {
  switch (node.op) {
    case 'value':
      return literal(node.args, node)
    case 'id':
      return Object.hasOwn(scope.values, node.args) ? scope.values[node.args] : undefined
    case '.':
      return member(valueOf(node.args[0], scope), node.args[1])
    case '[]':
      return element(valueOf(node.args[0], scope), valueOf(node.args[1], scope))
    case 'list':
      return node.args.map((item) => valueOf(item, scope))
    case 'map':
      return Object.fromEntries(node.args.map(([key, item]) => [text(key, scope), valueOf(item, scope)]))
    case '!_':
      return !truth(node.args, scope)
    case '-_':
      return -number(node.args, scope)
    case '&&':
    case '||':
      return both(node.op, truth(node.args[0], scope), truth(node.args[1], scope))
    case '?:':
      return choose(truth(node.args[0], scope), valueOf(node.args[1], scope), valueOf(node.args[2], scope))
    case '==':
      return equal(valueOf(node.args[0], scope), valueOf(node.args[1], scope), node)
    case '!=':
      return !equal(valueOf(node.args[0], scope), valueOf(node.args[1], scope), node)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(node.op, valueOf(node.args[0], scope), valueOf(node.args[1], scope), node)
    case '+':
      return add(valueOf(node.args[0], scope), valueOf(node.args[1], scope), node)
    case '-':
      return number(node.args[0], scope) - number(node.args[1], scope)
    case '*':
      return number(node.args[0], scope) * number(node.args[1], scope)
    case '/':
      // Exact even for whole numbers: 5 errors of 100 are 0.05, and never 0.
      return number(node.args[0], scope) / number(node.args[1], scope)
    case '%':
      return number(node.args[0], scope) % number(node.args[1], scope)
    case 'in':
      return contains(valueOf(node.args[1], scope), valueOf(node.args[0], scope), node)
    case 'call':
      return node.args[0] === 'has'
        ? has(node.args[1], scope)
        : call(functions, node.args[0], node.args[1], scope, node)
    case 'rcall':
      return method(node, scope)
    case '.?':
    case '[?]':
      throw new Doubt(`${textOf(node)} uses optional values, which a condition has not`)
  }
}

function literal(value: unknown, node: ASTNode): Json {
  if (
    typeof value === 'bigint' ||
    (typeof value === 'object' && value !== null && typeof value.valueOf() === 'bigint')
  ) {
    const whole = Number(value)
    if (!Number.isSafeInteger(whole)) throw new Doubt(`${textOf(node)} is too large`)
    return whole
  }
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  throw new Doubt(`${textOf(node)} is no value that a condition knows`)
}

function member(of: Json, name: string): Json | undefined {
  if (typeof of !== 'object' || of === null || Array.isArray(of) || !Object.hasOwn(of, name)) return undefined
  return (of as { readonly [key: string]: Json })[name]
}

function element(of: Json, at: Json): Json | undefined {
  if (Array.isArray(of))
    return typeof at === 'number' && Number.isInteger(at) ? (of[at] as Json | undefined) : undefined
  return typeof at === 'string' ? member(of, at) : undefined
}

function truth(node: ASTNode, scope: Scope): boolean {
  const value = valueOf(node, scope)
  if (typeof value !== 'boolean') throw new Doubt(`${textOf(node)} is neither true nor false`)
  return value
}

function number(node: ASTNode, scope: Scope): number {
  const value = valueOf(node, scope)
  if (typeof value !== 'number') throw new Doubt(`${textOf(node)} is not a number`)
  return value
}

function text(node: ASTNode, scope: Scope): string {
  const value = valueOf(node, scope)
  if (typeof value !== 'string') throw new Doubt(`${textOf(node)} is not a text`)
  return value
}

function both(operator: '&&' | '||', left: boolean, right: boolean): boolean {
  return operator === '&&' ? left && right : left || right
}

function choose(condition: boolean, yes: Json, no: Json): Json {
  return condition ? yes : no
}

/** Values of different types are not simply unequal: `value != "5"` would pass for every number. */
function equal(left: Json, right: Json, node: ASTNode): boolean {
  if (kindOf(left) !== kindOf(right))
    throw new Doubt(`${textOf(node)} compares a ${kindOf(left)} with a ${kindOf(right)}`)
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right
  const leftKeys = Object.keys(left)
  if (leftKeys.length !== Object.keys(right).length) return false
  return leftKeys.every((key) => {
    const [a, b] = [
      element(left, Array.isArray(left) ? Number(key) : key),
      element(right, Array.isArray(right) ? Number(key) : key),
    ]
    return a !== undefined && b !== undefined && equal(a, b, node)
  })
}

function compare(operator: '<' | '<=' | '>' | '>=', left: Json, right: Json, node: ASTNode): boolean {
  const comparable = kindOf(left) === kindOf(right) && (typeof left === 'number' || typeof left === 'string')
  if (!comparable) throw new Doubt(`${textOf(node)} compares a ${kindOf(left)} with a ${kindOf(right)}`)
  const [a, b] = [left as number, right as number]
  if (operator === '<') return a < b
  if (operator === '<=') return a <= b
  return operator === '>' ? a > b : a >= b
}

function add(left: Json, right: Json, node: ASTNode): Json {
  if (typeof left === 'number' && typeof right === 'number') return left + right
  if (typeof left === 'string' && typeof right === 'string') return left + right
  if (Array.isArray(left) && Array.isArray(right)) return [...(left as Json[]), ...(right as Json[])]
  throw new Doubt(`${textOf(node)} adds a ${kindOf(left)} and a ${kindOf(right)}`)
}

function contains(of: Json, wanted: Json, node: ASTNode): boolean {
  // Every element is compared, so that an odd one anywhere is doubt rather than luck of the order.
  if (Array.isArray(of)) return (of as Json[]).map((item) => equal(item, wanted, node)).includes(true)
  if (kindOf(of) === 'map' && typeof wanted === 'string') return Object.hasOwn(of as object, wanted)
  throw new Doubt(`${textOf(node)} looks into a ${kindOf(of)}`)
}

/** Asks only whether a member is there; what it hangs on must be. */
function has(parameters: readonly ASTNode[], scope: Scope): boolean {
  const asked = parameters[0]
  if (asked?.op !== '.') throw new Doubt('has() takes one member, such as has(body.id)')
  return member(valueOf(asked.args[0], scope), asked.args[1]) !== undefined
}

function call(table: Functions, name: string, parameters: readonly ASTNode[], scope: Scope, node: ASTNode): Json {
  const known = Object.hasOwn(table, name) ? table[name] : undefined
  if (!known) throw new Doubt(`${name}() is no function of conditions`)
  const answer = known.apply(parameters.map((parameter) => valueOf(parameter, scope)))
  if (answer === undefined) throw new Doubt(`${textOf(node)} has no answer for these values`)
  return answer
}

function method(node: Extract<ASTNode, { op: 'rcall' }>, scope: Scope): Json {
  const [name, receiver, parameters] = node.args
  if (Object.hasOwn(macros, name)) return loop(name, receiver, parameters, scope)
  return call(functions, name, [receiver, ...parameters], scope, node)
}

function loop(name: string, receiver: ASTNode, parameters: readonly ASTNode[], scope: Scope): Json {
  const [variable, body] = parameters
  const list = valueOf(receiver, scope)
  if (variable?.op !== 'id' || !body)
    throw new Doubt(`${name}() takes a name and an expression, such as rows.all(row, row.n > 0)`)
  if (!Array.isArray(list)) throw new Doubt(`${textOf(receiver)} is not a list`)
  if (list.length > longestList) throw new Doubt(`${textOf(receiver)} has more than ${longestList} elements`)
  if (scope.loops >= 2) throw new Doubt('a third loop inside a loop is not run')
  const items = list as Json[]
  const inside = (item: Json): Scope => ({ values: { ...scope.values, [variable.args]: item }, loops: scope.loops + 1 })
  if (name === 'map') return items.map((item) => valueOf(body, inside(item)))
  const answers = items.map((item) => truth(body, inside(item)))
  if (name === 'filter') return items.filter((_, index) => answers[index])
  if (name === 'exists') return answers.includes(true)
  if (name === 'all') return !answers.includes(false)
  return answers.filter(Boolean).length === 1
}

function kindOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  return typeof value === 'object' ? 'map' : typeof value
}

function textOf(node: ASTNode): string {
  const text = node.input.slice(node.range.start, node.range.end)
  return `"${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`
}

/** The type of a parsed expression, found without evaluating it: unknown names and senseless operations are compile errors. */
import type { ASTNode } from '@marcbachmann/cel-js'
import { functions, macros } from './expression-functions.ts'
import { parsePattern } from './pattern.ts'
import { nearest } from './nearest.ts'

export type Type = 'bool' | 'number' | 'string' | 'list' | 'map' | 'dyn'

export class TypeFault extends Error {
  override name = 'TypeFault'
  readonly found: string
  readonly expected: string
  readonly offset: number
  constructor(found: string, expected: string, offset: number) {
    super(`${found}, expected ${expected}`)
    this.found = found
    this.expected = expected
    this.offset = offset
  }
}

interface Names {
  readonly types: Readonly<Record<string, string>>
  /** How many loops this node stands in: three nested loops over long lists are slow. */
  readonly loops: number
}

/** Throws `TypeFault` with the place and the reason. */
export function typeOf(node: ASTNode, types: Readonly<Record<string, string>>): Type {
  return find(node, { types, loops: 0 })
}

function find(node: ASTNode, names: Names): Type {
  switch (node.op) {
    case 'value':
      return literalType(node)
    case 'id':
      return named(node.args, node, names)
    case '.':
      want(node.args[0], ['map'], names)
      return 'dyn'
    case '[]':
      want(node.args[0], ['map', 'list'], names)
      want(node.args[1], ['string', 'number'], names)
      return 'dyn'
    case 'list':
      for (const item of node.args) find(item, names)
      return 'list'
    case 'map':
      for (const [key, item] of node.args) {
        want(key, ['string'], names)
        find(item, names)
      }
      return 'map'
    case '!_':
      return want(node.args, ['bool'], names)
    case '-_':
      return want(node.args, ['number'], names)
    case '&&':
    case '||':
      want(node.args[0], ['bool'], names)
      want(node.args[1], ['bool'], names)
      return 'bool'
    case '?:':
      want(node.args[0], ['bool'], names)
      return same(node.args[1], node.args[2], names)
    case '==':
    case '!=':
      same(node.args[0], node.args[1], names)
      return 'bool'
    case '<':
    case '<=':
    case '>':
    case '>=':
      want(node.args[0], ['number', 'string'], names)
      same(node.args[0], node.args[1], names)
      return 'bool'
    case '+':
      want(node.args[0], ['number', 'string', 'list'], names)
      return same(node.args[0], node.args[1], names)
    case '-':
    case '*':
    case '/':
    case '%':
      want(node.args[0], ['number'], names)
      want(node.args[1], ['number'], names)
      return 'number'
    case 'in':
      find(node.args[0], names)
      want(node.args[1], ['list', 'map'], names)
      return 'bool'
    case 'call':
      return node.args[0] === 'has'
        ? hasType(node.args[1], node, names)
        : callType(node.args[0], node.args[1], node, names)
    case 'rcall':
      return methodType(node, names)
    case '.?':
    case '[?]':
      throw new TypeFault('an optional value', 'a plain member, or has(member)', node.range.start)
  }
}

function literalType(node: Extract<ASTNode, { op: 'value' }>): Type {
  const value: unknown = node.args
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'object' && (value === null || typeof value.valueOf() !== 'bigint'))
    throw new TypeFault(value === null ? 'null' : 'bytes', 'a number, a text, true or false', node.range.start)
  if (Number.isSafeInteger(Number(value))) return 'number'
  throw new TypeFault(
    `the number ${node.input.slice(node.range.start, node.range.end)}`,
    'a whole number below 2^53',
    node.range.start,
  )
}

function named(name: string, node: ASTNode, names: Names): Type {
  const declared = Object.hasOwn(names.types, name) ? names.types[name] : undefined
  if (declared === undefined) {
    const known = Object.keys(names.types)
    throw new TypeFault(`unknown name "${name}"`, nearest(name, known), node.range.start)
  }
  return simple(declared)
}

/** CEL has several numbers; a condition has one. */
function simple(type: string): Type {
  if (type === 'int' || type === 'double' || type === 'uint' || type === 'number') return 'number'
  if (type === 'bool' || type === 'string' || type === 'list' || type === 'map') return type
  return 'dyn'
}

function want(node: ASTNode, accepted: readonly string[], names: Names): Type {
  const type = find(node, names)
  if (type === 'dyn' || accepted.includes(type)) return type
  throw new TypeFault(`a ${type}`, `a ${accepted.join(' or a ')}`, node.range.start)
}

function same(left: ASTNode, right: ASTNode, names: Names): Type {
  const [a, b] = [find(left, names), find(right, names)]
  if (a === 'dyn') return b
  if (b === 'dyn' || a === b) return a
  throw new TypeFault(`a ${a} beside a ${b}`, 'both sides of the same type', right.range.start)
}

function hasType(parameters: readonly ASTNode[], node: ASTNode, names: Names): Type {
  const asked = parameters[0]
  if (asked?.op !== '.' || parameters.length !== 1)
    throw new TypeFault('has() of this', 'one member, such as has(body.id)', node.range.start)
  want(asked.args[0], ['map'], names)
  return 'bool'
}

function callType(name: string, parameters: readonly ASTNode[], node: ASTNode, names: Names): Type {
  if (name === 'matches')
    throw new TypeFault('matches()', 're(), which runs in linear time: text.re("pattern")', node.range.start)
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (!known)
    throw new TypeFault(
      `unknown function "${name}"`,
      nearest(name, [...Object.keys(functions), ...Object.keys(macros), 'has']),
      node.range.start,
    )
  if (parameters.length !== known.takes.length)
    throw new TypeFault(`${parameters.length} values for ${name}()`, `${known.takes.length}`, node.range.start)
  parameters.forEach((parameter, index) => want(parameter, known.takes[index] ?? [], names))
  if (name === 're') checkPattern(parameters[1])
  return simple(known.gives)
}

/** A pattern written in the document is checked now; one made of values is checked when it is used. */
function checkPattern(node: ASTNode | undefined): void {
  if (node?.op !== 'value' || typeof node.args !== 'string') return
  const pattern = parsePattern(node.args)
  if (!pattern.ok) throw new TypeFault(`the pattern "${node.args}"`, pattern.expected, node.range.start)
}

function methodType(node: Extract<ASTNode, { op: 'rcall' }>, names: Names): Type {
  const [name, receiver, parameters] = node.args
  const gives = Object.hasOwn(macros, name) ? macros[name] : undefined
  if (gives === undefined) return callType(name, [receiver, ...parameters], node, names)
  const [variable, body] = parameters
  want(receiver, ['list'], names)
  if (variable?.op !== 'id' || !body || parameters.length !== 2)
    throw new TypeFault(
      `${name}() of this`,
      `a name and an expression, such as rows.${name}(row, row.n > 0)`,
      node.range.start,
    )
  if (names.loops >= 2)
    throw new TypeFault('a third loop inside a loop', 'at most one loop inside another', node.range.start)
  const inner = { types: { ...names.types, [variable.args]: 'dyn' }, loops: names.loops + 1 }
  if (name === 'map') find(body, inner)
  else want(body, ['bool'], inner)
  return simple(gives)
}

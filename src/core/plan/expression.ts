/** CEL for `when` and `expect`, behind one file. A missing, non-finite or erring operand anywhere makes the answer inconclusive. */
import { Environment, type ASTNode } from '@marcbachmann/cel-js'
import type { Json } from '../units.ts'
import { typeOf, TypeFault, type Type } from './expression-types.ts'
import { expressionValue, Doubt } from './expression-values.ts'

export type Answer =
  | { readonly kind: 'value'; readonly value: boolean }
  | { readonly kind: 'inconclusive'; readonly why: string }

/** What is wrong with an expression; `column` counts from 1 within its source. */
export interface ExpressionFault {
  readonly found: string
  readonly expected: string
  readonly column: number
}

const longest = 4000
/** The library only parses; its own evaluator short-circuits, which would hide a missing operand. */
const environment = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: 400, maxDepth: 24, maxListElements: 100, maxMapEntries: 50, maxCallArguments: 8 },
})

export function evaluateCondition(source: string, bindings: Readonly<Record<string, Json>>): Answer {
  const answer = evaluateValue(source, bindings)
  if (answer.kind === 'inconclusive') return answer
  if (typeof answer.value === 'boolean') return { kind: 'value', value: answer.value }
  return {
    kind: 'inconclusive',
    why: `"${source}" gives ${JSON.stringify(answer.value)}, which is neither true nor false`,
  }
}

/** The value of an expression, for `# @capture id = body.id`. The same care as `evaluateCondition`: doubt is inconclusive. */
export function evaluateValue(
  source: string,
  bindings: Readonly<Record<string, Json>>,
): { readonly kind: 'value'; readonly value: Json } | { readonly kind: 'inconclusive'; readonly why: string } {
  const tree = parseExpression(source)
  if (!('ast' in tree)) return { kind: 'inconclusive', why: `"${source}": ${tree.found}, expected ${tree.expected}` }
  try {
    return { kind: 'value', value: expressionValue(tree.ast, bindings) }
  } catch (error) {
    if (error instanceof Doubt) return { kind: 'inconclusive', why: error.message }
    throw error
  }
}

/** null = well-formed, bool, and every name is known; else what is wrong, for a compile error. Types are CEL's: `int`, `string`, `dyn`, ... */
export function checkCondition(source: string, names: Readonly<Record<string, string>>): ExpressionFault | null {
  const checked = checkValue(source, names)
  if ('found' in checked) return checked
  if (checked.type === 'bool' || checked.type === 'dyn') return null
  return { found: `an expression that gives a ${checked.type}`, expected: 'a condition, true or false', column: 1 }
}

/** Like `checkCondition`, for an expression of any type. */
export function checkValue(
  source: string,
  names: Readonly<Record<string, string>>,
): { readonly type: Type } | ExpressionFault {
  const tree = parseExpression(source)
  if (!('ast' in tree)) return tree
  try {
    return { type: typeOf(tree.ast, names) }
  } catch (error) {
    if (error instanceof TypeFault) return { found: error.found, expected: error.expected, column: error.offset + 1 }
    throw error
  }
}

/** Dotted paths an expression reads, such as `steps.restore_test.outcome`, each once. Empty for what does not parse. */
export function pathsOf(source: string): readonly string[] {
  const tree = parseExpression(source)
  const paths = new Set<string>()
  if ('ast' in tree) collectPaths(tree.ast, paths)
  return [...paths]
}

const parsedBefore = new Map<string, { readonly ast: ASTNode } | ExpressionFault>()

function parseExpression(source: string): { readonly ast: ASTNode } | ExpressionFault {
  const known = parsedBefore.get(source)
  if (known) return known
  const tree = parse(source)
  if (parsedBefore.size >= 1000) parsedBefore.clear()
  parsedBefore.set(source, tree)
  return tree
}

function parse(source: string): { readonly ast: ASTNode } | ExpressionFault {
  if (source.trim() === '')
    return { found: 'nothing', expected: 'a condition such as environment == "production"', column: 1 }
  if (source.length > longest)
    return { found: `${source.length} characters`, expected: `at most ${longest}`, column: 1 }
  try {
    return { ast: environment.parse(source).ast }
  } catch (error) {
    const fault = error as { summary?: string; range?: { start: number } }
    const found =
      fault.summary ?? (error instanceof Error ? error.message.split('\n')[0] : undefined) ?? 'no expression'
    return {
      found,
      expected: 'a condition in CEL, such as environment == "production"',
      column: (fault.range?.start ?? 0) + 1,
    }
  }
}

/** Returns the dotted path of a chain of members, and collects the longest path of every chain. */
function collectPaths(node: ASTNode, paths: Set<string>): void {
  const path = pathOf(node)
  if (path) paths.add(path)
  else for (const child of childrenOf(node)) collectPaths(child, paths)
}

function pathOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args
  if (node.op === '.') {
    const left = pathOf(node.args[0])
    return left && `${left}.${node.args[1]}`
  }
  if (node.op === '[]' && node.args[1].op === 'value' && typeof node.args[1].args === 'string') {
    const left = pathOf(node.args[0])
    return left && `${left}.${node.args[1].args}`
  }
  return null
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'range' in value
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  if (node.op === 'value') return []
  return [node.args].flat(3).filter(isNode)
}

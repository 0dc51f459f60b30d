/** CEL for `when` and `expect`, behind one file. A missing, non-finite or erring operand anywhere makes the answer inconclusive. */
import type { Json } from '../units.ts'

export type Answer = { readonly kind: 'value'; readonly value: boolean } | { readonly kind: 'inconclusive'; readonly why: string }

export function evaluateCondition(_source: string, _bindings: Readonly<Record<string, Json>>): Answer {
  throw new Error('being built')
}

/** null = well-formed, bool, and every name is known; else what is wrong, for a compile error. */
export function checkCondition(_source: string, _names: Readonly<Record<string, string>>): { readonly found: string; readonly expected: string; readonly column: number } | null {
  throw new Error('being built')
}

/** The value of an expression, for `# @capture id = body.id`. The same care as `evaluateCondition`: doubt is inconclusive. */
export function evaluateValue(_source: string, _bindings: Readonly<Record<string, Json>>): { readonly kind: 'value'; readonly value: Json } | { readonly kind: 'inconclusive'; readonly why: string } {
  throw new Error('being built')
}

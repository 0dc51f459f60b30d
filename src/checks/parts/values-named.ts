/** What the names in an expectation stood for, for the sentence of a check that was not as expected. */
import { pathsOf } from '../../core/plan/expression.ts'
import type { Json } from '../../core/units.ts'

type Facts = Readonly<Record<string, Json>>

const longest = 60

/** Sentences go to chats: what may let somebody in stays in the evidence. */
const mayLetIn = /token|secret|passw|key|cookie|auth|session|credential/i

/** `body.state is "down"` for each part of a fact that is text, a number, true or false. Whole facts stand in sentences of their kind. */
export function partsNamed(condition: string, facts: Facts): readonly string[] {
  return pathsOf(condition).flatMap((path) => {
    if (!path.includes('.') || mayLetIn.test(path)) return []
    const value = valueAt(path, facts)
    return value === undefined || value === null || typeof value === 'object' ? [] : [`${path} is ${clipped(value)}`]
  })
}

/** Undefined where nothing is at that path. */
export function valueAt(path: string, facts: Facts): Json | undefined {
  return path.split('.').reduce<Json | undefined>((value, key) => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isMap && Object.hasOwn(value, key) ? (value as Facts)[key] : undefined
  }, facts)
}

function clipped(value: string | number | boolean): string {
  const text = JSON.stringify(value)
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}

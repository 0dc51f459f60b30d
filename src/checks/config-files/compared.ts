/** What is wrong with settings, in sentences that name the setting and never a value that could be a secret. */
import type { Json } from '../../core/units.ts'
import { patternOf } from '../parts/fields.ts'
import { isPlaceholder, namesSecret, secretAt } from '../parts/secret-shapes.ts'
import { isFields, leavesOf, settingAt } from './settings.ts'

export function missingProblems(tree: Json, required: readonly string[]): readonly string[] {
  return required.flatMap((key) => {
    const value = settingAt(tree, key)
    if (value === undefined) return [`${key} is missing`]
    if (value === null || (typeof value === 'string' && value.trim() === '')) return [`${key} is empty`]
    return typeof value === 'string' && isPlaceholder(value) ? [`${key} still holds a placeholder`] : []
  })
}

/** Of those that are there; what is missing is said by `required`. */
export function patternProblems(tree: Json, matches: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(matches).flatMap(([key, pattern]) => {
    const value = settingAt(tree, key)
    if (value === undefined) return []
    if (typeof value === 'object') return [`${key} is no single value`]
    return patternOf(`^(?:${pattern})$`).find(String(value)) ? [] : [`${key} does not match /${pattern}/`]
  })
}

/**
 * `isText` = one of both knows only texts: `true` and "true" are the same then. `known` = what else is declared, where
 * nothing else may be there; null = it may.
 */
export function differences(
  tree: Json,
  declared: Json,
  given: { readonly isText: boolean; readonly known: readonly string[] | null },
): readonly string[] {
  const wanted = leavesOf(declared).filter(([key]) => key !== '')
  const differing = wanted.flatMap(([key, value]) => {
    const is = settingAt(tree, key)
    if (is === undefined) return [`${key} is missing, expected ${shown(key, value)}`]
    return isSame(is, value, given.isText) ? [] : [`${key} is ${shown(key, is)}, expected ${shown(key, value)}`]
  })
  if (given.known === null) return differing
  const known = new Set([...given.known, ...wanted.map(([key]) => key)])
  const others = leavesOf(tree).filter(([key]) => key !== '' && !known.has(key))
  return [...differing, ...others.map(([key]) => `${key} is there, and nobody declared it`)]
}

function isSame(is: Json, wanted: Json, isText: boolean): boolean {
  if (typeof is === 'object' || typeof wanted === 'object') return JSON.stringify(is) === JSON.stringify(wanted)
  return is === wanted || (isText && String(is) === String(wanted))
}

function shown(key: string, value: Json): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a map'
  if (typeof value !== 'string') return String(value)
  const isOpen = value.length <= 40 && !namesSecret(key) && secretAt(key, value) === null
  return isOpen ? JSON.stringify(value) : 'another text'
}

export function clearProblems(name: string, tree: Json, allowed: readonly string[]): readonly string[] {
  return leavesOf(tree).flatMap(([key, value]) => {
    if (typeof value !== 'string' || allowed.includes(key)) return []
    const last = key.split('.').at(-1) ?? key
    const telling = /^\d+$/.test(last) ? (key.split('.').at(-2) ?? '') : last
    const what = secretAt(telling, value) ?? secretInPair(value)
    return what === null ? [] : [`${name}: ${key} holds what looks like ${what}`]
  })
}

/** `NAME=value` in a list, as compose writes an environment. */
function secretInPair(value: string): string | null {
  const [, name, rest] = /^([A-Za-z_]\w*)=(.*)$/s.exec(value) ?? []
  return name === undefined || rest === undefined ? null : secretAt(name, rest)
}

/** What `expect` sees is not what is recorded: settings are looked at, and not kept. */
export function keysIn(tree: Json): number {
  return isFields(tree) ? leavesOf(tree).length : 0
}

/** Reads objects of a cluster, of which nothing is sure: a field by its path, lists, conditions, names. */
import type { Json } from '../units.ts'
import type { KubernetesObject } from './api.ts'

/** `status.phase`, `.spec.template.spec.containers[0].image`, `metadata.labels["app.kubernetes.io/name"]`; undefined = it is not there. */
export function fieldAt(object: Json | undefined, path: string): Json | undefined {
  let value: Json | undefined = object
  for (const name of namesIn(path)) {
    if (typeof value !== 'object' || value === null) return undefined
    if (!Object.hasOwn(value, name)) return undefined
    value = (value as { readonly [name: string]: Json })[name]
  }
  return value
}

/** Is it a path that `fieldAt` understands? */
export function isFieldPath(path: string): boolean {
  return /^\.?[\w-]+(?:\.[\w-]+|\[\d+\]|\["[^"\]]+"\])*$/.test(path)
}

function namesIn(path: string): readonly string[] {
  return [...path.matchAll(/\["([^"\]]+)"\]|\[(\d+)\]|([\w-]+)/g)].map(
    ([, quoted, index, plain]) => quoted ?? index ?? plain ?? '',
  )
}

export function textAt(object: Json | undefined, path: string): string {
  const value = fieldAt(object, path)
  return typeof value === 'string' ? value : ''
}

/** Null = no number is there. */
export function numberAt(object: Json | undefined, path: string): number | null {
  const value = fieldAt(object, path)
  return typeof value === 'number' ? value : null
}

export function listAt(object: Json | undefined, path: string): readonly KubernetesObject[] {
  const value = fieldAt(object, path)
  return Array.isArray(value)
    ? (value as readonly Json[]).filter(
        (one): one is KubernetesObject => typeof one === 'object' && one !== null && !Array.isArray(one),
      )
    : []
}

export function nameOf(object: KubernetesObject): string {
  return textAt(object, 'metadata.name')
}

export interface Condition {
  /** `True`, `False` or `Unknown`. */
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** Null = nobody has said it, or only of an older generation. */
export function conditionOf(object: KubernetesObject, type: string): Condition | null {
  const found = listAt(object, 'status.conditions').find((one) => one['type'] === type)
  if (found === undefined) return null
  const generation = numberAt(object, 'metadata.generation')
  const seen = numberAt(found, 'observedGeneration')
  if (generation !== null && seen !== null && seen < generation) return null
  return { status: textAt(found, 'status'), reason: textAt(found, 'reason'), message: textAt(found, 'message') }
}

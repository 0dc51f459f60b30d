/** Reads manifests: the objects of YAML texts, each with the place where it stands. */
import { LineCounter, parseAllDocuments } from 'yaml'
import type { Json } from '../units.ts'
import type { KubernetesObject } from './api.ts'
import { listAt, nameOf, textAt } from './fields-of.ts'

export interface Manifest {
  readonly file: string
  /** Of the beginning of its document, from 1. */
  readonly line: number
  readonly object: KubernetesObject
}

/** A text that holds no manifests: where, and why. */
export class ManifestFault extends Error {
  override name = 'ManifestFault'
}

/** In their order; those of a List on their own. Throws ManifestFault. */
export function readManifests(text: string, file: string): readonly Manifest[] {
  const counter = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: counter, logLevel: 'silent' })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => {
    const line = counter.linePos(document.contents?.range?.[0] ?? document.range[0]).line
    const [error] = document.errors
    if (error !== undefined) {
      const hint = /\{\{/.test(text) ? '; a chart has to be rendered first: helm template' : ''
      throw new ManifestFault(
        `${file}:${error.linePos?.[0].line ?? line} is no YAML: ${firstLine(error.message)}${hint}`,
      )
    }
    const object = valueOf(document, file, line)
    return object === null ? [] : objectsIn(object, file, line)
  })
}

function valueOf(document: { toJS: () => unknown }, file: string, line: number): Json {
  try {
    return (document.toJS() ?? null) as Json
  } catch (fault) {
    throw new ManifestFault(`${file}:${line} cannot be read: ${fault instanceof Error ? firstLine(fault.message) : ''}`)
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function objectsIn(value: Json, file: string, line: number): readonly Manifest[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ManifestFault(`${file}:${line} is no manifest: expected apiVersion, kind and metadata`)
  const object = value as KubernetesObject
  if (textAt(object, 'kind') === 'List') return listAt(object, 'items').flatMap((one) => objectsIn(one, file, line))
  const missing = ['apiVersion', 'kind', 'metadata.name'].find((name) => textAt(object, name) === '')
  if (missing !== undefined)
    throw new ManifestFault(`${file}:${line} is no manifest: it has no ${missing}, or it is no text`)
  return [{ file, line, object }]
}

/** `Deployment/api`. */
export function calledAs({ object }: Pick<Manifest, 'object'>): string {
  return `${textAt(object, 'kind')}/${nameOf(object)}`
}

/** Every `${NAME}` of these in any text, as `envsubst` does it. Others stay. */
export function withValues(object: KubernetesObject, values: Readonly<Record<string, string>>): KubernetesObject {
  const put = (value: Json): Json => {
    if (typeof value === 'string')
      return value.replace(/\$\{([A-Za-z_]\w*)\}/g, (whole, name: string) =>
        Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
      )
    if (Array.isArray(value)) return value.map((one: Json) => put(one))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, put(one as Json)]))
  }
  return put(object) as KubernetesObject
}

/** The pods that an object makes, as their `spec`, and whether they run until somebody stops them; null = it makes none. */
export function podsOf(
  object: KubernetesObject,
): { readonly spec: KubernetesObject; readonly staysUp: boolean } | null {
  const path = podPaths[textAt(object, 'kind')]
  if (path === undefined) return null
  let spec: Json | undefined = object
  for (const name of path) spec = (spec as KubernetesObject | undefined)?.[name]
  const isThere = typeof spec === 'object' && spec !== null && !Array.isArray(spec)
  return { spec: isThere ? (spec as KubernetesObject) : {}, staysUp: staying.includes(textAt(object, 'kind')) }
}

const template = ['spec', 'template', 'spec']
const podPaths: Readonly<Record<string, readonly string[]>> = {
  Deployment: template,
  StatefulSet: template,
  DaemonSet: template,
  ReplicaSet: template,
  ReplicationController: template,
  Rollout: template,
  Job: template,
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  Pod: ['spec'],
}
const staying = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Rollout']

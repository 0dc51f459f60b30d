/** How the API of a Kubernetes cluster is asked: lists in parts, limits, refusals in words. Whoever calls brings the requests and the waiting. */
import { type OutboundAnswer, OutboundFault } from '../ports/outbound.ts'
import type { Json, Millis } from '../units.ts'

export type KubernetesObject = { readonly [name: string]: Json }

export interface KubernetesPlace {
  /** Without a slash at its end. */
  readonly server: string
  /** Null = none is sent. */
  readonly token: string | null
}

export interface KubernetesPowers {
  readonly ask: (
    url: string,
    init: { readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly body?: string },
  ) => Promise<OutboundAnswer>
  readonly sleep: (ms: Millis) => Promise<void>
}

/** Forms in which a change is sent. */
export const patchForms = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
} as const

export interface Kubernetes {
  /** An object by its path; null = the cluster says that it is not there. Any other 404 is a fault. */
  readonly get: (path: string) => Promise<KubernetesObject | null>
  /** All items of a list, over all its parts; each without `kind`, as the cluster sends them. */
  readonly list: (path: string) => Promise<readonly KubernetesObject[]>
  /** Text such as a log. */
  readonly text: (path: string) => Promise<string>
  /** Changes something, and is never asked twice where it may have been done. */
  readonly patch: (path: string, form: keyof typeof patchForms, body: Json) => Promise<KubernetesObject>
  /** Orders that an object goes away; false = it was not there. Never another one that got its name meanwhile. */
  readonly remove: (path: string, uid: string) => Promise<boolean>
}

/** The cluster refuses, or gives no answer that can be used: one sentence, never with the token. */
export class KubernetesFault extends Error {
  override name = 'KubernetesFault'
  /** Of the answer; 0 = it came without a usable one. */
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

const longestWaitMs = 60_000
const attempts = 4
const largestPart = 200
const mostParts = 200

export function kubernetesAt(place: KubernetesPlace, powers: KubernetesPowers): Kubernetes {
  const get = async (path: string): Promise<KubernetesObject | null> => {
    const answer = await patiently('GET', path, undefined, place, powers)
    const text = await answer.text()
    if (answer.status < 400) return objectIn(text, path)
    if (isNotFound(text)) return null
    throw faultOf(answer.status, text, path)
  }
  const list = async (path: string): Promise<readonly KubernetesObject[]> => {
    const rows: KubernetesObject[] = []
    let next = ''
    let size = largestPart
    for (let part = 0; part < mostParts; part += 1) {
      const found = await partOf(path, size, next)
      if (found === 'too-large') {
        size = Math.ceil(size / 4)
        continue
      }
      rows.push(...itemsOf(found, path))
      next = markIn(found)
      if (next === '') return rows
    }
    throw new KubernetesFault(`${path} has more items than are read; name fewer of them`, 200)
  }
  /** Objects may be large: what does not fit into one answer is asked for in smaller parts. */
  const partOf = async (path: string, size: number, next: string): Promise<KubernetesObject | 'too-large'> => {
    const mark = next === '' ? '' : `&continue=${encodeURIComponent(next)}`
    try {
      return await need(`${path}${path.includes('?') ? '&' : '?'}limit=${size}${mark}`)
    } catch (fault) {
      if (fault instanceof OutboundFault && fault.code === 'too-large' && size > 1) return 'too-large'
      throw fault
    }
  }
  const need = async (path: string): Promise<KubernetesObject> => {
    const found = await get(path)
    if (found === null) throw new KubernetesFault(`the cluster does not know ${path} (404)`, 404)
    return found
  }
  const text = async (path: string): Promise<string> => {
    const answer = await patiently('GET', path, undefined, place, powers)
    const said = await answer.text()
    if (answer.status >= 400) throw faultOf(answer.status, said, path)
    return said
  }
  const patch: Kubernetes['patch'] = async (path, form, body) => {
    const sent = { type: patchForms[form], text: JSON.stringify(body) }
    const answer = await patiently('PATCH', path, sent, place, powers)
    const said = await answer.text()
    if (answer.status >= 400) throw faultOf(answer.status, said, path)
    return objectIn(said, path)
  }
  const remove: Kubernetes['remove'] = async (path, uid) => {
    const options = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid } }
    const answer = await patiently(
      'DELETE',
      path,
      { type: 'application/json', text: JSON.stringify(options) },
      place,
      powers,
    )
    if (answer.status < 400) return true
    const said = await answer.text()
    if (answer.status === 404 && isNotFound(said)) return false
    throw faultOf(answer.status, said, path)
  }
  return { get, list, text, patch, remove }
}

interface Sent {
  readonly type: string
  readonly text: string
}

/** Asked again after a limit, which means that nothing was done; after an outage only where nothing is changed. */
async function patiently(
  method: string,
  path: string,
  sent: Sent | undefined,
  place: KubernetesPlace,
  powers: KubernetesPowers,
): Promise<OutboundAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await powers.ask(place.server + path, {
      method,
      headers: headersOf(place, sent),
      ...(sent === undefined ? {} : { body: sent.text }),
    })
    const waitMs = waitOf(answer, method, attempt)
    if (waitMs === null || attempt === attempts) return answer
    await powers.sleep(Math.min(waitMs, longestWaitMs))
  }
}

function headersOf({ token }: KubernetesPlace, sent: Sent | undefined): Record<string, string> {
  return {
    accept: 'application/json, */*',
    'user-agent': 'holdpoint',
    ...(token === null ? {} : { authorization: `Bearer ${token.trim()}` }),
    ...(sent === undefined ? {} : { 'content-type': sent.type }),
  }
}

function waitOf({ status, headers }: OutboundAnswer, method: string, attempt: number): Millis | null {
  const after = headers.get('retry-after')
  if (status === 429) return after !== null && /^\d{1,6}$/.test(after) ? Number(after) * 1_000 : attempt * 1_000
  return method === 'GET' && status >= 500 ? attempt * 500 : null
}

function faultOf(status: number, text: string, path: string): KubernetesFault {
  const said = messageIn(text)
  const words =
    status === 401
      ? 'the cluster does not accept the token'
      : status === 403
        ? `the token may not do this: ${said}`
        : status === 404
          ? `the cluster does not know ${path.replace(/\?.*/, '')}: ${said}`
          : status >= 500
            ? `the cluster has an outage: ${said}`
            : `the cluster does not accept it: ${said}`
  return new KubernetesFault(`${words} (${status})`, status)
}

/** What a cluster says about an object, unlike another server that answers 404. */
function isNotFound(text: string): boolean {
  const status = statusIn(text)
  return status !== null && status['reason'] === 'NotFound'
}

function messageIn(text: string): string {
  const message = statusIn(text)?.['message']
  return (typeof message === 'string' ? message : 'without a word').slice(0, 500)
}

function statusIn(text: string): KubernetesObject | null {
  try {
    const body = JSON.parse(text) as Json
    return typeof body === 'object' && body !== null && (body as KubernetesObject)['kind'] === 'Status'
      ? (body as KubernetesObject)
      : null
  } catch {
    return null
  }
}

function objectIn(text: string, path: string): KubernetesObject {
  try {
    const body = JSON.parse(text) as Json
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as KubernetesObject
  } catch {
    // Said below.
  }
  throw new KubernetesFault(`the answer to ${path.replace(/\?.*/, '')} is not as a cluster's`, 0)
}

/** Where the next part of a list begins; empty = this was the last. */
function markIn({ metadata }: KubernetesObject): string {
  const mark = typeof metadata === 'object' && metadata !== null ? (metadata as KubernetesObject)['continue'] : null
  return typeof mark === 'string' ? mark : ''
}

function itemsOf({ items }: KubernetesObject, path: string): readonly KubernetesObject[] {
  // A list without any is sent as null by some servers.
  if (items === null) return []
  if (!Array.isArray(items)) throw new KubernetesFault(`the answer to ${path} is no list`, 0)
  return items as readonly KubernetesObject[]
}

/** A command in a container, as the API of a cluster runs one over a WebSocket: which pods, the question, and what its messages say. */
import { z } from 'zod'
import type { Json } from '../units.ts'
import { KubernetesFault, type KubernetesObject } from './api.ts'
import { type Cluster, find, podSelector } from './cluster.ts'
import { conditionOf, fieldAt, listAt, nameOf, textAt } from './fields-of.ts'

/** The newest first: both send their end as a status, older ones would not. */
const execProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const

/** Words of a program, or a script for `sh` in the container. */
export type ExecCommand = string | readonly string[]

const word = z.string().min(1)

/** Of a check and of an action. A script has no `{{ name }}`: a value would be read as part of the script. */
export const execCommand = z.union([
  word.refine((script) => !script.includes('{{'), {
    error: 'expected a script without {{ name }}; hand values to it, such as env: { VERSION: "{{ version }}" }',
  }),
  z.array(word).min(1),
])

export const execFields = {
  pods: word.describe('Labels such as `app=api`, those of a workload such as `deploy/api`, `pod/NAME`, or `all`'),
  container: word.optional().describe('Of a pod with several; absent = its only or its default one'),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, { error: 'expected a name such as VERSION' }), z.string())
    .default({})
    .describe('Values for it; no secrets, as the cluster keeps what is run in its audit log'),
}

/** A container that a command runs in. */
export interface ExecPlace {
  readonly pod: string
  readonly container: string
}

const mostPods = 100

/** Pods that are ending are passed over. `one` = the first that is ready. Throws KubernetesFault where one cannot run anything. */
export async function execPlaces(
  cluster: Cluster,
  written: { readonly pods: string; readonly container?: string | undefined },
  which: 'one' | 'each',
): Promise<readonly ExecPlace[]> {
  const { pods, container } = written
  const found = /^pods?\/|^po\//.test(pods)
    ? await find(cluster, pods, null)
    : await find(cluster, 'pods', await podSelector(cluster, pods))
  const living = found.objects
    .filter((one) => fieldAt(one, 'metadata.deletionTimestamp') === undefined)
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  if (living.length === 0) throw new KubernetesFault(`there are no pods ${pods} in ${cluster.namespace}`, 404)
  if (living.length > mostPods) throw new KubernetesFault(`${pods} are more than ${mostPods} pods`, 200)
  const isReady = (one: KubernetesObject): boolean => conditionOf(one, 'Ready')?.status === 'True'
  const chosen = which === 'each' ? living : [living.find(isReady) ?? living.find(isRunning) ?? living[0] ?? {}]
  return chosen.map((one) => ({ pod: nameOf(one), container: containerOf(one, container) }))
}

function isRunning(object: KubernetesObject): boolean {
  return textAt(object, 'status.phase') === 'Running'
}

function containerOf(object: KubernetesObject, wanted: string | undefined): string {
  const what = `pod/${nameOf(object)}`
  if (!isRunning(object))
    throw new KubernetesFault(`${what} is ${textAt(object, 'status.phase') || 'not known'}, and runs nothing`, 200)
  const names = listAt(object, 'spec.containers').map((one) => textAt(one, 'name'))
  const usual = textAt(object, 'metadata.annotations["kubectl.kubernetes.io/default-container"]')
  const name = wanted ?? (usual === '' && names.length === 1 ? (names[0] ?? '') : usual)
  if (name === '')
    throw new KubernetesFault(
      `${what} has the containers ${names.join(', ')}; say which, such as container: ${names[0]}`,
      200,
    )
  if (!names.includes(name))
    throw new KubernetesFault(`${what} has no container ${name}, only ${names.join(', ')}`, 200)
  return name
}

/** Where it is asked for, beginning with ws:// or wss://. */
export function execAddress(
  server: string,
  namespace: string,
  { pod, container }: ExecPlace,
  command: ExecCommand,
  env: Readonly<Record<string, string>>,
): string {
  const way = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec`
  const given = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const words = [...(given.length === 0 ? [] : ['env', ...given]), ...wordsOf(command)]
  const query = [
    `container=${encodeURIComponent(container)}`,
    'stdout=true',
    'stderr=true',
    ...words.map((one) => `command=${encodeURIComponent(one)}`),
  ]
  return `${server.replace(/\/+$/, '').replace(/^http/, 'ws')}${way}?${query.join('&')}`
}

/** How it is asked for there: with the token, in our protocols, and with the cluster's own certificate where it has one. */
export function execHandshake(
  { token, ca }: { readonly token: string | false; readonly ca?: string | undefined },
  secret: (name: string) => string,
): { readonly headers: Record<string, string>; readonly protocols: readonly string[]; readonly ca?: string } {
  const headers: Record<string, string> = token === false ? {} : { authorization: `Bearer ${secret(token).trim()}` }
  return { headers, protocols: execProtocols, ...(ca === undefined ? {} : { ca: secret(ca) }) }
}

function wordsOf(command: ExecCommand): readonly string[] {
  return typeof command === 'string' ? ['sh', '-c', command] : command
}

/** How it is called where it is told. */
export function execName(command: ExecCommand): string {
  const text = typeof command === 'string' ? command.trim().split('\n')[0] : command.join(' ')
  return (text ?? '').slice(0, 80)
}

/** What came over one connection, until it closed. */
export interface ExecTalk {
  readonly protocol: string
  /** Each begins with the number of its channel. */
  readonly messages: readonly Uint8Array[]
  /** Why it is over, in words for the case that nobody said how the command ended. */
  readonly why: string
}

export interface ExecEnd {
  /** -1 = it did not run, as `fault` says. */
  readonly exit: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** The cluster could not run it; null = it ran, and ended with `exit`. */
  readonly fault: string | null
}

const channels = { stdout: 1, stderr: 2, status: 3 } as const

/** Throws KubernetesFault where the connection ended without a word about the command: then nobody knows how it ended. */
export function execEnd({ protocol, messages, why }: ExecTalk): ExecEnd {
  if (!execProtocols.some((one) => one === protocol))
    throw new KubernetesFault(
      `the cluster talks ${protocol || 'another protocol'} and does not say how a command ended`,
      0,
    )
  const of = (channel: number): Uint8Array => joined(messages.filter(([first]) => first === channel))
  const streams = { stdout: of(channels.stdout), stderr: of(channels.stderr) }
  const said = new TextDecoder().decode(of(channels.status))
  if (said === '')
    throw new KubernetesFault(`the connection ended before the command did${why === '' ? '' : `: ${why}`}`, 0)
  return { ...streams, ...statusOf(said) }
}

function joined(messages: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((sum, one) => sum + one.length - 1, 0))
  let at = 0
  for (const one of messages) {
    bytes.set(one.subarray(1), at)
    at += one.length - 1
  }
  return bytes
}

const statusShape = z.object({
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  details: z
    .object({ causes: z.array(z.object({ reason: z.string().optional(), message: z.string().optional() })) })
    .optional(),
})

function statusOf(said: string): { readonly exit: number; readonly fault: string | null } {
  const read = statusShape.safeParse(jsonOf(said))
  if (!read.success) throw new KubernetesFault(`how the command ended is not as a cluster's: ${said.slice(0, 200)}`, 0)
  const { status, reason, message = 'without a word', details } = read.data
  if (status === 'Success') return { exit: 0, fault: null }
  const code = details?.causes.find((one) => one.reason === 'ExitCode')?.message ?? ''
  if (reason === 'NonZeroExitCode' && /^\d{1,4}$/.test(code)) return { exit: Number(code), fault: null }
  return { exit: -1, fault: message.slice(0, 300) }
}

function jsonOf(said: string): Json {
  try {
    return JSON.parse(said) as Json
  } catch {
    return null
  }
}

/** Why the connection was refused, in words: what the cluster says about it, or its status. */
export function execRefusal(status: number, body: string): KubernetesFault {
  const read = z.object({ message: z.string() }).safeParse(jsonOf(body))
  const said = (read.success ? read.data.message : body.trim()).slice(0, 300) || 'without a word'
  const words =
    status === 401
      ? 'the cluster does not accept the token'
      : status === 403
        ? `the token may not do this, which needs get and create of pods/exec: ${said}`
        : `the cluster does not run it: ${said}`
  return new KubernetesFault(`${words} (${status})`, status)
}

/** Lines of what pods of a Kubernetes cluster print, of every container, also of its run before a restart. */
import { type Cluster, clusterOf, find, podSelector } from '../../core/kubernetes/cluster.ts'
import type { KubernetesObject } from '../../core/kubernetes/api.ts'
import { listAt, nameOf, numberAt, textAt } from '../../core/kubernetes/fields-of.ts'
import type { KubernetesSettings } from '../../core/kubernetes/fields.ts'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Millis } from '../../core/units.ts'
import { ConfigFault, fill } from '../parts/fields.ts'
import type { LogLine } from './lines.ts'

export interface PodLogs extends KubernetesSettings {
  /** Labels, a workload, a pod, or `all`. */
  readonly pods: string
  readonly container?: string | undefined
}

export interface PodLines {
  readonly lines: readonly LogLine[]
  /** A container printed more than is read. */
  readonly isCut: boolean
}

const mostPods = 100
/** Of one container; below what one answer may hold. */
const mostLines = 20_000
const mostBytes = 4 * 1024 * 1024

/** Throws ConfigFault where there is no such pod, and KubernetesFault where one cannot be read. */
export async function podLines(given: PodLogs, lastMs: Millis | null, powers: CheckPowers): Promise<PodLines> {
  const put = (text: string): string => fill(text, powers.variables)
  const place = { ...given, server: put(given.server), namespace: put(given.namespace) }
  const cluster = clusterOf(place, {
    ask: (url, init) => powers.http(url, { ...init, signal: powers.signal, redirect: 'manual' }),
    sleep: (ms) => powers.clock.sleep(ms, powers.signal),
    secret: powers.secret,
  })
  const wanted = given.container === undefined ? null : put(given.container)
  const printed = await containersOf(cluster, put(given.pods), wanted)
  const all: PodLines[] = []
  for (const one of printed) all.push(await read(cluster, one, lastMs))
  return { lines: all.flatMap(({ lines }) => lines), isCut: all.some(({ isCut }) => isCut) }
}

interface Printed {
  readonly pod: string
  readonly container: string
  /** Of the run before the last restart. */
  readonly previous: boolean
}

async function containersOf(cluster: Cluster, pods: string, wanted: string | null): Promise<readonly Printed[]> {
  const found = /^pods?\/|^po\//.test(pods)
    ? await find(cluster, pods, null)
    : await find(cluster, 'pods', await podSelector(cluster, pods))
  const { objects } = found
  if (objects.length === 0) throw new ConfigFault(`there are no pods ${pods} in ${cluster.namespace}`)
  if (objects.length > mostPods) throw new ConfigFault(`${pods} are more than ${mostPods} pods`)
  const printed = objects.flatMap((one) => ofPod(one, wanted))
  if (printed.length === 0) throw new ConfigFault(`no pod of ${pods} has a container ${wanted}`)
  return printed
}

function ofPod(object: KubernetesObject, wanted: string | null): readonly Printed[] {
  const names = listAt(object, 'spec.containers').map((one) => textAt(one, 'name'))
  return names
    .filter((name) => wanted === null || name === wanted)
    .flatMap((container) => {
      const states = listAt(object, 'status.containerStatuses')
      const state = states.find((one) => textAt(one, 'name') === container)
      // A run that ended says how it ended, and its log is kept until the next.
      const hasPrevious =
        (numberAt(state, 'restartCount') ?? 0) > 0 && textAt(state, 'lastState.terminated.finishedAt') !== ''
      const now = { pod: nameOf(object), container, previous: false }
      return hasPrevious ? [{ ...now, previous: true }, now] : [now]
    })
}

async function read(
  { api, namespace }: Cluster,
  { pod, container, previous }: Printed,
  lastMs: Millis | null,
): Promise<PodLines> {
  const query = new URLSearchParams({
    container,
    timestamps: 'true',
    tailLines: String(mostLines),
    limitBytes: String(mostBytes),
    ...(lastMs !== null && { sinceSeconds: String(Math.max(1, Math.ceil(lastMs / 1_000))) }),
    ...(previous && { previous: 'true' }),
  })
  const way = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`
  const text = await api.text(`${way}?${query.toString()}`)
  const rows = text.split('\n')
  if (rows.at(-1) === '') rows.pop()
  const from = `${pod}/${container}${previous ? ' before its restart' : ''}`
  const lines = rows.map((row, index) => lineOf(row, index + 1, from))
  return { lines, isCut: rows.length >= mostLines || text.length >= mostBytes }
}

/** The cluster writes the time before each line, with nanoseconds. */
function lineOf(row: string, number: number, from: string): LogLine {
  const space = row.indexOf(' ')
  const at = Date.parse((space === -1 ? row : row.slice(0, space)).replace(/(\.\d{3})\d+/, '$1'))
  const text = space === -1 ? '' : row.slice(space + 1)
  return Number.isFinite(at) ? { text, at, number, from } : { text: row, at: null, number, from }
}

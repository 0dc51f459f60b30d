/**
 * The part of a Kubernetes API server that checks, actions and drivers ask, from its public description: discovery, tokens and rights,
 * lists in parts, versions of resources, dry runs, server-side apply with owners of fields, validation, logs, commands in containers.
 * What it refuses is refused here.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { discovery, type KindRow, kindRows } from './kubernetes-kinds.ts'
import { Refusal, type Row } from './kubernetes-patches.ts'
import { type Cluster, emptyCluster } from './kubernetes-cluster.ts'
import { type Containers, serveExec } from './kubernetes-exec.ts'

export interface KubernetesApi {
  readonly base: string
  readonly token: string
  readonly cluster: Cluster
  /** `GET /api/v1/namespaces/shop/pods 200`, in order. */
  readonly asked: readonly string[]
  /** The token may not do this: `patch deployments`. */
  deny(verb: string, plural: string): void
  /** The next so many requests are answered like this instead. */
  instead(times: number, status: number, headers?: Readonly<Record<string, string>>, body?: string): void
  /** Lines of a container: `shop/api-0/api`. A function is asked each time. */
  readonly logs: Map<string, string>
  /** Where commands run that are asked for by `exec`. */
  readonly containers: Containers
  close(): Promise<void>
}

const token = 'eyJhbGciOiJSUzI1NiJ9.cluster-example.token'

interface Asked {
  readonly method: string
  readonly url: URL
  readonly type: string
  readonly body: string
}

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export async function startKubernetesApi(tls?: {
  readonly key: string
  readonly cert: string
}): Promise<KubernetesApi> {
  const cluster = emptyCluster()
  const logs = new Map<string, string>()
  const denied = new Set<string>()
  const asked: string[] = []
  const planned = { times: 0, answer: { status: 500, body: 'no' } as Answer }

  const answerTo = (request: Asked, authorization: string | undefined): Answer => {
    if (planned.times > 0) {
      planned.times -= 1
      return planned.answer
    }
    if (authorization !== `Bearer ${token}`) return failure(new Refusal(401, 'Unauthorized', 'Unauthorized'))
    try {
      return respond(request, cluster, logs, denied)
    } catch (refusal) {
      if (refusal instanceof Refusal) return failure(refusal)
      throw refusal
    }
  }

  const listener = (request: IncomingMessage, response: import('node:http').ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = 'GET', headers } = request
      const url = new URL(request.url ?? '/', 'http://cluster')
      const type = headers['content-type'] ?? ''
      const answer = answerTo({ method, url, type, body: Buffer.concat(chunks).toString() }, headers.authorization)
      asked.push(`${method} ${request.url} ${answer.status}`)
      const isText = typeof answer.body === 'string'
      response.writeHead(answer.status, {
        'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
        ...answer.headers,
      })
      response.end(isText ? answer.body : JSON.stringify(answer.body))
    })
  }
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  const mayExec = (pod: string, namespace: string, authorization: string | undefined): Row => {
    if (authorization !== `Bearer ${token}`) throw new Refusal(401, 'Unauthorized', 'Unauthorized')
    // A WebSocket is asked for by GET, and newer clusters want the right to create as well.
    for (const verb of ['get', 'create']) allow(verb, 'pods/exec', '', namespace, denied)
    const kind = kindRows(cluster.kinds).find((one) => one.plural === 'pods') as KindRow
    return cluster.read({ kind, namespace, name: pod, sub: '' })
  }
  const containers = serveExec(server, mayExec, (line) => asked.push(line))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    base: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    cluster,
    asked,
    logs,
    containers,
    deny: (verb, plural) => void denied.add(`${verb} ${plural}`),
    instead: (times, status, headers = {}, body = '') =>
      Object.assign(planned, { times, answer: { status, headers, body } }),
    close: () =>
      new Promise((resolve) => {
        containers.end()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function failure({ code, reason, message, details }: Refusal): Answer {
  return {
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code },
  }
}

/** `/apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME/SUB`, every part behind the version optional. */
const form =
  /^\/(?:api|apis\/([^/]+))\/(v[^/]+)(?:\/namespaces\/([^/]+)(?=\/[^/]))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/

function respond(
  request: Asked,
  cluster: Cluster,
  logs: ReadonlyMap<string, string>,
  denied: ReadonlySet<string>,
): Answer {
  const { method, url } = request
  const found = discovery(url.pathname, cluster.kinds)
  if (found !== null) return { status: 200, body: found }
  const [, group, version, namespace = '', plural = '', name = '', sub = ''] = form.exec(url.pathname) ?? []
  const kind = kindRows(cluster.kinds).find(
    (one) => one.plural === plural && one.apiVersion === (group === undefined ? version : `${group}/${version}`),
  )
  if (kind === undefined) return { status: 404, body: '404 page not found\n' }
  allow(verbOf(method, name), `${plural}${sub === '' ? '' : `/${sub}`}`, group ?? '', namespace, denied)
  const at = { kind, namespace: kind.isNamespaced ? namespace : '', name, sub }
  if (sub === 'log') return { status: 200, body: logOf(at.namespace, name, url, cluster, logs) }
  if (method === 'GET' && name === '') return { status: 200, body: cluster.list(at, url.searchParams) }
  if (method === 'GET') return { status: 200, body: cluster.read(at) }
  if (method === 'PATCH')
    return { status: 200, body: cluster.patch(at, request.type, JSON.parse(request.body), url.searchParams) }
  if (method === 'POST')
    return { status: 201, body: cluster.create(at, JSON.parse(request.body) as Row, url.searchParams) }
  if (method === 'DELETE') return { status: 200, body: removed(at, cluster, request.body) }
  throw new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
}

function removed(at: Parameters<Cluster['read']>[0], cluster: Cluster, body: string): Row {
  const { uid } = cluster.read(at)['metadata'] as Row
  const { preconditions } = (body === '' ? {} : JSON.parse(body)) as { preconditions?: { uid?: string } }
  if (preconditions?.uid !== undefined && preconditions.uid !== uid)
    throw new Refusal(409, 'Conflict', 'the UID in the precondition does not match the UID in record')
  return cluster.remove(at)
}

function verbOf(method: string, name: string): string {
  if (method === 'GET') return name === '' ? 'list' : 'get'
  return { POST: 'create', PATCH: 'patch', PUT: 'update', DELETE: 'delete' }[method] ?? method.toLowerCase()
}

function allow(verb: string, resource: string, group: string, namespace: string, denied: ReadonlySet<string>): void {
  if (!denied.has(`${verb} ${resource}`)) return
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const who = 'User "system:serviceaccount:shop:holdpoint"'
  const message = `${resource} is forbidden: ${who} cannot ${verb} resource "${resource}" in API group "${group}" ${where}`
  throw new Refusal(403, 'Forbidden', message)
}

function logOf(namespace: string, pod: string, url: URL, cluster: Cluster, logs: ReadonlyMap<string, string>): string {
  const kind = kindRows(cluster.kinds).find((one) => one.plural === 'pods') as KindRow
  const containers = (cluster.read({ kind, namespace, name: pod, sub: '' }) as { spec: { containers: Row[] } }).spec
    .containers
  const asked = url.searchParams.get('container')
  const names = containers.map((one) => String(one['name']))
  if (asked === null && names.length > 1)
    throw new Refusal(
      400,
      'BadRequest',
      `a container name must be specified for pod ${pod}, choose one of: [${names.join(' ')}]`,
    )
  const name = asked ?? names[0] ?? ''
  if (!names.includes(name)) throw new Refusal(400, 'BadRequest', `container ${name} is not valid for pod ${pod}`)
  const isPrevious = url.searchParams.get('previous') === 'true'
  const before = logs.get(`${namespace}/${pod}/${name}/previous`)
  if (isPrevious && before === undefined)
    throw new Refusal(400, 'BadRequest', `previous terminated container "${name}" in pod "${pod}" not found`)
  const since = Number(url.searchParams.get('sinceSeconds') ?? Number.POSITIVE_INFINITY)
  const lines = ((isPrevious ? before : logs.get(`${namespace}/${pod}/${name}`)) ?? '')
    .split('\n')
    .filter((line) => line !== '')
  const kept = lines.filter((line) => Date.now() - Date.parse(line.slice(0, line.indexOf(' '))) <= since * 1_000)
  const shown =
    url.searchParams.get('timestamps') === 'true' ? kept : kept.map((line) => line.slice(line.indexOf(' ') + 1))
  const tail = Number(url.searchParams.get('tailLines') ?? Number.POSITIVE_INFINITY)
  return shown
    .slice(-tail)
    .map((line) => `${line}\n`)
    .join('')
    .slice(0, Number(url.searchParams.get('limitBytes') ?? 1e9))
}

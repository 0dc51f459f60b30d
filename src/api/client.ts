/** The typed client of the engine's HTTP surface. Small at load: the CLI's short commands wait for it. */
import type http from 'node:http'
import { ApiFault } from './client-types.ts'
import type { Client, Commanded, Health, InLine, Started, TargetView, WireRefusal } from './client-types.ts'
import { bytesOf, type Call, type Line, openLine, type RemoteServer, request } from './http-call.ts'
import { watchRelease } from './client-watch.ts'

export interface ClientOptions {
  /** Of the local engine; absent when `server` is given. */
  readonly socketPath?: string
  readonly server?: RemoteServer
  /** Who asks; absent = the engine's own user. `scripted` marks the demo's invented people. */
  readonly actor?: { readonly id: string; readonly isScripted: boolean }
  /** Called when nobody listens any more: resolves when an engine does again, or throws. Absent = that is a fault. */
  readonly revive?: () => Promise<void>
}

export function createClient(options: ClientOptions): Client {
  const line = openLine(options.server ?? options.socketPath ?? '')
  const isRemote = options.server !== undefined
  const headers = actorHeaders(options.actor)
  const call = (what: Call): Promise<http.IncomingMessage> =>
    callReviving(line, { ...what, headers: { ...headers, ...what.headers } }, options.revive)
  const get = async <T>(path: string): Promise<T> => read<T>(await call({ method: 'GET', path }))
  const getOrNull = async <T>(path: string): Promise<T | null> => nullIfUnknown(get<T>(path))
  const post = async <T>(path: string, body: unknown): Promise<T> =>
    read<T>(
      await call({ method: 'POST', path, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    )
  const bytes = async (path: string): Promise<Uint8Array> => goodBytes(await call({ method: 'GET', path }))

  // A server has workers with values of their own: none leave this machine.
  const lendEnvironment = async (release: string, env: Readonly<Record<string, string>>): Promise<void> => {
    if (!isRemote) await post(at(release, '/environment'), { env })
  }
  const lent = new Map<string, Readonly<Record<string, string>>>()
  // The engine may have been started again since: it had the values in memory only.
  const lendAgain = async (release: string): Promise<void> => {
    const env = lent.get(release)
    if (env !== undefined && Object.keys(env).length > 0) await lendEnvironment(release, env)
  }

  return {
    health: () => get<Health>('/readyz'),
    start: async (body) => {
      const key = body.idempotencyKey ?? crypto.randomUUID()
      const { env, ...rest } = body
      const sent = isRemote || env === undefined ? rest : { ...rest, env }
      const started = await orRefusal(post<Started | InLine>('/v1/releases', { ...sent, idempotencyKey: key }))
      if (started.kind !== 'refused' && body.env) lent.set(started.release, body.env)
      return started
    },
    list: (filter = {}) => get(`/v1/releases${query(filter)}`),
    show: (release) => getOrNull(at(release)),
    plan: (release) => getOrNull(at(release, '/plan')),
    events: (release, after = 0) => allPages(after, (from) => get(at(release, `/events${query({ after: from })}`))),
    watch: (release, { after = 0, signal }) =>
      watchRelease(
        async (what) => {
          await lendAgain(release)
          return call(what)
        },
        at(release, '/stream'),
        after,
        signal,
      ),
    command: (release, command, { seen = null, signature } = {}) =>
      orRefusal(
        post<Commanded>(at(release, '/commands'), { command, seen, ...(signature === undefined ? {} : { signature }) }),
      ),
    putEvidence: async (body) =>
      read(
        await call({
          method: 'POST',
          path: '/v1/evidence',
          body,
          headers: { 'content-type': 'application/octet-stream' },
        }),
      ),
    getEvidence: (sha256, release) =>
      nullIfUnknown(bytes(`/v1/evidence/${encodeURIComponent(sha256)}${query({ release })}`)),
    measurements: async (release, step, stage) => {
      const { batchFromLine } = await import('../core/log/measurements.ts')
      const asked = query({ step, stage: stage === null ? 'none' : stage, exact: true })
      const spelled = await get<readonly unknown[]>(at(release, `/measurements${asked}`))
      return spelled.map((batch) => batchFromLine(JSON.stringify(batch)))
    },
    export: (release, format) => nullIfUnknown(bytes(at(release, `/export${query({ format })}`))),
    targets: (filter = {}) => get<readonly TargetView[]>(`/v1/targets${query(filter)}`),
    leaveLine: (start, why) => orRefusal(post(`/v1/line/${encodeURIComponent(start)}/leave`, { why })),
    records: (name) => get(`/v1/records${query({ name })}`),
    addRecord: (record) => post('/v1/records', record),
    lend: async (secrets) => {
      if (!isRemote) await post('/v1/secrets', { secrets })
    },
    lendEnvironment,
    stop: async () => void (await post('/v1/stop', {})),
    ask: (method, path, body) => (method === 'GET' ? get(path) : post(path, body)),
    close: () => line.agent.destroy(),
  }
}

/** Nothing was sent when nobody listened, so that asking again after a revival is safe for every call. */
async function callReviving(
  line: Line,
  call: Call,
  revive: (() => Promise<void>) | undefined,
): Promise<http.IncomingMessage> {
  try {
    return await request(line, call)
  } catch (cause) {
    if (revive === undefined || !(cause instanceof ApiFault) || cause.code !== 'unreachable') throw cause
    await revive()
    return request(line, call)
  }
}

function actorHeaders(actor: ClientOptions['actor']): Record<string, string> {
  if (actor === undefined) return {}
  const name = { 'x-holdpoint-actor': encodeURIComponent(actor.id) }
  return actor.isScripted ? { ...name, 'x-holdpoint-actor-kind': 'scripted' } : name
}

function at(release: string, rest = ''): string {
  return `/v1/releases/${encodeURIComponent(release)}${rest}`
}

function query(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(values).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  )
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`
}

async function allPages<E extends { readonly version: number }>(
  after: number,
  page: (after: number) => Promise<readonly E[]>,
): Promise<readonly E[]> {
  const all: E[] = []
  for (;;) {
    const more = await page(all.at(-1)?.version ?? after)
    if (more.length === 0) return all
    all.push(...more)
  }
}

async function read<T>(answer: http.IncomingMessage): Promise<T> {
  const bytes = await goodBytes(answer)
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as T
}

async function goodBytes(answer: http.IncomingMessage): Promise<Uint8Array> {
  const body = await bytesOf(answer)
  const status = answer.statusCode ?? 0
  if (status >= 200 && status < 300) return body
  throw refusalIn(body.toString('utf8'), status)
}

/** A problem of the wire as an error that carries all its members; `orRefusal` makes a value of those that are answers. */
class WireProblem extends ApiFault {
  readonly members: Readonly<Record<string, unknown>>
  constructor(message: string, code: string, status: number, members: Readonly<Record<string, unknown>>) {
    super(message, { code, status })
    this.members = members
  }
}

function refusalIn(text: string, status: number): ApiFault {
  try {
    const {
      code,
      detail,
      type: _type,
      title: _title,
      status: _status,
      ...members
    } = JSON.parse(text) as Record<string, unknown>
    if (typeof code === 'string' && typeof detail === 'string') return new WireProblem(detail, code, status, members)
  } catch {
    // Not one of ours: told below with what came.
  }
  return new ApiFault(`The engine answered ${status}: ${text.slice(0, 200)}`, { code: 'bad-answer-of-engine', status })
}

const FAULTS = new Set([
  'bug',
  'store-fault',
  'store-full',
  'stopping',
  'no-such-route',
  'unknown-release',
  'ambiguous-release',
])

/** A rule's no is a value; a fault, or a release that is not there, stays an error. */
async function orRefusal<T>(answer: Promise<T>): Promise<T | WireRefusal> {
  try {
    return await answer
  } catch (cause) {
    if (!(cause instanceof WireProblem) || FAULTS.has(cause.code)) throw cause
    return { ...cause.members, kind: 'refused', code: cause.code, reason: cause.message } as WireRefusal
  }
}

async function nullIfUnknown<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (cause) {
    if (cause instanceof ApiFault && (cause.code === 'unknown-release' || cause.code === 'unknown-evidence'))
      return null
    throw cause
  }
}

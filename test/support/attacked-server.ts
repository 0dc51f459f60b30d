/** A real `holdpoint serve` as somebody reaches it over the network: any header, any body, one administrator, one release. */
import http from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Ended, startTeamServer, type TeamServer } from './team-server.ts'

export interface Answered {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** null = without any sign-in; absent = the administrator's. */
  readonly secret?: string | null
  /** Address of this machine that it comes from; absent = 127.0.0.1. */
  readonly from?: string
}

export interface Operation {
  readonly method: string
  readonly path: string
  readonly demand: string
  readonly requestBody: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> } | undefined
}

export interface AttackedServer {
  readonly team: TeamServer
  readonly port: number
  readonly origin: string
  /** `hps_…` of the administrator, who may also start and see everything of the project `shop`. */
  readonly admin: string
  /** One request on a connection of its own; the path goes out as it is written here. */
  ask(method: string, path: string, asked?: Asked): Promise<Answered>
  /** Bytes as they are, and everything that comes back within the time, or until the text comes. */
  raw(bytes: string, withinMs?: number, until?: string): Promise<string>
  routes(): Promise<readonly Operation[]>
  /** Starts the checklist for the service `shop`; the id of the release. */
  start(markdown: string, changes?: Readonly<Record<string, unknown>>): Promise<string>
  holdpoint(args: readonly string[]): Promise<Ended>
  end(): Promise<void>
}

export const adminPassword = 'correct staple horse battery'

export async function startAttackedServer(
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<AttackedServer> {
  const team = await startTeamServer(flags, environment)
  const { hostname, port, origin } = new URL(team.address)
  const key = new URL(team.setupLink).hash.slice(1)
  const send = (method: string, path: string, { headers = {}, body, from = '127.0.0.1' }: Asked): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const bytes =
        body === undefined ? null : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
      const type = bytes === null ? {} : { 'content-type': 'application/json' }
      const request = http.request(
        { hostname, port, method, path, agent: false, localAddress: from, headers: { ...type, ...headers } },
        (answer) => {
          text(answer).then(
            (said) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: said }),
            reject,
          )
        },
      )
      request.once('error', reject)
      request.end(bytes ?? undefined)
    })
  const setUp = await send('POST', '/v1/setup', {
    body: {
      key,
      organisation: 'acme',
      project: 'shop',
      person: 'root',
      name: 'Root',
      email: null,
      password: adminPassword,
      as: 'token',
    },
  })
  if (setUp.status !== 201) throw new Error(`the server cannot be set up: ${setUp.text}`)
  const admin = (JSON.parse(setUp.text) as { session: string }).session
  const ask = (method: string, path: string, asked: Asked = {}) => {
    const { secret = admin, headers = {}, ...rest } = asked
    const shown: Record<string, string> = secret === null ? {} : { authorization: `Bearer ${secret}` }
    return send(method, path, { ...rest, headers: { ...shown, ...headers } })
  }
  return {
    team,
    port: Number(port),
    origin,
    admin,
    ask,
    raw: (bytes, withinMs = 2_000, until) => sendRaw(hostname, Number(port), bytes, withinMs, until),
    routes: async () => routesIn((await ask('GET', '/openapi.json')).text),
    async start(markdown, changes = {}) {
      const answer = await ask('POST', '/v1/releases', { body: await startBodyOf(markdown, changes) })
      if (answer.status !== 201) throw new Error(`the release does not start: ${answer.text}`)
      return (JSON.parse(answer.text) as { release: string }).release
    },
    holdpoint: (args) =>
      team.holdpoint(team.person('root'), args, '', { HOLDPOINT_SERVER: origin, HOLDPOINT_TOKEN: admin }),
    end: () => team.end(),
  }
}

function routesIn(description: string): readonly Operation[] {
  const { paths } = JSON.parse(description) as { paths: Record<string, Record<string, Record<string, unknown>>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      demand: operation['x-holdpoint-needs'] as string,
      requestBody: operation['requestBody'] as Operation['requestBody'],
    })),
  )
}

/** Names that stand for something in this server, and nothing else. */
export function pathOf(path: string, release: string): string {
  return path
    .replace(/^(\/v1\/releases)\/\{id\}/, `$1/${release}`)
    .replace('{project}', 'shop')
    .replace('{sha256}', 'a'.repeat(64))
    .replaceAll(/\{\w+\}/g, 'nothing')
}

export async function startBodyOf(
  markdown: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { compile } = await import('../../src/core/plan/compile.ts')
  const { kinds } = await import('../../src/app/app.ts')
  const bytes = Buffer.from(markdown)
  const { plan, problems } = compile({ file: 'release.md', bytes, shared: null }, kinds())
  if (plan === null) throw new Error(`the checklist does not compile: ${JSON.stringify(problems)}`)
  return {
    document: { file: 'release.md', base64: bytes.toString('base64'), shared: null, digest: plan.digest },
    version: '1.4.0',
    previous: null,
    environment: 'staging',
    inputs: {},
    workspace: { root: '/', commit: null, dirty: false },
    artefact: null,
    supersede: false,
    rehearsal: false,
    idempotencyKey: null,
    project: 'shop',
    ...changes,
  }
}

function sendRaw(host: string, port: number, bytes: string, withinMs: number, until?: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    let said = ''
    const end = () => {
      clearTimeout(late)
      socket.destroy()
      resolve(said)
    }
    const late = setTimeout(end, withinMs)
    socket.setEncoding('latin1').on('data', (chunk) => {
      said += String(chunk)
      if (until !== undefined && said.includes(until)) end()
    })
    socket.once('close', end)
    socket.on('error', () => {})
    socket.write(bytes)
  })
}

/**
 * `exec` of a Kubernetes API server over WebSocket, from its public description: subprotocols, channels, the status at the end.
 * A container is a folder of its own in which the command really runs, as a process of this machine.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { Refusal, type Row } from './kubernetes-patches.ts'

export interface Containers {
  /** Folder of a container, `api-0/api`; made when it is asked for. */
  folder(name: string): string
  /** Writes a file in it. */
  file(name: string, path: string, text: string): void
  /** How many commands still run. */
  running(): number
  /** The next command is cut off: the connection ends without a status. */
  cutNext(): void
  end(): void
}

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io']
const way = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/exec$/

export function serveExec(
  server: Server,
  podFor: (pod: string, namespace: string, authorization: string | undefined) => Row,
  tell: (line: string) => void,
): Containers {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-containers-'))
  const folders = new Map<string, string>()
  const children = new Set<ChildProcess>()
  let isCut = false
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((one) => offered.has(one)) ?? false,
  })
  const folder = (name: string): string => {
    const known = folders.get(name) ?? mkdtempSync(join(root, 'container-'))
    folders.set(name, known)
    return known
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'http://cluster')
    const line = (status: number): void => tell(`GET ${request.url} ${status}`)
    try {
      const { pod, container } = wanted(request, url, podFor)
      sockets.handleUpgrade(request, socket, head, (talk) => {
        line(101)
        const child = run(talk, url.searchParams.getAll('command'), folder(`${pod}/${container}`), isCut)
        isCut = false
        children.add(child)
        child.on('close', () => children.delete(child))
      })
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      line(refusal.code)
      refuse(socket, refusal)
    }
  })
  return {
    folder,
    file: (name, path, text) => writeFileSync(join(folder(name), path), text, { mode: 0o755 }),
    running: () => children.size,
    cutNext: () => {
      isCut = true
    },
    end: () => {
      for (const child of children) child.kill('SIGKILL')
      for (const client of sockets.clients) client.terminate()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function wanted(
  { headers }: IncomingMessage,
  url: URL,
  podFor: (pod: string, namespace: string, authorization: string | undefined) => Row,
): { readonly pod: string; readonly container: string } {
  const [, namespace = '', pod = ''] = way.exec(url.pathname) ?? []
  if (pod === '') throw new Refusal(400, 'BadRequest', 'Upgrade request required')
  const object = podFor(pod, namespace, headers.authorization) as {
    spec: { containers: { name: string }[] }
    status: { phase: string; containerStatuses?: { name: string; state: Row }[] }
  }
  const asked = url.searchParams.get('container')
  const names = object.spec.containers.map(({ name }) => name)
  const { phase, containerStatuses = [] } = object.status
  if (phase === 'Succeeded' || phase === 'Failed')
    throw new Refusal(
      500,
      'InternalError',
      `cannot exec into a container in a completed pod; current phase is ${phase}`,
    )
  if (asked === null && names.length > 1)
    throw new Refusal(
      400,
      'BadRequest',
      `a container name must be specified for pod ${pod}, choose one of: [${names.join(' ')}]`,
    )
  const container = asked ?? names[0] ?? ''
  if (!names.includes(container))
    throw new Refusal(400, 'BadRequest', `container ${container} is not valid for pod ${pod}`)
  const state = containerStatuses.find(({ name }) => name === container)?.state ?? {}
  if (state['running'] === undefined)
    throw new Refusal(500, 'InternalError', `unable to upgrade connection: container not found ("${container}")`)
  const { searchParams } = url
  if (searchParams.getAll('command').length === 0)
    throw new Refusal(400, 'BadRequest', 'you must specify at least 1 of stdin, stdout, stderr and a command')
  if (['stdin', 'stdout', 'stderr'].every((name) => searchParams.get(name) !== 'true'))
    throw new Refusal(400, 'BadRequest', 'you must specify at least 1 of stdin, stdout, stderr')
  const offered = (headers['sec-websocket-protocol'] ?? '').split(/, */)
  // Without any, the oldest is spoken, which does not say how a command ended.
  if (offered[0] !== '' && !offered.some((one) => protocols.includes(one)))
    throw new Refusal(
      403,
      'Forbidden',
      `unable to upgrade: unable to negotiate protocol: client supports ${offered.join(', ')}`,
    )
  return { pod, container }
}

function refuse(socket: Duplex, { code, reason, message }: Refusal): void {
  const body = JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  })
  socket.end(
    `HTTP/1.1 ${code} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function run(talk: WebSocket, command: readonly string[], cwd: string, isCut: boolean): ChildProcess {
  const say = (channel: number, bytes: Uint8Array | string): void =>
    talk.send(Buffer.concat([Buffer.from([channel]), Buffer.from(bytes)]))
  const hasStatus = ['v5', 'v4'].some((version) => talk.protocol.startsWith(version))
  const end = (status: Row): void => {
    if (isCut) return talk.terminate()
    if (hasStatus) say(3, JSON.stringify({ metadata: {}, ...status }))
    talk.close(1000)
  }
  // An empty message says that it is connected.
  say(1, '')
  const [program = '', ...words] = command
  const child = spawn(program, words, { cwd, env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.on('data', (chunk: Buffer) => say(1, chunk))
  child.stderr.on('data', (chunk: Buffer) => say(2, chunk))
  child.on('error', () =>
    end({
      status: 'Failure',
      reason: 'InternalError',
      code: 500,
      message: `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec: "${program}": executable file not found in $PATH: unknown`,
    }),
  )
  child.on('close', (code) => {
    if (child.pid === undefined) return
    const exit = code ?? 137
    if (exit === 0) return end({ status: 'Success' })
    end({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      message: `command terminated with non-zero exit code: exit status ${exit}`,
      details: { causes: [{ reason: 'ExitCode', message: String(exit) }] },
    })
  })
  return child
}

/** Serves the API over TCP: with TLS here, behind a proxy that is trusted, or on loopback only. */
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import { type AddressInfo, isIP, type Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Door } from './env.ts'
import { closeServer, type Listening } from './listen.ts'
import { answering, type Fetch } from './outflow.ts'

export interface NetworkOptions {
  readonly host: string
  readonly port: number
  /** PEM files. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly proxies: readonly string[]
  /** How people reach the server, when it is not by its own address: `https://releases.example.com`. */
  readonly urls: readonly string[]
}

/** The address cannot be served, in words: wrong files, a taken port, or nothing that protects who signs in. */
export class NetworkFault extends Error {
  override name = 'NetworkFault'
}

const LONGEST_HEADERS_MS = 15_000
const LONGEST_REQUEST_MS = 120_000
const MOST_CONNECTIONS = 10_000

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** Whether what travels to this listener is protected all the way: by TLS here or at a trusted proxy, or because it never leaves. */
export function exposureOf({ host, tls, proxies, urls }: NetworkOptions): string | null {
  if (isLoopback(host) || tls !== null) return null
  if (proxies.length === 0)
    return `${host} can be reached from other machines, so passwords would travel in clear. Give --tls-cert and --tls-key, or --trust-proxy ADDRESS of a proxy that ends TLS.`
  return urls.some((url) => url.startsWith('https://'))
    ? null
    : 'Behind a proxy the address that people use has to be told, with TLS. For example: --url https://releases.example.com'
}

/** Origins that are ours: told ones, else the address itself. */
export function originsOf(options: NetworkOptions, port: number): readonly string[] {
  const scheme = options.tls === null ? 'http' : 'https'
  const told = options.urls.map((url) => new URL(url).origin)
  const hosts = isLoopback(options.host) ? ['127.0.0.1', 'localhost', '[::1]'] : [bracketed(options.host)]
  return [...told, ...hosts.map((host) => new URL(`${scheme}://${host}:${port}`).origin)]
}

export interface NetworkListening extends Omit<Listening, 'visits'> {
  readonly port: number
}

/** Rejects with NetworkFault. `fetch` is made once the port is known. */
export async function listenOnNetwork(
  options: NetworkOptions,
  fetchFor: (port: number) => Fetch,
): Promise<NetworkListening> {
  let fetch: Fetch = () => new Response('starting', { status: 503 })
  const server = createAdaptorServer({
    fetch: answering(
      (request, bindings) => fetch(request, bindings),
      (incoming) => doorOf(incoming, options.proxies),
    ),
    ...serverOptions(options),
  } as Parameters<typeof createAdaptorServer>[0]) as Server
  server.headersTimeout = LONGEST_HEADERS_MS
  server.requestTimeout = LONGEST_REQUEST_MS
  server.maxConnections = MOST_CONNECTIONS
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await bound(server, options)
  const { port } = server.address() as AddressInfo
  fetch = fetchFor(port)
  return {
    port,
    connections: () => sockets.size,
    isFindable: () => Promise.resolve(server.listening),
    close: () => closeServer(server, sockets),
  }
}

function serverOptions({ tls }: NetworkOptions): object {
  const limits = { maxHeaderSize: 16_384 }
  if (tls === null) return { createServer: http.createServer, serverOptions: limits }
  try {
    const files = { cert: readFileSync(tls.cert), key: readFileSync(tls.key) }
    return { createServer: https.createServer, serverOptions: { ...limits, ...files, minVersion: 'TLSv1.2' } }
  } catch (cause) {
    throw new NetworkFault(`the TLS files cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

function bound(server: Server, { host, port }: NetworkOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new NetworkFault(
          cause.code === 'EADDRINUSE'
            ? `port ${port} on ${host} is taken by another program; choose one with --port, or 0 for any`
            : `${host}:${port} cannot be served: ${cause.message}`,
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
}

/** The last address in the header is the one that the proxy itself saw; those before it are anybody's word. */
function doorOf(incoming: http.IncomingMessage, proxies: readonly string[]): Door {
  const from = plainAddress(incoming.socket.remoteAddress ?? 'unknown')
  const forwarded = incoming.headers['x-forwarded-for']
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded)?.split(',').at(-1)?.trim()
  const isBelieved = proxies.includes(from) && last !== undefined && isIP(last) !== 0
  return { kind: 'tcp', from: isBelieved ? last : from }
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
}

/** The one way out over HTTP, and the guard of every other connection: declared hosts only, addresses checked and pinned, redirects checked hop by hop, answers capped. */
import { lookup as dnsLookup } from 'node:dns/promises'
import * as http from 'node:http'
import * as https from 'node:https'
import { isIP } from 'node:net'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { type OutboundAddress, type OutboundAnswer, OutboundFault, type OutboundPlace } from '../core/ports/outbound.ts'
import { classify, isPrivate } from './address.ts'
import { bareHost, type HostRule, namesItself, portsOfSchemes, ruleFor } from './declared-hosts.ts'
import { PlainAnswer } from './plain-answer.ts'

export type Address = OutboundAddress

export interface OutboundSettings {
  /** All addresses of a name; the system's resolver unless a test says otherwise. */
  readonly resolve: (host: string) => Promise<readonly Address[]>
  readonly maxBodyBytes: number
  readonly maxRedirects: number
}

/** What one release may reach. */
export interface Allowance {
  readonly rules: readonly HostRule[]
  /** In a protected environment only the document itself may name a local address, never an input. */
  readonly protected: boolean
  /** Private addresses count as local ones: whoever named the host may not choose what of the own network is called. */
  readonly isOutside?: boolean
}

export interface OutboundInit {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal: AbortSignal
  readonly redirect?: 'follow' | 'manual'
  /** Certificates (PEM) that are trusted instead of the usual ones; connections with others are not shared. */
  readonly ca?: string
}

export type OutboundRequest = (url: string, init: OutboundInit) => Promise<OutboundAnswer>

export interface Outbound {
  /** A request function that reaches what this allowance names and nothing else. Throws OutboundFault. */
  for(allowance: Allowance): OutboundRequest
  /** Where a socket may be connected to under this allowance: `smtp://mail.example.com`, `tcp://db:5432`. Throws OutboundFault. */
  place(url: string, allowance: Allowance): Promise<OutboundPlace>
  /** Ends kept-alive connections. */
  close(): void
}

const defaults: OutboundSettings = { resolve: resolveAll, maxBodyBytes: 5 * 1024 * 1024, maxRedirects: 5 }

export function createOutbound(overrides: Partial<OutboundSettings> = {}): Outbound {
  const settings = { ...defaults, ...overrides }
  const agents = {
    'http:': new http.Agent(connections),
    'https:': new https.Agent(connections),
  }
  return {
    for: (allowance) => async (url, init) => follow(parse(url), init, allowance, settings, agents),
    place: async (text, allowance) => {
      const { url, port } = socketOf(text)
      return { host: bareHost(url.hostname), port, addresses: await allowedAddresses(url, allowance, settings, port) }
    },
    close: () => {
      agents['http:'].destroy()
      agents['https:'].destroy()
    },
  }
}

/** Why nothing at this address would be asked now, in words; null = it would, or its name is not found at the moment. */
export async function whyNotReached(
  url: string,
  allowance: Allowance,
  overrides: Partial<OutboundSettings> = {},
): Promise<string | null> {
  try {
    await allowedAddresses(parse(url), allowance, { ...defaults, ...overrides })
    return null
  } catch (fault) {
    if (!(fault instanceof OutboundFault)) throw fault
    return fault.retryable ? null : fault.message
  }
}

/** Of one host: thousands of questions at once share these, one after another, instead of a connection each. */
const connections = { keepAlive: true, maxSockets: 64, maxFreeSockets: 64, timeout: 60_000 }

type Agents = { readonly 'http:': http.Agent; readonly 'https:': https.Agent }

async function follow(
  start: URL,
  init: OutboundInit,
  allowance: Allowance,
  settings: OutboundSettings,
  agents: Agents,
): Promise<OutboundAnswer> {
  let url = start
  let request = init
  for (let hop = 0; hop <= settings.maxRedirects; hop += 1) {
    const answer = await single(url, request, allowance, settings, agents)
    const next = init.redirect === 'manual' ? null : redirectOf(answer, url)
    if (!next) return answer
    request = requestAfterRedirect(request, answer.status, url, next)
    url = next
  }
  throw new OutboundFault('too-many-redirects', `${start.host} redirected more than ${settings.maxRedirects} times`, {
    retryable: false,
  })
}

function redirectOf(answer: OutboundAnswer, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return null
  const location = answer.headers.get('location')
  if (location === null) return null
  return parse(location, from)
}

/** Headers that let in, whatever services call them. */
const letsIn = /auth|cookie|token|secret|session|password|credential|(?:^|[-_])(?:api)?-?key$/i

/** What a browser does: 303, and POST under 301 or 302, become GET; credentials stay with the origin they were meant for. */
function requestAfterRedirect(request: OutboundInit, status: number, from: URL, to: URL): OutboundInit {
  const turnsGet =
    (status === 303 && request.method !== 'HEAD') || ((status === 301 || status === 302) && request.method === 'POST')
  const ofBody = new Set(turnsGet ? ['content-type', 'content-length', 'content-encoding'] : [])
  const leavesOrigin = from.origin !== to.origin
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      ([name]) => !ofBody.has(name.toLowerCase()) && !(leavesOrigin && letsIn.test(name)),
    ),
  )
  if (!turnsGet) return { ...request, headers }
  const { body: _body, ...rest } = request
  return { ...rest, method: 'GET', headers }
}

async function single(
  url: URL,
  init: OutboundInit,
  allowance: Allowance,
  settings: OutboundSettings,
  agents: Agents,
): Promise<OutboundAnswer> {
  if (init.signal.aborted) throw networkFault(url, init.signal.reason, init.signal)
  const addresses = await allowedAddresses(url, allowance, settings)
  const answer = await sendOnce(url, init, addresses, agents)
  const bytes = await readBody(answer, init.signal, settings.maxBodyBytes, url)
  return answerOf(answer, bytes, settings.maxBodyBytes, url)
}

/** Resolves once, keeps what may be reached, and the connection is made to exactly those: a second answer of the name cannot matter. */
async function allowedAddresses(
  url: URL,
  allowance: Allowance,
  settings: OutboundSettings,
  port: number = portOf(url),
): Promise<readonly Address[]> {
  const host = bareHost(url.hostname)
  const rule = ruleFor(allowance.rules, host, port)
  if (!rule)
    throw refused(
      `${url.host} is not declared in this checklist; name it under sources:, channels: or in an http check`,
    )
  const addresses = await addressesOf(host, settings)
  const reachable = addresses.filter((candidate) => mayReach(candidate.address, rule, allowance))
  if (reachable.length > 0) return reachable
  const seen = addresses.map((candidate) => candidate.address).join(', ')
  if (allowance.isOutside)
    throw refused(`${url.host} leads to ${seen}, on the own network or machine of the server, which nobody has opened`)
  throw refused(`${url.host} leads to ${seen}, a local or metadata address that the checklist does not name itself`)
}

function mayReach(address: string, rule: HostRule, allowance: Allowance): boolean {
  switch (classify(address)) {
    case 'public':
      return rule.trust === 'literal' || allowance.isOutside !== true || !isPrivate(address)
    case 'local':
      return namesItself(rule.host) && (rule.trust === 'literal' || !allowance.protected)
    case 'link-local':
      return namesItself(rule.host) && rule.trust === 'literal'
    case 'none':
      return false
  }
}

async function addressesOf(host: string, settings: OutboundSettings): Promise<readonly Address[]> {
  const family = isIP(host)
  if (family === 4 || family === 6) return [{ address: host, family }]
  try {
    return await settings.resolve(host)
  } catch (cause) {
    throw new OutboundFault('unreachable', `the name ${host} was not found`, { retryable: true, cause })
  }
}

async function resolveAll(host: string): Promise<readonly Address[]> {
  const found = await dnsLookup(host, { all: true, order: 'verbatim' })
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
}

interface Sent {
  readonly answer: http.IncomingMessage | null
  readonly fault: unknown
  readonly reused: boolean
}

/** A kept-alive connection may have been closed by the other side just now: a reading request is sent again on a fresh one. */
async function sendOnce(
  url: URL,
  init: OutboundInit,
  addresses: readonly Address[],
  agents: Agents,
): Promise<http.IncomingMessage> {
  const repeatable = init.method === 'GET' || init.method === 'HEAD'
  for (let tries = repeatable ? 20 : 1; ; tries -= 1) {
    const sent = await send(url, init, addresses, agents)
    if (sent.answer) return sent.answer
    if (!sent.reused || tries <= 1 || init.signal.aborted) throw networkFault(url, sent.fault, init.signal)
  }
}

function send(url: URL, init: OutboundInit, addresses: readonly Address[], agents: Agents): Promise<Sent> {
  return new Promise((resolve) => {
    const secure = url.protocol === 'https:'
    const options: https.RequestOptions = {
      method: init.method,
      headers: { 'user-agent': 'holdpoint', 'accept-encoding': 'identity', ...contentLength(init), ...init.headers },
      signal: init.signal,
      agent: secure ? agents['https:'] : agents['http:'],
      lookup: pinned(addresses),
      ...(init.ca !== undefined && { ca: init.ca }),
    }
    const request = secure ? https.request(url, options) : http.request(url, options)
    request.on('response', (answer) => resolve({ answer, fault: null, reused: request.reusedSocket }))
    request.on('error', (fault) => resolve({ answer: null, fault, reused: request.reusedSocket }))
    request.end(init.body)
  })
}

function contentLength(init: OutboundInit): Record<string, string> {
  if (init.body === undefined) return {}
  return { 'content-length': String(Buffer.byteLength(init.body)) }
}

type LookupCallback = (
  error: Error | null,
  address: string | { address: string; family: number }[],
  family?: number,
) => void

function pinned(addresses: readonly Address[]): http.RequestOptions['lookup'] {
  return ((_host: string, options: { all?: boolean }, callback: LookupCallback) => {
    const [first] = addresses
    if (options.all) callback(null, [...addresses])
    else callback(null, first?.address ?? '', first?.family)
  }) as http.RequestOptions['lookup']
}

async function readBody(answer: http.IncomingMessage, signal: AbortSignal, cap: number, url: URL): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > cap) throw tooLarge(url, cap)
      chunks.push(chunk)
    }
  } catch (cause) {
    answer.destroy()
    if (cause instanceof OutboundFault) throw cause
    if (signal.aborted) throw networkFault(url, cause, signal)
    throw new OutboundFault('broken-answer', `${url.host} broke off in the middle of its answer`, {
      retryable: true,
      cause,
    })
  }
  return Buffer.concat(chunks)
}

function answerOf(answer: http.IncomingMessage, bytes: Buffer, cap: number, url: URL): OutboundAnswer {
  const body = decode(bytes, answer.headers['content-encoding'] ?? null, cap, url)
  const status = answer.statusCode ?? 0
  if (status < 200 || status > 599) {
    throw new OutboundFault('broken-answer', `${url.host} answered with the status ${status}`, { retryable: true })
  }
  const isEmpty = status === 204 || status === 205 || status === 304
  return new PlainAnswer(status, answer.rawHeaders, isEmpty ? Buffer.alloc(0) : body)
}

function decode(bytes: Buffer, encoding: string | null, cap: number, url: URL): Buffer {
  const options = { maxOutputLength: cap }
  try {
    switch (encoding?.toLowerCase().trim() ?? 'identity') {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(bytes, options)
      case 'deflate':
        return inflateSync(bytes, options)
      case 'br':
        return brotliDecompressSync(bytes, options)
      default:
        return bytes
    }
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(url, cap)
    throw new OutboundFault('broken-answer', `${url.host} sent a body that is not ${encoding}`, {
      retryable: true,
      cause,
    })
  }
}

function parse(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href)
  if (!url) throw refused(`"${text.slice(0, 200)}" is no address`)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused(`${url.protocol}// is not reached, only http:// and https://`)
  if (url.username !== '' || url.password !== '')
    throw refused('an address with a name or password in it is not used; send a header instead')
  return url
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}

/** Read as an address of HTTP, whose rules about names are the strict ones. */
function socketOf(text: string): { readonly url: URL; readonly port: number } {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(\/\/[^/?#]+)\/?$/i.exec(text) ?? []
  const url = rest === undefined ? null : URL.parse(`http:${rest}`)
  const written = /:(\d+)$/.exec(rest ?? '')?.[1]
  const port = written === undefined ? portsOfSchemes[(scheme ?? '').toLowerCase()] : Number(written)
  if (!url || port === undefined)
    throw refused(
      `"${text.slice(0, 200)}" is no address of a server; expected its scheme, name and port, such as smtp://mail.example.com:587`,
    )
  if (url.username !== '' || url.password !== '')
    throw refused('an address with a name or password in it is not used; name them as user: and password:')
  return { url, port }
}

function refused(message: string): OutboundFault {
  return new OutboundFault('refused', message, { retryable: false })
}

function tooLarge(url: URL, cap: number): OutboundFault {
  return new OutboundFault('too-large', `${url.host} answered with more than ${cap} bytes`, { retryable: false })
}

function networkFault(url: URL, cause: unknown, signal: AbortSignal): OutboundFault {
  if (signal.aborted)
    return new OutboundFault('aborted', `${url.host} did not answer in time`, { retryable: true, cause })
  return new OutboundFault('unreachable', `${url.host} ${whyUnreachable(codeOf(cause))}`, { retryable: true, cause })
}

const distrust = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/

/** What to do where it is no question of the network: the code alone says that to nobody. */
function whyUnreachable(code: string | null): string {
  if (code === null) return 'cannot be reached'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `has a certificate of another name (${code})`
  if (code === 'CERT_HAS_EXPIRED') return `has a certificate that ran out (${code})`
  if (distrust.test(code))
    return `has a certificate that is not trusted (${code}); of an authority of your own: \`ca\`, or NODE_EXTRA_CA_CERTS`
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return `cannot be reached over TLS (${code}); does it speak http:// there?`
  if (code === 'ECONNRESET' || code === 'EPIPE') return `hung up before it answered (${code})`
  return `cannot be reached (${code})`
}

function codeOf(cause: unknown): string | null {
  const fault = cause as { code?: unknown; errors?: readonly unknown[] }
  if (typeof fault.code === 'string') return fault.code
  return fault.errors?.[0] === undefined ? null : codeOf(fault.errors[0])
}

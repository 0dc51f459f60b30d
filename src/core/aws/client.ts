/** Asks AWS: signed requests, refusals in words, patience with limits. Whoever calls brings the requests, the time and the waiting. */
import type { OutboundAnswer } from '../ports/outbound.ts'
import type { Instant, Json, Millis } from '../units.ts'
import { type AwsService, endpointOf, signingOf } from './services.ts'
import { AwsFault } from './fault.ts'
import { roleKeys } from './role.ts'
import { type AwsCredentials, queryOf, signed } from './sign.ts'
import { nodesAt, readXml, textAt, type XmlNode } from './xml.ts'

export { AwsFault }

export interface AwsPlace {
  readonly credentials: AwsCredentials
  /** ARN of a role that they take on for everything that is asked; absent = they ask themselves. */
  readonly role?: string | null
  /** Null = only services that are in no region are asked. */
  readonly region: string | null
  /** Asked instead of the places of AWS; null = AWS itself. */
  readonly endpoint: string | null
}

export interface AwsPowers {
  readonly ask: (
    url: string,
    init: {
      readonly method: string
      readonly headers: Readonly<Record<string, string>>
      readonly body?: string | Uint8Array
    },
  ) => Promise<OutboundAnswer>
  readonly now: () => Instant
  readonly sleep: (ms: Millis) => Promise<void>
}

export interface AwsRequest {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'HEAD' | 'DELETE'
  /** Its parts encoded by `encodePart`; `/` where nothing is said. */
  readonly path?: string
  readonly query?: readonly (readonly [name: string, value: string])[]
  /** Names in small letters. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** It changes something, and is never sent again where it may have been done. */
  readonly changes?: boolean
}

export interface Aws {
  /** The answer of a request that was accepted. Throws AwsFault. */
  readonly ask: (service: AwsService, request: AwsRequest) => Promise<OutboundAnswer>
  /** An action of a service that is asked by a form and answers in XML: the element of its result. Throws AwsFault. */
  readonly form: (
    service: AwsService,
    version: string,
    action: string,
    values: Readonly<Record<string, string>>,
    given?: { readonly changes: boolean },
  ) => Promise<XmlNode>
  /** An action of a service that is asked in JSON. Throws AwsFault. */
  readonly json: (service: AwsService, target: string, body: Json) => Promise<Json>
  readonly now: () => Instant
  readonly sleep: (ms: Millis) => Promise<void>
}

const attempts = 5

export function awsAt(place: AwsPlace, powers: AwsPowers): Aws {
  const direct = askedWith((service, request) => patiently(service, request, place, powers), powers)
  const role = place.role ?? null
  if (role === null) return direct
  const keys = roleKeys(role)
  return askedWith(async (service, request) => {
    const credentials = await keys(direct)
    return patiently(service, request, { ...place, credentials }, powers)
  }, powers)
}

function askedWith(ask: Aws['ask'], powers: AwsPowers): Aws {
  return {
    ask,
    form: async (service, version, action, values, { changes } = { changes: false }) => {
      const body = queryOf(Object.entries({ ...values, Action: action, Version: version }))
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
      const answer = await ask(service, { method: 'POST', headers, body, changes })
      const [result] = nodesAt(xmlOf(await answer.text(), action), `${action}Result`)
      if (result === undefined) throw new AwsFault(`the answer to ${action} is not as AWS gives it`, '', answer.status)
      return result
    },
    json: async (service, target, body) => {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
      const answer = await ask(service, { method: 'POST', headers, body: JSON.stringify(body) })
      return jsonOf(await answer.text(), target)
    },
    now: powers.now,
    sleep: powers.sleep,
  }
}

/** The answer, or null where AWS says by this code or status that there is none. */
export async function orNone<T>(asked: Promise<T>, none: string | number): Promise<T | null> {
  try {
    return await asked
  } catch (fault) {
    if (fault instanceof AwsFault && (fault.code === none || fault.status === none)) return null
    throw fault
  }
}

/** An answer in XML, by its outermost element. Throws AwsFault. */
export function xmlOf(text: string, what: string): XmlNode {
  const root = readXml(text)
  if (root === null) throw new AwsFault(`the answer to ${what} is no XML, as AWS would give it`, '', 0)
  return root
}

/** Throws AwsFault. */
export function jsonOf(text: string, what: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new AwsFault(`the answer to ${what} is no JSON, as AWS would give it`, '', 0)
  }
}

/** Asked again after a limit, which means that nothing was done; after an outage only where nothing is changed. */
async function patiently(
  service: AwsService,
  request: AwsRequest,
  place: AwsPlace,
  powers: AwsPowers,
): Promise<OutboundAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await once(service, request, place, powers)
    if (answer.status >= 200 && answer.status < 300) return answer
    const fault = faultOf(answer, await answer.text(), service)
    const again = isLimit(fault) || (fault.status >= 500 && request.changes !== true)
    if (!again || attempt === attempts) throw fault
    await powers.sleep(250 * 2 ** attempt)
  }
}

function once(
  service: AwsService,
  { method = 'GET', path = '/', query = [], headers = {}, body = '' }: AwsRequest,
  { credentials, region, endpoint }: AwsPlace,
  powers: AwsPowers,
): Promise<OutboundAnswer> {
  const url = URL.parse(endpoint ?? endpointOf(service, region))
  if (url === null) throw new AwsFault(`${endpoint} is no address, expected one such as http://127.0.0.1:5000`, '', 0)
  const request = { method, host: url.host, path, query: queryOf(query), headers, body }
  const proven = signed(request, { ...signingOf(service, region), at: powers.now() }, credentials)
  const address = `${url.origin}${path}${request.query === '' ? '' : `?${request.query}`}`
  return powers.ask(address, { method, headers: proven, ...(body.length > 0 && { body }) })
}

const limits =
  /^(?:Throttl|SlowDown|TooManyRequests|RequestLimitExceeded|LimitExceeded$|PriorRequestNotComplete|RequestThrottled)/

function isLimit({ code, status }: AwsFault): boolean {
  return status === 429 || limits.test(code)
}

function faultOf(answer: OutboundAnswer, text: string, service: AwsService): AwsFault {
  const { status } = answer
  const { code, message } = saidIn(answer, text)
  const said = [code, message].filter((part) => part !== '').join(': ')
  const words =
    status === 301 || status === 307
      ? `it is in another region than the one that is named: ${answer.headers.get('x-amz-bucket-region') ?? said}`
      : code === 'RequestTimeTooSkewed' || code === 'RequestExpired' || /signature expired/i.test(message)
        ? `AWS does not accept the time of this machine, whose clock is wrong: ${said}`
        : code === 'SignatureDoesNotMatch' ||
            code === 'InvalidClientTokenId' ||
            code === 'InvalidAccessKeyId' ||
            code === 'UnrecognizedClientException' ||
            code === 'ExpiredToken' ||
            code === 'ExpiredTokenException'
          ? `AWS does not accept the keys: ${said}`
          : status >= 500
            ? `${service} of AWS has an outage: ${said}`
            : `AWS refuses: ${said === '' ? `it answers ${status}` : said}`
  return new AwsFault(`${words} (${status})`, code, status)
}

/** Each protocol of AWS says its refusals in its own place. */
function saidIn(answer: OutboundAnswer, text: string): { readonly code: string; readonly message: string } {
  const header = answer.headers.get('x-amzn-errortype')?.split(':')[0] ?? ''
  if (text.startsWith('{')) {
    const said = safeJson(text)
    const type =
      typeof said['__type'] === 'string' ? said['__type'] : typeof said['code'] === 'string' ? said['code'] : ''
    const message = said['message'] ?? said['Message']
    return {
      code: type.slice(type.lastIndexOf('#') + 1) || header,
      message: typeof message === 'string' ? message : '',
    }
  }
  const root = readXml(text)
  const error = root === null ? null : root.name === 'Error' ? root : (nodesAt(root, 'Error')[0] ?? null)
  const code = error === null ? null : textAt(error, 'Code')
  const plain = error === null ? '' : (textAt(error, 'Message') ?? '')
  return { code: code ?? header, message: plain }
}

function safeJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

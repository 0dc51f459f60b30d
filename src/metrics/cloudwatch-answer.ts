/** Asks CloudWatch with a signature, and reads its answers: all points of each query within the time, or why they are worth nothing. */
import { endpointOf, signingOf } from '../core/aws/services.ts'
import { awsAt } from '../core/aws/client.ts'
import { roleKeys } from '../core/aws/role.ts'
import { type AwsCredentials, queryOf, signed } from '../core/aws/sign.ts'
import { nodesAt, readXml, textAt, type XmlNode } from '../core/aws/xml.ts'
import type { MetricPowers } from '../core/ports/metrics.ts'
import type { Instant } from '../core/units.ts'
import { ask, isHtml, millisOf } from './answer.ts'

export interface CloudwatchPlace {
  readonly region: string
  readonly 'access-key': string
  readonly 'secret-key': string
  readonly 'session-token'?: string | undefined
  readonly role?: string | undefined
  readonly endpoint?: string | undefined
  readonly timeout: string | number
}

const mostBytes = 8_000_000
const version = '2010-08-01'

export interface Point {
  readonly at: Instant
  readonly value: number
}
export type Known<T> = { readonly known: T } | { readonly why: string }
/** A query that is sent: the id under which it is answered, and its parameters. */
export interface Sent {
  readonly id: string
  readonly values: Readonly<Record<string, string>>
}
export interface Span {
  readonly from: Instant
  readonly to: Instant
}

export type Keys = (powers: MetricPowers) => Promise<AwsCredentials>

/** Those that are given, or those of the role that they take on. */
export function keysOf(given: CloudwatchPlace): Keys {
  const { region, endpoint = null, role } = given
  const credentials: AwsCredentials = {
    accessKey: given['access-key'],
    secretKey: given['secret-key'],
    sessionToken: given['session-token'] ?? null,
  }
  if (role === undefined) return () => Promise.resolve(credentials)
  const kept = roleKeys(role)
  return (powers) => {
    const signal = AbortSignal.any([powers.signal, AbortSignal.timeout(millisOf(given.timeout))])
    return kept(
      awsAt(
        { credentials, region, endpoint },
        {
          ask: (url, { body, ...init }) =>
            powers.http(url, { ...init, ...(typeof body === 'string' && { body }), signal, redirect: 'manual' }),
          now: () => powers.clock.now(),
          sleep: (ms) => powers.clock.sleep(ms, signal),
        },
      ),
    )
  }
}

/** One action of CloudWatch, signed: the element of its result. Never throws. */
export async function asked(
  given: CloudwatchPlace,
  keys: Keys,
  action: string,
  values: Readonly<Record<string, string>>,
  powers: MetricPowers,
): Promise<Known<XmlNode>> {
  const { region, endpoint } = given
  const url = URL.parse(endpoint ?? endpointOf('monitoring', region))
  if (url === null) return { why: `${endpoint} is no address` }
  const body = queryOf(Object.entries({ Action: action, Version: version, ...values }))
  const request = {
    method: 'POST' as const,
    host: url.host,
    path: '/',
    query: '',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body,
  }
  const scope = { ...signingOf('monitoring', region), at: powers.clock.now() }
  let credentials: AwsCredentials
  try {
    credentials = await keys(powers)
  } catch (fault) {
    return { why: fault instanceof Error ? fault.message : String(fault) }
  }
  const headers = signed(request, scope, credentials)
  const sent = { method: request.method, url: `${url.origin}/`, headers, body }
  const answer = await ask(sent, { timeoutMs: millisOf(given.timeout), mostBytes }, powers)
  if (answer.kind === 'fault') return { why: answer.why }
  const root = readXml(answer.text)
  if (answer.status !== 200) return { why: refusalIn(root, answer.status) }
  if (isHtml(answer)) return { why: 'answered with an HTML page' }
  if (answer.text.trim() === '') return { why: 'answered with an empty page' }
  const [result] = root === null ? [] : nodesAt(root, `${action}Result`)
  return result === undefined ? { why: 'answered with what is no answer of CloudWatch' } : { known: result }
}

function refusalIn(root: XmlNode | null, status: number): string {
  const code = root === null ? null : textAt(root, 'Error', 'Code')
  const message = root === null ? null : textAt(root, 'Error', 'Message')
  return code === null
    ? `answered ${status}`
    : `refused: ${[code, message].filter(Boolean).join(': ').slice(0, 200)} (${status})`
}

/** Only whole answers count: CloudWatch says of each query whether it has all of it. */
export function pointsIn(
  result: XmlNode,
  sent: readonly Sent[],
  span: Span,
): Known<ReadonlyMap<string, readonly Point[]>> {
  const found = new Map<string, readonly Point[]>()
  if ((textAt(result, 'NextToken') ?? '') !== '') return { why: 'answered with more values than one answer holds' }
  for (const { id } of sent) {
    const rows = nodesAt(result, 'MetricDataResults', 'member').filter((row) => textAt(row, 'Id') === id)
    const [row] = rows
    if (row === undefined) return { why: `answered without ${id}` }
    // A query that groups has a row for each group.
    if (rows.length > 1) return { why: `answered with ${rows.length} series, exactly one expected: leave out GROUP BY` }
    const code = textAt(row, 'StatusCode')
    if (code !== 'Complete') return { why: `has not all of it (${code ?? 'it does not say'})` }
    const times = nodesAt(row, 'Timestamps', 'member').map(({ text }) => Date.parse(text))
    const values = nodesAt(row, 'Values', 'member').map(({ text }) => (text.trim() === '' ? Number.NaN : Number(text)))
    if (times.length !== values.length || values.some((value) => !Number.isFinite(value)))
      return { why: 'answered with what is no finite number' }
    if (times.some((at) => !(at >= span.from && at < span.to)))
      return { why: 'answered with a time that was not asked for' }
    found.set(
      id,
      times.map((at, index) => ({ at, value: values[index] ?? Number.NaN })).toSorted((a, b) => a.at - b.at),
    )
  }
  return { known: found }
}

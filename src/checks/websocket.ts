/** `yaml check kind: websocket`: a WebSocket lets in, says what it should in order, answers pings, or refuses whom it should. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { isPath } from './http-scenario/scenario.ts'
import { type Base, baseKinds, baseOf, onField } from './parts/base-source.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, millisOf } from './parts/fields.ts'
import { filledUrl, type Put, putter } from './parts/filled.ts'
import { judged } from './parts/judged.ts'
import { readText } from './parts/read-text.ts'
import { oneLine, sayMillis } from './parts/say.ts'
import { type Connection, type Greeting, openSocket, type Refused } from './websocket-talk/connection.ts'
import { talkSteps } from './websocket-talk/settings.ts'
import {
  awaitClose,
  parsed,
  sayClose,
  type Talk,
  type Talking,
  talkThrough,
  transcriptOf,
} from './websocket-talk/talk.ts'

const config = z
  .strictObject({
    on: onField,
    url: z
      .string()
      .regex(/^(wss?:\/\/|\{\{|\/(?![/\\]))/, {
        error: 'expected an address such as wss://api.example.com/live, or with on=NAME a path such as /live',
      })
      .describe('Address, or with `on` a path; {{ name }} and {{ secret.NAME }} are escaped for their place'),
    headers: z
      .record(z.string().regex(/^[\w-]+$/), z.string())
      .default({})
      .describe('Headers of the upgrade'),
    origin: z.string().min(1).optional().describe('The page that a browser would say it comes from'),
    protocols: z.array(z.string().min(1)).default([]).describe('Subprotocols that are offered'),
    ca: z
      .string()
      .min(1)
      .optional()
      .describe("File with the certificates that are trusted, instead of this Node's own"),
    refused: z
      .array(z.number().int().min(300).max(4999))
      .min(1)
      .optional()
      .describe(
        'It must not let in: statuses such as 401 and 403, or codes it closes with at once, such as 1008 and 4401',
      ),
    within: durationField.default('10s').describe('How long it may take to let in, or to close when it has to refuse'),
    beside: z.number().int().min(0).max(200).default(0).describe('As many more connections are open all the while'),
    steps: talkSteps
      .optional()
      .describe(
        'In this order, one word each: `expect: PATTERN` and `json: {…}` (a message that comes, `within: 10s`; others between are let by), `none: PATTERN` (no such message, `for: 5s`), `send: TEXT or {…}`, `ping: 100ms` (its pong comes in this time), `reconnect: true`, `closed: 1000` (it closes with this code)',
      ),
  })
  .refine((given) => isPath(given.url) === (given.on !== undefined), {
    path: ['url'],
    error: 'expected a path such as /live with `on`, and an address such as wss://api.example.com/live without it',
  })
  .refine((given) => given.refused === undefined || given.steps === undefined, {
    error: 'expected either `refused` or `steps`: who is refused has nothing to say',
  })

type Config = z.infer<typeof config>

export const websocket = defineCheck({
  kind: 'websocket',
  summary: 'A WebSocket lets in, says what it should in order, answers pings, or refuses whom it should',
  config,
  needs: ['place', 'secret', 'files', 'source'],
  sourceKinds: baseKinds,
  timeoutMs: 60_000,
  example:
    '```yaml check\nkind: websocket\nurl: wss://api.example.com/v1/streams/42/ws\nheaders: { authorization: "Bearer {{ secret.API_TOKEN }}" }\nsteps:\n  - json: { type: connection_established }\n  - send: { type: subscribe }\n  - expect: viewer_count\n    within: 2s\n  - ping: 100ms\n```',
  facts: {
    opened_ms: 'double',
    latency_ms: 'double',
    pong_ms: 'double',
    protocol: 'string',
    messages: 'list',
    count: 'int',
    close_code: 'int',
  },
  async run(given, powers) {
    const put = putter(powers)
    const url = addressOf(given, powers, put)
    const where = `${url.host}${url.pathname}`
    const open = await opener(url, given, powers, put)
    const opened = await open()
    if ('why' in opened) return notLetIn(where, opened, given, powers.signal)
    const talk: Talk = { connection: opened, next: 0, waits: [], pongs: [], earlier: [], notes: [] }
    const with_: Talking = { put, open, powers }
    const others: Connection[] = []
    try {
      if (given.refused !== undefined) return await letIn(where, talk, with_, given)
      if (opened.openedMs > millisOf(given.within))
        return failed(`${where} let in after ${sayMillis(opened.openedMs)}, expected within ${given.within}`)
      const full = await fillUp(given.beside, open, others)
      if (full !== null) return failed(`${where}: ${full}`)
      const end = await talkThrough(given.steps ?? [], talk, with_)
      return decide(where, talk, end, given, powers)
    } finally {
      await Promise.all([talk.connection, ...others].map((one) => one.leave()))
    }
  },
  async probe(given, powers) {
    const put = putter(powers)
    const url = addressOf(given, powers, put)
    const opened = await (await opener(url, given, powers, put))()
    if (!('why' in opened)) {
      await opened.leave()
      return { ok: true, say: `${url.host} lets in` }
    }
    return { ok: opened.status !== null && given.refused !== undefined, say: `${url.host}: ${opened.why}` }
  },
})

function baseFor({ on }: Config, powers: CheckPowers): Base | null {
  return on === undefined ? null : baseOf(on, powers)
}

function addressOf(given: Config, powers: CheckPowers, put: Put): URL {
  const base = baseFor(given, powers)?.url.replace(/^http/i, 'ws') ?? ''
  const url = URL.parse(`${base}${filledUrl(given.url, put)}`)
  if (url === null || !/^wss?:$/.test(url.protocol))
    throw new ConfigFault(`${given.url} does not come out as an address that begins with ws:// or wss://`)
  url.hash = ''
  return url
}

type Open = () => Promise<Connection | Refused>

async function opener(url: URL, given: Config, powers: CheckPowers, put: Put): Promise<Open> {
  const place = await powers.place(
    `${url.protocol}//${url.hostname}:${url.port || (url.protocol === 'wss:' ? 443 : 80)}`,
  )
  const greeting: Greeting = {
    url: url.href,
    headers: { ...baseFor(given, powers)?.headers, ...ownHeaders(given, put) },
    protocols: given.protocols.map((name) => put(name, 'header')),
    ...(given.origin === undefined ? {} : { origin: put(given.origin, 'header') }),
    ...(given.ca === undefined ? {} : { ca: await readText(powers, given.ca) }),
  }
  return () => openSocket(place, greeting, powers)
}

function ownHeaders({ headers }: Config, put: Put): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), put(value, 'header')]))
}

/** Only a status that was asked for is a refusal; that nobody answers proves nothing. */
function notLetIn(where: string, { status, why }: Refused, given: Config, signal: AbortSignal): CheckResult {
  const wanted = given.refused
  if (wanted === undefined || status === null)
    return {
      outcome: signal.aborted || (wanted !== undefined && status === null) ? 'errored' : 'failed',
      say: oneLine(`${where} does not let in: ${why}`),
      evidence: [],
    }
  if (wanted.includes(status)) return { outcome: 'passed', say: `${where} refuses with ${why}`, evidence: [] }
  return failed(`${where} answers ${why}, expected ${wanted.join(' or ')}`)
}

/** Some servers let everybody in and throw them out by a code. */
async function letIn(where: string, talk: Talk, with_: Talking, given: Config): Promise<CheckResult> {
  const codes = (given.refused ?? []).filter((code) => code >= 1000)
  if (codes.length === 0) return failed(`${where} let in, expected ${given.refused?.join(' or ')}`)
  const end = await awaitClose(talk, with_, codes, given.within)
  const closed = talk.connection.closed()
  if (end === null && closed !== null)
    return { outcome: 'passed', say: `${where} refuses: it closes with ${sayClose(closed)}`, evidence: [] }
  return failed(`${where} let in: ${end?.say ?? 'it stayed open'}`)
}

async function fillUp(count: number, open: Open, others: Connection[]): Promise<string | null> {
  const opened = await Promise.all(Array.from({ length: count }, open))
  for (const one of opened) if (!('why' in one)) others.push(one)
  const refused = opened.find((one) => 'why' in one)
  return refused === undefined ? null : `${others.length} of ${count} more connections opened: ${refused.why}`
}

function decide(
  where: string,
  talk: Talk,
  end: { readonly outcome: CheckResult['outcome']; readonly say: string } | null,
  given: Config,
  powers: CheckPowers,
): CheckResult {
  const { connection } = talk
  const heard = [...talk.earlier, ...connection.messages]
  const facts: Record<string, Json> = {
    opened_ms: connection.openedMs,
    latency_ms: talk.waits.length === 0 ? null : Math.max(...talk.waits),
    pong_ms: talk.pongs.length === 0 ? null : Math.max(...talk.pongs),
    protocol: connection.protocol,
    messages: heard.slice(0, 100).map((message) => parsed(message) ?? message.text.slice(0, 4_096)),
    count: heard.length,
    close_code: connection.closed()?.code ?? null,
  }
  const evidence = textEvidence('talk.txt', transcriptOf(talk))
  if (end !== null) return { ...end, say: oneLine(`${where}: ${end.say}`), evidence, facts }
  const parts = [
    `let in after ${sayMillis(connection.openedMs)}`,
    ...(talk.waits.length === 0 ? [] : [`${talk.waits.length} expected messages came`]),
    ...(talk.pongs.length === 0 ? [] : [`pong after ${sayMillis(Math.max(...talk.pongs))}`]),
    ...(given.beside === 0 ? [] : [`${given.beside} more beside it`]),
  ]
  return judged(powers, facts, { say: oneLine(`${where}: ${parts.join(', ')}`), evidence })
}

function failed(say: string): CheckResult {
  return { outcome: 'failed', say: oneLine(say), evidence: [] }
}

/** `yaml check kind: rtmp`: an ingest lets a publisher in, the stream appears and ends, or whoever has no key is refused. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, millisOf } from './parts/fields.ts'
import { filledUrl, putter } from './parts/filled.ts'
import { judged } from './parts/judged.ts'
import { tlsOf } from './parts/place-fields.ts'
import { oneLine, sayMillis, wordsOf } from './parts/say.ts'
import { faultResult, openWire, type Wire, WireFault } from './parts/wire.ts'
import { type Asking, type Look, lookUntil } from './rtmp-session/listed.ts'
import { connect, type Ingest, publish, type Publishing, Refusal } from './rtmp-session/publish.ts'

const config = z
  .strictObject({
    url: z
      .string()
      .regex(/^(?:rtmps?:\/\/[^/]+\/[^/]+\/.|.*\{\{)/, {
        error: 'expected an address such as rtmp://ingest.example.com/live/KEY',
      })
      .describe('Application and stream; the key as {{ secret.NAME }}'),
    ca: z
      .string()
      .min(1)
      .optional()
      .describe("For rtmps: file with the certificates that are trusted, instead of this Node's own"),
    publish: durationField
      .optional()
      .describe('How long to publish a test picture of 64 by 64 (H.264, no sound); without it only hands are shaken'),
    listed: z
      .string()
      .regex(/^(https?:\/\/|\{\{)/, { error: 'expected an address such as http://ingest.example.com/stat' })
      .optional()
      .describe(
        'Document in which the name of the stream stands as long as it is published (XML or JSON), and no longer',
      ),
    within: durationField.default('10s').describe('How long it may take to appear there, and to be gone'),
    refused: z.boolean().default(false).describe('Publishing, or the connection, has to be refused'),
  })
  .refine(({ listed, publish: length }) => listed === undefined || length !== undefined, {
    error: 'expected `publish` beside `listed`, such as publish: 5s',
  })
  .refine(({ listed, refused }) => listed === undefined || !refused, {
    error: 'expected `refused` without `listed`: who is refused publishes nothing',
  })

type Config = z.infer<typeof config>

export const rtmp = defineCheck({
  kind: 'rtmp',
  summary: 'An RTMP ingest lets a publisher in, the stream appears and ends, or whoever has no key is refused',
  config,
  needs: ['place', 'http', 'secret', 'files'],
  timeoutMs: 120_000,
  example:
    '```yaml check\nkind: rtmp\nurl: rtmp://ingest.example.com/live/{{ secret.API_TOKEN }}\npublish: 10s\nlisted: http://ingest.example.com/stat\nwithin: 5s\n```',
  facts: { connected_ms: 'double', published_ms: 'double', appeared_ms: 'double', gone_ms: 'double' },
  async run(given, powers) {
    const ingest = ingestOf(given, powers)
    let wire: Wire | null = null
    try {
      wire = await openAt(ingest, given, powers)
      return await visit(wire, ingest, given, powers)
    } catch (error) {
      if (error instanceof Refusal) return refusal(ingest, error.message, given)
      return faultResult(ingest.where, error, powers.signal)
    } finally {
      wire?.end()
    }
  },
  async probe(given, powers) {
    const ingest = ingestOf(given, powers)
    const wire = await openAt(ingest, given, powers)
    try {
      await connect(wire, ingest)
      return { ok: true, say: `${ingest.where} lets in` }
    } catch (fault) {
      return { ok: false, say: `${ingest.where}: ${wordsOf(fault)}` }
    } finally {
      wire.end()
    }
  },
})

/** Between two looks at what has been seen while the picture runs. */
const sliceMs = 200

interface Asked extends Ingest {
  readonly url: URL
  /** host:port and application, for sentences: the key is none of anybody's business. */
  readonly where: string
}

function ingestOf(given: Config, powers: CheckPowers): Asked {
  const url = URL.parse(filledUrl(given.url, putter(powers)))
  const [application, ...rest] = url?.pathname.split('/').slice(1) ?? []
  const stream = `${rest.join('/')}${url?.search ?? ''}`
  if (
    url === null ||
    !/^rtmps?:$/.test(url.protocol) ||
    application === undefined ||
    application === '' ||
    stream === ''
  )
    throw new ConfigFault(`${given.url} does not come out as rtmp://host/application/stream`)
  const port = url.port === '' ? (url.protocol === 'rtmps:' ? 443 : 1935) : Number(url.port)
  const address = `${url.protocol}//${url.hostname}:${port}/${application}`
  return {
    url,
    address,
    application,
    stream: decodeURIComponent(stream),
    where: `${url.hostname}:${port}/${application}`,
  }
}

async function openAt({ address, url }: Asked, given: Config, powers: CheckPowers): Promise<Wire> {
  const tls = await tlsOf({ tls: url.protocol === 'rtmps:', ca: given.ca }, powers)
  const server = address.slice(0, address.lastIndexOf('/'))
  return openWire(await powers.place(server), tls, powers.signal)
}

async function visit(wire: Wire, ingest: Asked, given: Config, powers: CheckPowers): Promise<CheckResult> {
  const { clock } = powers
  const begun = clock.now()
  const session = await connect(wire, ingest)
  const facts: Record<string, number | null> = {
    connected_ms: clock.now() - begun,
    published_ms: null,
    appeared_ms: null,
    gone_ms: null,
  }
  if (given.publish === undefined) {
    if (given.refused) return failed(`${ingest.where} lets in, expected a refusal`)
    return judged(powers, facts, {
      say: `${ingest.where} lets in after ${sayMillis(facts['connected_ms'] ?? 0)}`,
      evidence: [],
    })
  }
  const publishing = await publish(wire, session, ingest, powers)
  const startedAt = clock.now()
  const until = startedAt + millisOf(given.publish)
  if (given.refused) return afterItBegan(publishing, until, ingest, powers)
  const asking: Asking | null =
    given.listed === undefined
      ? null
      : { url: filledUrl(given.listed, putter(powers)), within: given.within, name: ingest.stream.split('?')[0] ?? '' }
  const appeared = await publishUntil(until, publishing, asking, powers)
  publishing.end()
  const endedAt = clock.now()
  facts['published_ms'] = endedAt - startedAt
  const said = [`${ingest.where} took ${sayMillis(facts['published_ms'])} of a test picture`]
  if (asking === null) return judged(powers, facts, { say: oneLine(said.join(', ')), evidence: [] })
  const evidence = textEvidence('listed.txt', appeared.text)
  if (appeared.why !== null)
    return {
      ...failed(`${ingest.where}: the stream does not appear within ${given.within}: ${appeared.why}`),
      facts,
      evidence,
    }
  facts['appeared_ms'] = appeared.at - startedAt
  const gone = await lookUntil(false, asking, powers)
  if (gone.why !== null)
    return {
      ...failed(`${ingest.where}: the stream is still listed ${given.within} after its end: ${gone.why}`),
      facts,
      evidence,
    }
  facts['gone_ms'] = Math.max(0, gone.at - endedAt)
  said.push(
    `it appeared after ${sayMillis(facts['appeared_ms'])} and was gone ${sayMillis(facts['gone_ms'])} after its end`,
  )
  return judged(powers, facts, { say: oneLine(said.join(', ')), evidence })
}

/** nginx says that a stream begins, and throws its publisher out a moment later: only one that stays was let in. */
async function afterItBegan(
  publishing: Publishing,
  until: number,
  ingest: Asked,
  powers: CheckPowers,
): Promise<CheckResult> {
  try {
    await publishing.run(until)
  } catch (fault) {
    if (powers.signal.aborted || !(fault instanceof WireFault)) throw fault
    throw new Refusal(`it begins, and then ${fault.message}`)
  }
  publishing.end()
  return failed(`${ingest.where} lets the stream begin and go on, expected a refusal`)
}

/** Publishes for its time, and as long as it takes to appear, whichever is longer. */
async function publishUntil(
  until: number,
  publishing: Publishing,
  asking: Asking | null,
  powers: CheckPowers,
): Promise<Look> {
  if (asking === null) {
    await publishing.run(until)
    return { why: null, at: until, text: '' }
  }
  const stop = new AbortController()
  const found: { look: Look | null } = { look: null }
  const looking = lookUntil(true, asking, { ...powers, signal: AbortSignal.any([powers.signal, stop.signal]) })
  void looking.then((look) => {
    found.look = look
  })
  try {
    while (found.look === null || powers.clock.now() < until) {
      await publishing.run(powers.clock.now() + sliceMs)
      if (found.look?.why) break
    }
  } finally {
    stop.abort('it has appeared, or never will')
  }
  return found.look ?? looking
}

function refusal({ where }: Asked, why: string, given: Config): CheckResult {
  if (given.refused) return { outcome: 'passed', say: oneLine(`${where} refuses: ${why}`), evidence: [] }
  return failed(`${where} refuses: ${why}`)
}

function failed(say: string): CheckResult {
  return { outcome: 'failed', say: oneLine(say), evidence: [] }
}

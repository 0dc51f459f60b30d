/** `yaml check kind: nats`: NATS lets in and answers, its streams and consumers are there and keep up, or whoever has no credentials is refused. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { greet, type Greeted, NatsFault, openNats } from './nats-session/protocol.ts'
import { textEvidence } from './parts/evidence.ts'
import { fill } from './parts/fields.ts'
import { putter } from './parts/filled.ts'
import { judged } from './parts/judged.ts'
import { hostField, passwordField, portField, reach, tlsFields, tlsOf } from './parts/place-fields.ts'
import { oneLine, sayMillis } from './parts/say.ts'
import { faultResult, openWire, type Wire } from './parts/wire.ts'

/** A token of a subject: nothing in it may reach another one. */
const name = z
  .string()
  .regex(/^[^\s.*>]+$/, { error: 'expected a name without blanks, ".", "*" and ">", such as ORDERS' })

const config = z
  .strictObject({
    host: hostField,
    port: portField(4222),
    ...tlsFields,
    user: z.string().min(1).optional().describe('Name, where `password` belongs to one'),
    password: passwordField.optional(),
    token: passwordField.optional(),
    stream: name.optional().describe('A stream of JetStream that has to be there'),
    consumer: name.optional().describe('A consumer of that stream that has to be there'),
    refused: z.boolean().default(false).describe('Whoever has no credentials must be refused'),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'expected `user` and `password` together; a token stands as token: "{{ secret.NAME }}"',
  })
  .refine(({ consumer, stream }) => consumer === undefined || stream !== undefined, {
    error: 'expected `stream` beside `consumer`',
  })
  .refine(({ refused, password, token, stream }) => !refused || (password ?? token ?? stream) === undefined, {
    error: 'expected `refused` without credentials and stream: who is refused can ask nothing',
  })

type Config = z.infer<typeof config>

export const nats = defineCheck({
  kind: 'nats',
  summary:
    'NATS lets in and answers, its streams and consumers are there and keep up, or whoever has no credentials is refused',
  config,
  needs: ['place', 'secret', 'files'],
  timeoutMs: 10_000,
  example:
    '```yaml check expect="consumer.num_pending < 100 && stream.state.messages > 0"\nkind: nats\nhost: nats.internal\ntoken: "{{ secret.API_TOKEN }}"\nstream: ORDERS\nconsumer: billing\n```',
  facts: { ping_ms: 'double', version: 'string', info: 'map', stream: 'map', consumer: 'map' },
  async run(given, powers) {
    const { place, where } = await reach('nats', given, powers)
    const tls = await tlsOf(given, powers)
    let wire: Wire | null = null
    try {
      wire = await openWire(place, null, powers.signal)
      const greeted = await greet(wire, tls)
      wire = greeted.wire
      return given.refused ? await refusal(where, greeted) : await look(where, greeted, given, powers)
    } catch (error) {
      if (error instanceof NatsFault) return answered(where, error)
      return faultResult(where, error, powers.signal)
    } finally {
      wire?.end()
    }
  },
  async probe(given, powers) {
    const { place, where } = await reach('nats', given, powers)
    const wire = await openWire(place, null, powers.signal)
    try {
      const greeted = await greet(wire, await tlsOf(given, powers))
      await (await openNats(greeted, credentials(given, powers))).ping()
      return { ok: true, say: `${where} lets in` }
    } finally {
      wire.end()
    }
  },
})

function credentials(given: Config, powers: CheckPowers): Readonly<Record<string, string>> {
  const put = putter(powers)
  return {
    ...(given.token === undefined ? {} : { auth_token: put(given.token, 'none') }),
    ...(given.user === undefined ? {} : { user: fill(given.user, powers.variables) }),
    ...(given.password === undefined ? {} : { pass: put(given.password, 'none') }),
  }
}

async function look(where: string, greeted: Greeted, given: Config, powers: CheckPowers): Promise<CheckResult> {
  const session = await openNats(greeted, credentials(given, powers))
  const started = powers.clock.now()
  await session.ping()
  const took = powers.clock.now() - started
  const { info } = greeted
  const facts: Record<string, Json> = {
    ping_ms: took,
    version: info['version'] ?? null,
    info,
    stream: null,
    consumer: null,
  }
  const parts = [`answers PING after ${sayMillis(took)}`]
  if (given.stream !== undefined) {
    const stream = await session.ask(`$JS.API.STREAM.INFO.${given.stream}`)
    facts['stream'] = stream
    parts.push(`${given.stream} holds ${sayNumberOf(stream, ['state', 'messages'])} messages`)
  }
  if (given.consumer !== undefined) {
    const consumer = await session.ask(`$JS.API.CONSUMER.INFO.${given.stream}.${given.consumer}`)
    facts['consumer'] = consumer
    parts.push(`${given.consumer} has ${sayNumberOf(consumer, ['num_pending'])} before it`)
  }
  const evidence = textEvidence('nats.json', `${JSON.stringify(facts, null, 2)}\n`, 'application/json')
  return judged(powers, facts, { say: oneLine(`${where} ${parts.join(', ')}`), evidence })
}

function sayNumberOf(value: Json, path: readonly string[]): string {
  const found = path.reduce<Json | undefined>(
    (at, key) => (at as Readonly<Record<string, Json>> | null | undefined)?.[key],
    value,
  )
  return typeof found === 'number' ? String(found) : 'an unknown number of'
}

async function refusal(where: string, greeted: Greeted): Promise<CheckResult> {
  try {
    await (await openNats(greeted, {})).ping()
    return { outcome: 'failed', say: `${where} lets in who has no credentials, expected a refusal`, evidence: [] }
  } catch (error) {
    if (!(error instanceof NatsFault) || error.about !== 'credentials') throw error
    return {
      outcome: 'passed',
      say: oneLine(`${where} refuses who has no credentials: ${error.message}`),
      evidence: [],
    }
  }
}

/** That our own credentials are not taken says nothing about the release; that a stream is missing does. */
function answered(where: string, fault: NatsFault): CheckResult {
  return {
    outcome: fault.about === 'release' ? 'failed' : 'errored',
    say: oneLine(`${where}: ${fault.message}`),
    evidence: [],
  }
}

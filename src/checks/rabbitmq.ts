/** `yaml check kind: rabbitmq`: RabbitMQ lets in, its queues are there, not too long and have consumers, or whoever has no account is refused. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { accessRefused, AmqpClosed, type Broker, type Login, openBroker, type Queue } from './amqp-session/protocol.ts'
import { textEvidence } from './parts/evidence.ts'
import { fill } from './parts/fields.ts'
import { putter } from './parts/filled.ts'
import { judged } from './parts/judged.ts'
import { hostField, passwordField, portField, reach, tlsFields, tlsOf } from './parts/place-fields.ts'
import { oneLine } from './parts/say.ts'
import { faultResult, openWire, type Wire } from './parts/wire.ts'

const config = z
  .strictObject({
    host: hostField,
    port: portField(5672),
    ...tlsFields,
    user: z.string().min(1).default('guest').describe('Account'),
    password: passwordField.optional(),
    vhost: z.string().min(1).default('/').describe('Virtual host'),
    queues: z
      .array(z.string().min(1).max(255))
      .min(1)
      .max(200)
      .optional()
      .describe('Queues that have to be there; asking makes none'),
    'max-messages': z.number().int().min(0).optional().describe('Most messages that may wait in each of them'),
    'min-consumers': z.number().int().min(0).optional().describe('Fewest consumers of each of them'),
    refused: z.boolean().default(false).describe('This account and a password that nobody has must be refused'),
  })
  .refine((given) => given.queues !== undefined || (given['max-messages'] ?? given['min-consumers']) === undefined, {
    error: 'expected `queues` beside `max-messages` and `min-consumers`, such as queues: [orders]',
  })
  .refine(({ refused, password, queues }) => !refused || (password === undefined && queues === undefined), {
    error: 'expected `refused` without password and queues: who is refused can ask nothing',
  })
  .refine(({ refused, password, user }) => refused || password !== undefined || user === 'guest', {
    error: 'expected a password for this user: password: "{{ secret.RABBITMQ }}"',
  })

type Config = z.infer<typeof config>

export const rabbitmq = defineCheck({
  kind: 'rabbitmq',
  summary:
    'RabbitMQ lets in, its queues are there, not too long and have consumers, or whoever has no account is refused',
  config,
  needs: ['place', 'secret', 'files'],
  timeoutMs: 15_000,
  example:
    '```yaml check\nkind: rabbitmq\nhost: mq.internal\nuser: probe\npassword: "{{ secret.API_TOKEN }}"\nvhost: shop\nqueues: [orders, mails]\nmax-messages: 1000\nmin-consumers: 1\n```',
  facts: { version: 'string', queues: 'map', messages: 'int', properties: 'map' },
  async run(given, powers) {
    const { place, where } = await reach(given.tls ? 'amqps' : 'amqp', given, powers)
    const tls = await tlsOf(given, powers)
    let wire: Wire | null = null
    try {
      wire = await openWire(place, tls, powers.signal)
      const broker = await openBroker(wire, loginOf(given, powers))
      if (given.refused) return failed(`${where} lets in ${given.user} with any password, expected a refusal`)
      return await look(where, broker, given, powers)
    } catch (error) {
      if (error instanceof AmqpClosed) return answered(where, error, given)
      return faultResult(where, error, powers.signal)
    } finally {
      wire?.end()
    }
  },
  async probe(given, powers) {
    const { place, where } = await reach(given.tls ? 'amqps' : 'amqp', given, powers)
    const wire = await openWire(place, await tlsOf(given, powers), powers.signal)
    try {
      await openBroker(wire, loginOf(given, powers))
      return { ok: !given.refused, say: `${where} lets in` }
    } finally {
      wire.end()
    }
  },
})

/** RabbitMQ makes this account, with this password, and lets it in only from its own machine. */
const usualPassword = 'guest'

function loginOf(given: Config, powers: CheckPowers): Login {
  const own = given.refused ? 'a password that nobody has' : usualPassword
  return {
    user: fill(given.user, powers.variables),
    password: given.password === undefined ? own : putter(powers)(given.password, 'none'),
    vhost: fill(given.vhost, powers.variables),
  }
}

async function look(where: string, broker: Broker, given: Config, powers: CheckPowers): Promise<CheckResult> {
  const found: Record<string, Queue> = {}
  for (const written of given.queues ?? []) {
    const name = fill(written, powers.variables)
    const queue = await queueOf(broker, name)
    if (queue === null) return failed(`${where}: there is no queue ${name} in ${given.vhost}`)
    found[name] = queue
  }
  const { properties } = broker
  const messages = Object.values(found).reduce((sum, queue) => sum + queue.messages, 0)
  const queues = Object.fromEntries(Object.entries(found).map(([name, queue]) => [name, { ...queue } as Json]))
  const facts: Record<string, Json> = { version: properties['version'] ?? null, messages, queues, properties }
  const evidence = textEvidence('rabbitmq.json', `${JSON.stringify(facts, null, 2)}\n`, 'application/json')
  const wrong = Object.entries(found).flatMap(([name, queue]) => limitProblem(name, queue, given))
  if (wrong.length > 0) return { outcome: 'failed', say: oneLine(`${where}: ${wrong.join('; ')}`), evidence, facts }
  const told = Object.entries(found).map(([name, queue]) => `${name} holds ${queue.messages} for ${queue.consumers}`)
  return judged(powers, facts, {
    say: oneLine(`${where} lets in${told.length === 0 ? '' : `: ${told.join(', ')}`}`),
    evidence,
  })
}

async function queueOf(broker: Broker, name: string): Promise<Queue | null> {
  try {
    return await broker.queue(name)
  } catch (error) {
    if (error instanceof AmqpClosed && error.code === 404) return null
    throw error
  }
}

function limitProblem(name: string, { messages, consumers }: Queue, given: Config): readonly string[] {
  const most = given['max-messages']
  const fewest = given['min-consumers']
  return [
    ...(most !== undefined && messages > most ? [`${name} holds ${messages} messages, at most ${most}`] : []),
    ...(fewest !== undefined && consumers < fewest ? [`${name} has ${consumers} consumers, at least ${fewest}`] : []),
  ]
}

/** That our own account is not let in says nothing about the release; that its virtual host is missing does. */
function answered(where: string, fault: AmqpClosed, given: Config): CheckResult {
  if (given.refused && fault.code === accessRefused)
    return { outcome: 'passed', say: oneLine(`${where} refuses: ${fault.message}`), evidence: [] }
  const isMissing = fault.code === 404 || (fault.code === 530 && fault.message.includes('not found'))
  return { outcome: isMissing ? 'failed' : 'errored', say: oneLine(`${where}: ${fault.message}`), evidence: [] }
}

function failed(say: string): CheckResult {
  return { outcome: 'failed', say: oneLine(say), evidence: [] }
}

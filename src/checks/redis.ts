/** `yaml check kind: redis`: Redis answers, in the role and with the numbers that it should have, or refuses who has no password. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { textEvidence } from './parts/evidence.ts'
import { fill } from './parts/fields.ts'
import { putter } from './parts/filled.ts'
import { judged } from './parts/judged.ts'
import { hostField, passwordField, portField, reach, tlsFields, tlsOf } from './parts/place-fields.ts'
import { oneLine, sayMillis } from './parts/say.ts'
import { faultResult, openWire, type Wire } from './parts/wire.ts'
import { ask, infoOf, RedisFault, type Reply } from './redis-session/resp.ts'

/** What only reads, and answers at once. */
const reading = [
  'BITCOUNT',
  'DBSIZE',
  'EXISTS',
  'EXPIRETIME',
  'GET',
  'GETRANGE',
  'HEXISTS',
  'HGET',
  'HLEN',
  'HMGET',
  'LASTSAVE',
  'LINDEX',
  'LLEN',
  'MGET',
  'PING',
  'PTTL',
  'ROLE',
  'SCARD',
  'SISMEMBER',
  'STRLEN',
  'TIME',
  'TTL',
  'TYPE',
  'XLEN',
  'ZCARD',
  'ZCOUNT',
  'ZRANK',
  'ZSCORE',
] as const

/** Of commands with a second word: those of it that only read. */
const readingTwo = ['CLUSTER INFO', 'MEMORY USAGE', 'PUBSUB NUMSUB', 'SLOWLOG LEN', 'XINFO GROUPS'] as const

function onlyReads(words: readonly string[]): boolean {
  const [first = '', second = ''] = words.map((word) => word.toUpperCase())
  return (
    reading.some((one) => one === first) || readingTwo.some((two) => two === `${first} ${second}`) || asksSetting(words)
  )
}

/** One setting by its whole name; those that are passwords, or lead to keys, are not asked for. */
function asksSetting([word = '', verb = '', name = '', ...more]: readonly string[]): boolean {
  if (word.toUpperCase() !== 'CONFIG' || verb.toUpperCase() !== 'GET' || more.length > 0) return false
  return /^[a-z][a-z-]*$/.test(name) && !/pass|auth|user|key|cert/.test(name)
}

const config = z
  .strictObject({
    host: hostField,
    port: portField(6379),
    ...tlsFields,
    user: z.string().min(1).optional().describe('Name for AUTH, where it is not the default one'),
    password: passwordField.optional(),
    role: z.enum(['master', 'replica']).optional().describe('What it has to be; a replica also has to be in touch'),
    database: z.number().int().min(0).max(9999).default(0).describe('Number of the database that `ask` looks into'),
    ask: z
      .array(z.union([z.string(), z.number()]).transform(String))
      .min(1)
      .refine(onlyReads, {
        error: `expected a command that only reads: ${[...reading, ...readingTwo].join(', ')}, or [CONFIG, GET, one setting that is no secret]`,
      })
      .optional()
      .describe(
        'A command that only reads, such as [LLEN, jobs] or [CONFIG, GET, maxmemory-policy]; its answer is `value`',
      ),
    refused: z.boolean().default(false).describe('Whoever has no password must be refused'),
  })
  .refine(({ refused, password, role, ask: asked }) => !refused || (!password && !role && !asked), {
    error: 'expected `refused` without password, role and ask: who is refused can ask nothing',
  })

type Config = z.infer<typeof config>

export const redis = defineCheck({
  kind: 'redis',
  summary: 'Redis answers, in the role and with the numbers that it should have, or refuses who has no password',
  config,
  needs: ['place', 'secret', 'files'],
  timeoutMs: 10_000,
  example:
    '```yaml check expect="info.connected_clients < 5000 && value < 100"\nkind: redis\nhost: redis.internal\npassword: "{{ secret.API_TOKEN }}"\nrole: master\nask: [LLEN, jobs]\n```',
  facts: { ping_ms: 'double', version: 'string', role: 'string', info: 'map', value: 'dyn' },
  async run(given, powers) {
    const { place, where } = await reach(given.tls ? 'rediss' : 'redis', given, powers)
    const tls = await tlsOf(given, powers)
    let wire: Wire | null = null
    try {
      wire = await openWire(place, tls, powers.signal)
      return given.refused ? await refusal(where, wire) : await look(where, wire, given, powers)
    } catch (error) {
      if (error instanceof RedisFault) return answered(where, error, given)
      return faultResult(where, error, powers.signal)
    } finally {
      wire?.end()
    }
  },
  async probe(given, powers) {
    const { place, where } = await reach(given.tls ? 'rediss' : 'redis', given, powers)
    const wire = await openWire(place, await tlsOf(given, powers), powers.signal)
    try {
      await letIn(wire, given, powers)
      return { ok: true, say: `${where} lets in` }
    } finally {
      wire.end()
    }
  },
})

async function letIn(wire: Wire, given: Config, powers: CheckPowers): Promise<void> {
  if (given.password === undefined) return
  const password = putter(powers)(given.password, 'none')
  const user = given.user === undefined ? [] : [fill(given.user, powers.variables)]
  await ask(wire, ['AUTH', ...user, password])
}

async function look(where: string, wire: Wire, given: Config, powers: CheckPowers): Promise<CheckResult> {
  await letIn(wire, given, powers)
  const started = powers.clock.now()
  const pong = await ask(wire, ['PING'])
  const took = powers.clock.now() - started
  if (pong !== 'PONG') return failed(`${where} answers PING with ${JSON.stringify(pong)}, expected PONG`)
  const said = given.role === undefined && powers.expectation === null ? '' : await infoText(wire)
  const info = infoOf(said)
  const words = given.ask?.map((word) => putter(powers)(word, 'none'))
  const value = words === undefined ? null : await askFor(wire, given.database, words)
  const facts: Record<string, Json> = {
    ping_ms: took,
    version: info['redis_version'] ?? null,
    role: info['role'] === 'slave' ? 'replica' : (info['role'] ?? null),
    info,
    value: value as Json,
  }
  const evidence = textEvidence('info.txt', said)
  const wrong = given.role === undefined ? null : roleProblem(given.role, info)
  if (wrong !== null) return { outcome: 'failed', say: oneLine(`${where} ${wrong}`), evidence, facts }
  const parts = [
    `answers PING after ${sayMillis(took)}`,
    ...(given.role === undefined ? [] : [`is a ${given.role}`]),
    ...(words === undefined ? [] : [`${words.join(' ')} is ${JSON.stringify(value)}`]),
  ]
  return judged(powers, facts, { say: oneLine(`${where} ${parts.join(', ')}`), evidence })
}

/** Where INFO is not allowed, what is expected of it cannot be decided, and nothing else is lost. */
async function infoText(wire: Wire): Promise<string> {
  try {
    return String((await ask(wire, ['INFO'])) ?? '')
  } catch (error) {
    if (error instanceof RedisFault && error.code === 'NOPERM') return ''
    throw error
  }
}

async function askFor(wire: Wire, database: number, words: readonly string[]): Promise<Reply> {
  if (database !== 0) await ask(wire, ['SELECT', String(database)])
  return ask(wire, words)
}

function roleProblem(wanted: 'master' | 'replica', info: Readonly<Record<string, string | number>>): string | null {
  const { role, master_link_status: link } = info
  if (role === undefined) return 'does not say its role'
  const is = role === 'slave' ? 'replica' : String(role)
  if (is !== wanted) return `is a ${is}, expected a ${wanted}`
  return wanted === 'replica' && link !== 'up' ? `is a replica whose link to its master is ${link ?? 'unknown'}` : null
}

async function refusal(where: string, wire: Wire): Promise<CheckResult> {
  try {
    const pong = await ask(wire, ['PING'])
    return failed(`${where} answers PING with ${JSON.stringify(pong)} to who has no password, expected NOAUTH`)
  } catch (error) {
    // Protected mode refuses by DENIED, whoever is no neighbour.
    if (!(error instanceof RedisFault) || !['NOAUTH', 'DENIED'].includes(error.code)) throw error
    return { outcome: 'passed', say: oneLine(`${where} refuses who has no password: ${error.message}`), evidence: [] }
  }
}

/** What it says of itself is about the release; that our own name or command is not taken is not. */
function answered(where: string, fault: RedisFault, { password }: Config): CheckResult {
  const ours =
    ['WRONGPASS', 'NOPERM', 'WRONGTYPE', 'ERR'].includes(fault.code) || (fault.code === 'NOAUTH' && !password)
  const hint = fault.code === 'NOAUTH' && !password ? '; give it as password: "{{ secret.NAME }}"' : ''
  return { outcome: ours ? 'errored' : 'failed', say: oneLine(`${where}: ${fault.message}${hint}`), evidence: [] }
}

function failed(say: string): CheckResult {
  return { outcome: 'failed', say: oneLine(say), evidence: [] }
}

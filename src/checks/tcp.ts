/** `yaml check kind: tcp`: something accepts connections at a host and port. */
import { connect, type LookupFunction } from 'node:net'
import { z } from 'zod'
import { type CheckDefinition, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { OutboundPlace } from '../core/ports/outbound.ts'
import { fill } from './parts/fields.ts'
import { hostField, numberOfPort } from './parts/place-fields.ts'
import { sayMillis, wordsOf } from './parts/say.ts'

const config = z.strictObject({
  host: hostField,
  port: numberOfPort,
})

export const tcp: CheckDefinition<z.infer<typeof config>> = defineCheck({
  kind: 'tcp',
  summary: 'Something accepts connections at a host and port',
  config,
  needs: ['place'],
  timeoutMs: 10_000,
  example: '```yaml check\nkind: tcp\nhost: db.internal\nport: 5432\n```',
  facts: { time_ms: 'double' },
  async run(given, powers) {
    const host = fill(given.host, powers.variables)
    const port = Number(fill(String(given.port), powers.variables))
    const place = `${host}:${port}`
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      return nothing('errored', `${host} has no port ${given.port}`)
    const reached = await powers.place(`tcp://${host.includes(':') ? `[${host}]` : host}:${port}`)
    const started = powers.clock.now()
    const ended = await knock(reached, powers.signal)
    const took = powers.clock.now() - started
    if (ended.kind === 'open')
      return {
        outcome: 'passed',
        say: `${place} accepts connections, after ${sayMillis(took)}`,
        evidence: [],
        facts: { time_ms: took },
      }
    if (ended.kind === 'refused') return nothing('failed', `${place} does not accept connections: ${ended.why}`)
    return nothing('errored', `${place} could not be tried: ${ended.why}`)
  },
  async probe(given, powers) {
    const { outcome, say } = await tcp.run(given, powers)
    return { ok: outcome === 'passed', say }
  },
})

type Ended = { readonly kind: 'open' } | { readonly kind: 'refused' | 'fault'; readonly why: string }

/** Nobody at home is an answer about the release; a name that is not found is a fault. */
const answers: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** All addresses of the name, as its resolver orders them; whoever opens first is enough. */
function knock({ host, port, addresses }: OutboundPlace, signal: AbortSignal): Promise<Ended> {
  const lookup: LookupFunction = (_host, _options, callback) => callback(null, [...addresses])
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal, lookup, autoSelectFamily: true })
    socket.once('connect', () => {
      resolve({ kind: 'open' })
      socket.destroy()
    })
    socket.once('error', (error) => {
      if (signal.aborted) return resolve({ kind: 'refused', why: 'no answer in time' })
      resolve({ kind: answers.has(codeOf(error)) ? 'refused' : 'fault', why: wordsOf(error) })
    })
  })
}

function codeOf(error: unknown): unknown {
  const { code, errors } = error as { code?: unknown; errors?: readonly unknown[] }
  return code ?? (errors?.[0] === undefined ? undefined : codeOf(errors[0]))
}

function nothing(outcome: 'failed' | 'errored', say: string): CheckResult {
  return { outcome, say, evidence: [] }
}

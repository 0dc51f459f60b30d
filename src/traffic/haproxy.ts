/** HAProxy through its runtime API: server weights of one backend. */
import { z } from 'zod'
import { parseDuration } from '../core/plan/duration.ts'
import { defineTrafficDriver, type Reading, type TrafficDriver, type TrafficPowers } from '../core/ports/traffic.ts'
import type { Served } from '../core/traffic/served-split.ts'
import type { WeightPercent } from '../core/units.ts'
import { askHaproxy, isAddress, readServers, type ServerRow } from './haproxy-socket.ts'
import { isReached, reachedBy, requireWeight, show } from './weight.ts'

const name = z
  .string()
  .regex(/^[A-Za-z0-9_.:{}-]+( [A-Za-z0-9_.:{}-]+)*$/, { error: 'expected a name as it stands in haproxy.cfg' })
const names = z.union([name, z.array(name).min(1)])
const config = z.strictObject({
  socket: z.string().min(1).describe('path of the stats socket (level admin), or HOST:PORT'),
  backend: name.describe('backend that holds the servers'),
  stable: names.describe('server, or servers, of the version in use'),
  canary: names.describe('server, or servers, of the new version'),
  timeout: z
    .string()
    .refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 3s' })
    .default('3s'),
})
type Config = z.infer<typeof config>

export const haproxy = defineTrafficDriver<Config>({
  kind: 'haproxy',
  summary: 'Server weights of an HAProxy backend, over the runtime API',
  config: config as unknown as z.ZodType<Config>,
  example: 'api: { traffic: haproxy, socket: /run/haproxy/admin.sock, backend: api, stable: api-v1, canary: api-v2 }',
  opensFile: ({ socket }) => (isAddress(socket) ? null : socket),
  open: (given) => open(config.parse(given)),
})

function open(given: Config): TrafficDriver {
  const stable = [given.stable].flat()
  const canary = [given.canary].flat()
  const known = parseDuration(given.timeout)
  const timeoutMs = known.ok ? known.value : 3000
  const ask = (line: string, powers: TrafficPowers): Promise<string> =>
    askHaproxy(given.socket, line, timeoutMs, powers.signal)

  const order = async (percent: WeightPercent, powers: TrafficPowers): Promise<void> => {
    requireWeight(percent)
    const weights = weightsFor(percent, canary.length, stable.length)
    const nearest = shareOfWeights(weights, canary.length, stable.length)
    if (!isReached(nearest, percent))
      throw new Error(
        `HAProxy cannot give ${show(percent)}: with ${canary.length} canary and ${stable.length} stable servers its whole weights come only to ${show(nearest)}.`,
      )
    const lines = [
      ...canary.map((server) => `set server ${given.backend}/${server} weight ${weights.canary}`),
      ...stable.map((server) => `set server ${given.backend}/${server} weight ${weights.stable}`),
    ]
    // One line, so that no request is balanced between the halves of an order.
    const answer = (await ask(lines.join('; '), powers)).trim()
    if (answer !== '') throw new Error(`HAProxy refused the weight ${show(percent)}: ${answer.replace(/\s+/g, ' ')}`)
  }

  const read = async (powers: TrafficPowers): Promise<Reading> => {
    try {
      const rows = readServers(await ask('show stat', powers), given.backend)
      return rows === null ? cannotTell(`HAProxy knows no backend ${given.backend}`) : shareOf(rows, canary, stable)
    } catch (error) {
      return cannotTell(error instanceof Error ? error.message : String(error))
    }
  }

  return {
    read,
    set: order,
    verify: async (percent, powers) => reachedBy(await read(powers), percent),
    restore: (powers) => order(0, powers),
    async counts(powers) {
      try {
        const rows = readServers(await ask('show stat', powers), given.backend)
        return rows === null ? { noData: `HAProxy knows no backend ${given.backend}` } : servedOf(rows, canary)
      } catch (error) {
        return { noData: error instanceof Error ? error.message : String(error) }
      }
    },
  }
}

/**
 * The smallest whole weights (1 to 256) whose share comes nearest; a weight above nothing always gets some traffic.
 * Both arms may have several servers, which share their arm's part evenly.
 */
export function weightsFor(
  percent: WeightPercent,
  canaries: number,
  stables: number,
): { readonly canary: number; readonly stable: number } {
  if (percent === 0) return { canary: 0, stable: 100 }
  if (percent === 100) return { canary: 100, stable: 0 }
  let best = { canary: 1, stable: 256, error: Number.POSITIVE_INFINITY }
  const consider = (canary: number, stable: number): void => {
    if (canary < 1 || canary > 256 || stable < 1 || stable > 256) return
    const share = shareOfWeights({ canary, stable }, canaries, stables)
    const error = Math.abs(share - percent)
    if (error < best.error - 1e-12) best = { canary, stable, error }
  }
  const ratio = (percent * stables) / ((100 - percent) * canaries)
  for (let weight = 1; weight <= 256; weight++) {
    consider(Math.max(1, Math.round(weight * ratio)), weight)
    consider(weight, Math.max(1, Math.round(weight / ratio)))
  }
  return best
}

function shareOfWeights(
  weights: { readonly canary: number; readonly stable: number },
  canaries: number,
  stables: number,
): WeightPercent {
  return (100 * weights.canary * canaries) / (weights.canary * canaries + weights.stable * stables)
}

/** The share of new requests that HAProxy gives the canary now: servers that take traffic, by weight, whoever set it. */
export function shareOf(rows: readonly ServerRow[], canary: readonly string[], stable: readonly string[]): Reading {
  const missing = [...canary, ...stable].find((server) => !rows.some((row) => row.server === server))
  if (missing !== undefined) return cannotTell(`HAProxy knows no server ${missing} in this backend`)
  const unreadable = rows.find((row) => !Number.isFinite(row.weight) || row.weight < 0)
  if (unreadable) return cannotTell(`the weight of ${unreadable.server} cannot be read`)
  const taking = rows.filter((row) => !row.isBackup && takesTraffic(row))
  const all = taking.reduce((sum, row) => sum + row.weight, 0)
  const words = rows
    .filter((row) => canary.includes(row.server) || stable.includes(row.server))
    .map((row) => `${row.server} ${row.weight}${takesTraffic(row) ? '' : ` (${row.status})`}`)
    .join(', ')
  if (all === 0) return cannotTell(`no server takes traffic: ${words}`)
  const percent =
    (100 * taking.filter((row) => canary.includes(row.server)).reduce((sum, row) => sum + row.weight, 0)) / all
  return { kind: 'weight', percent, say: `canary has ${show(percent)} (${words})` }
}

/** Whatever the canary did not serve, another server of the backend did. */
function servedOf(rows: readonly ServerRow[], names: readonly string[]): Served | { readonly noData: string } {
  const sum = (of: readonly ServerRow[]): number => of.reduce((all, { served }) => all + served, 0)
  const canary = sum(rows.filter(({ server }) => names.includes(server)))
  const stable = sum(rows.filter(({ server }) => !names.includes(server)))
  return Number.isFinite(canary + stable) ? { canary, stable } : { noData: 'HAProxy does not say what it served' }
}

/** `UP`, `UP 1/3` (failing), `no check`; `DRAIN` is what a weight of nothing looks like. */
function takesTraffic(row: ServerRow): boolean {
  return /^(UP|no check|DRAIN$)/.test(row.status)
}

function cannotTell(say: string): Reading {
  return { kind: 'cannot-tell', say }
}

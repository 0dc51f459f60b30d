/** Traefik by a file of its file provider: a weighted service. What runs is read back from its API, because it reads files when it likes. */
import { isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import { defineTrafficDriver, type Reading, type TrafficDriver, type TrafficPowers } from '../core/ports/traffic.ts'
import type { WeightPercent } from '../core/units.ts'
import { epochIn, ownerLine, readIfThere, replace } from './owned-file.ts'
import { reachedBy, requireWeight, show } from './weight.ts'

const name = z.string().regex(/^[\w.{}-]+( [\w.{}-]+)*$/, { error: 'expected the name of a service, without "@file"' })

const config = z.strictObject({
  file: z
    .string()
    .regex(/\.ya?ml$/, { error: 'expected a file that ends in .yml' })
    .describe('file in a folder that the file provider watches; Holdpoint writes it whole'),
  service: name.describe('weighted service that routers name as NAME@file; Holdpoint defines it in the file'),
  stable: name.describe('service of the version in use, defined in another file of the folder'),
  canary: name.describe('service of the new version'),
  api: z.url().describe("address of Traefik's API, such as http://127.0.0.1:8080"),
})
type Config = z.infer<typeof config>

export const traefik = defineTrafficDriver<Config>({
  kind: 'traefik',
  summary: 'A weighted service in a file for Traefik, read back from its API',
  config: config as unknown as z.ZodType<Config>,
  example:
    'api: { traffic: traefik, file: /etc/traefik/dynamic/api-weight.yml, service: api, stable: api-v1, canary: api-v2, api: "http://127.0.0.1:8080" }',
  opensFile: ({ file }) => file,
  // It gathers changes of files for two seconds, unless it was told otherwise.
  patienceMs: 30_000,
  open: (given) => open(config.parse(given)),
})

/** Hundredths of a percent as whole weights. */
const parts = 10_000
const apiTimeoutMs = 3000

function open(given: Config): TrafficDriver {
  const order = async (percent: WeightPercent, powers: TrafficPowers): Promise<void> => {
    requireWeight(percent)
    const canary = Math.round((percent / 100) * parts)
    if (percent > 0 && canary === 0) throw new Error(`The weights are hundredths of a percent, not ${percent} %.`)
    const running = await runningWeights(given, powers)
    if (powers.signal.aborted) throw new Error('cancelled')
    if (running.kind === 'unreachable' && percent > 0) throw new Error(running.say)
    const path = isAbsolute(given.file) ? given.file : resolve(powers.root, given.file)
    const epoch = epochIn(await readIfThere(path))
    if (epoch !== null && epoch > powers.epoch)
      throw new Error(`${given.file} was written by a later release (epoch ${epoch}, ours is ${powers.epoch}).`)
    await replace(path, textOf(given, percent, canary, powers))
    // All traffic to stable is written down whether or not Traefik can be asked: it may still read its files.
    if (running.kind === 'unreachable') throw new Error(running.say)
  }

  const read = async (powers: TrafficPowers): Promise<Reading> => {
    const running = await runningWeights(given, powers)
    return running.kind === 'weights' ? shareOf(running.weights, given) : { kind: 'cannot-tell', say: running.say }
  }

  return {
    read,
    set: order,
    verify: async (percent, powers) => reachedBy(await read(powers), percent),
    restore: (powers) => order(0, powers),
  }
}

function textOf(
  { service, stable, canary }: Config,
  percent: WeightPercent,
  weight: number,
  powers: TrafficPowers,
): string {
  const row = (each: string, its: number): string[] => [
    `          - name: ${JSON.stringify(each)}`,
    `            weight: ${its}`,
  ]
  return [
    ownerLine(percent, powers.epoch, powers.attempt),
    'http:',
    '  services:',
    `    ${JSON.stringify(service)}:`,
    '      weighted:',
    '        services:',
    ...row(stable, parts - weight),
    ...row(canary, weight),
    '',
  ].join('\n')
}

type Running =
  | { readonly kind: 'weights'; readonly weights: ReadonlyMap<string, number> }
  /** Traefik answers, and does not know the service, or has it as something else. */
  | { readonly kind: 'unknown'; readonly say: string }
  | { readonly kind: 'unreachable'; readonly say: string }

const answerShape = z.object({
  status: z.string(),
  error: z.array(z.string()).optional(),
  weighted: z.object({
    services: z.array(z.object({ name: z.string(), weight: z.number().int().nonnegative().default(1) })),
  }),
})

/** The service as Traefik runs it now. */
async function runningWeights({ api, service }: Config, powers: TrafficPowers): Promise<Running> {
  const url = `${api.replace(/\/$/, '')}/api/http/services/${encodeURIComponent(`${service}@file`)}`
  try {
    const signal = AbortSignal.any([powers.signal, AbortSignal.timeout(apiTimeoutMs)])
    const response = await powers.http(url, { method: 'GET', headers: { accept: 'application/json' }, signal })
    const text = await response.text()
    if (response.status === 404) return { kind: 'unknown', say: `Traefik knows no service ${service}@file` }
    if (response.status !== 200) return { kind: 'unreachable', say: `${url} answered ${response.status}` }
    const answer = answerShape.safeParse(JSON.parse(text))
    if (!answer.success) return { kind: 'unknown', say: `${service}@file is no weighted service of Traefik` }
    const { status, error, weighted } = answer.data
    if (status !== 'enabled')
      return { kind: 'unknown', say: `Traefik has ${service}@file as ${status}: ${(error ?? []).join(', ')}` }
    return { kind: 'weights', weights: new Map(weighted.services.map((one) => [bare(one.name), one.weight])) }
  } catch (error) {
    return { kind: 'unreachable', say: `${url}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** It shows names with their provider. */
function bare(shown: string): string {
  return shown.replace(/@file$/, '')
}

function shareOf(weights: ReadonlyMap<string, number>, { stable, canary }: Config): Reading {
  const [one, other] = [weights.get(stable), weights.get(canary)]
  if (one === undefined || other === undefined)
    return { kind: 'cannot-tell', say: `Traefik splits between ${[...weights.keys()].join(', ')}` }
  const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  if (all === 0) return { kind: 'cannot-tell', say: 'Traefik gives traffic to nobody' }
  const percent = (100 * other) / all
  return {
    kind: 'weight',
    percent,
    say: `Traefik gives the canary ${show(percent)} (${stable} ${one}, ${canary} ${other})`,
  }
}

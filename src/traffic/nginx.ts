/** nginx by an include file and a reload. What runs is read back over HTTP, because a reload returns before workers change. */
import { isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import { parseDuration } from '../core/plan/duration.ts'
import { defineTrafficDriver, type Reading, type TrafficDriver, type TrafficPowers } from '../core/ports/traffic.ts'
import type { WeightPercent } from '../core/units.ts'
import { saidBy } from './command-words.ts'
import { textOf } from './nginx-file.ts'
import { epochIn, readIfThere, replace } from './owned-file.ts'
import { reachedBy, requireWeight, show } from './weight.ts'

const config = z.strictObject({
  file: z.string().min(1).describe('include file in the `http` part of nginx.conf; Holdpoint writes it whole'),
  stable: z
    .string()
    .regex(/^[^\s;{}"'$\\]+$/, { error: 'expected the name of an upstream' })
    .describe('upstream of the version in use'),
  canary: z
    .string()
    .regex(/^[^\s;{}"'$\\]+$/, { error: 'expected the name of an upstream' })
    .describe('upstream of the new version'),
  reload: z
    .string()
    .min(1)
    .default('nginx -s reload')
    .describe('command that makes nginx read its configuration again'),
  live: z
    .string()
    .min(1)
    .describe('address of a location that answers with the running weight: return 200 $holdpoint_pool_weight;'),
  variable: z
    .string()
    .regex(/^[a-z_][a-z0-9_]*$/)
    .default('holdpoint_pool')
    .describe('variable for proxy_pass http://$holdpoint_pool;'),
  key: z
    .string()
    .regex(/^[^"\\\n{}]+$/)
    .default('$request_id')
    .describe('what decides the side; $remote_addr keeps a client on one side'),
  timeout: z
    .string()
    .refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 30s' })
    .default('30s'),
})
type Config = z.infer<typeof config>

export const nginx = defineTrafficDriver<Config>({
  kind: 'nginx',
  summary: 'A weight file for nginx (split_clients) and a reload',
  config: config as unknown as z.ZodType<Config>,
  example:
    'api: { traffic: nginx, file: /etc/nginx/holdpoint/api.conf, stable: api_v1, canary: api_v2, live: "http://127.0.0.1/holdpoint-weight" }',
  scripts: ['reload'],
  opensFile: ({ file }) => file,
  open: (given) => open(config.parse(given)),
})

/** Old workers answer for a moment after a reload: the new weight counts when this many fresh connections agree. */
const agreeing = 3
const liveTimeoutMs = 3000

function open(given: Config): TrafficDriver {
  const known = parseDuration(given.timeout)
  const timeoutMs = known.ok ? known.value : 30_000
  const pathIn = (powers: TrafficPowers): string =>
    isAbsolute(given.file) ? given.file : resolve(powers.root, given.file)

  const order = async (percent: WeightPercent, powers: TrafficPowers): Promise<void> => {
    requireWeight(percent)
    if (Number(percent.toFixed(2)) !== percent)
      throw new Error(`nginx splits by hundredths of a percent, not ${percent} %.`)
    const path = pathIn(powers)
    const before = await readIfThere(path)
    const epoch = epochIn(before)
    if (epoch !== null && epoch > powers.epoch)
      throw new Error(`${given.file} was written by a later release (epoch ${epoch}, ours is ${powers.epoch}).`)
    await replace(path, textOf(given, percent, powers.epoch, powers.attempt))
    const result = await powers.command({
      shell: 'bash',
      script: given.reload,
      timeoutMs,
      env: { HOLDPOINT_WEIGHT: String(percent) },
      cwd: null,
    })
    if (result.ended === 'exit' && result.exitCode === 0) return
    // A file that nginx has not read would take effect with somebody's next reload: the old one goes back.
    await replace(path, before)
    throw new Error(`nginx was not reloaded at ${show(percent)}: ${saidBy(result)}`)
  }

  const read = async (powers: TrafficPowers): Promise<Reading> => {
    const seen: number[] = []
    for (let i = 0; i < agreeing; i++) {
      const one = await liveWeight(given.live, powers)
      if (typeof one === 'string') return { kind: 'cannot-tell', say: one }
      seen.push(one)
    }
    const [percent = Number.NaN] = seen
    if (seen.some((one) => one !== percent))
      return { kind: 'cannot-tell', say: `old and new workers answer: ${seen.map(show).join(', ')}` }
    return { kind: 'weight', percent, say: `nginx runs with ${show(percent)} for the canary` }
  }

  return {
    read,
    set: order,
    verify: async (percent, powers) => reachedBy(await read(powers), percent),
    restore: (powers) => order(0, powers),
  }
}

/** The weight nginx answers with on a new connection, or why there is none. */
async function liveWeight(live: string, powers: TrafficPowers): Promise<number | string> {
  try {
    const signal = AbortSignal.any([powers.signal, AbortSignal.timeout(liveTimeoutMs)])
    const response = await powers.http(live, {
      method: 'GET',
      headers: { connection: 'close' },
      signal,
      redirect: 'manual',
    })
    const text = (await response.text()).slice(0, 200).trim()
    if (response.status !== 200) return `${live} answered ${response.status}`
    if (!/^\d{1,3}(\.\d{1,2})?$/.test(text) || Number(text) > 100) return `${live} answered no weight`
    return Number(text)
  } catch (error) {
    return `${live} cannot be reached: ${error instanceof Error ? error.message : String(error)}`
  }
}

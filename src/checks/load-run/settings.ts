/** Settings that every run of load has, and the run itself: guarded, pinned, in a process of its own. */
import { z } from 'zod'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { CommandResult } from '../../core/ports/launcher.ts'
import { ConfigFault, durationField, fill, millisOf } from '../parts/fields.ts'
import { whyProduction } from '../parts/production-guard.ts'
import { sayMillis } from '../parts/say.ts'
import { type LoadSettings, type LoadTold, script } from './script.ts'

const address = z
  .string()
  .regex(/^(https?:\/\/|\{\{)/, { error: 'expected an address, such as https://staging.shop.example/orders' })

export const loadFields = {
  url: address.describe('What is asked; every request carries `x-synthetic: holdpoint`'),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  headers: z.record(z.string().regex(/^[\w-]+$/), z.string()).default({}),
  body: z.string().optional(),
  token: z.string().min(1).optional().describe('Secret sent as `authorization: Bearer`'),
  users: z
    .number()
    .int()
    .min(1)
    .max(5_000)
    .describe('So many at once; with a rate, the most that wait for answers at once'),
  rate: z
    .number()
    .min(0.1)
    .max(20_000)
    .optional()
    .describe('Requests a second. Without it each user asks again when it has its answer'),
  pause: durationField.default('0s').describe('Between an answer and the next request of a user'),
  ramp: durationField.default('0s').describe('Users begin one after the other within this time, which is not measured'),
  'answer-within': durationField.default('10s').describe('Later answers are errors'),
  'max-errors': z
    .string()
    .regex(/^\d+(\.\d+)?%$/, { error: 'expected a share, such as 0.5%' })
    .default('1%')
    .describe('Greatest share without an answer, or with one above 399'),
  'max-lag': durationField
    .default('250ms')
    .describe('If the generator itself was later than this, nothing is said about the service'),
  production: z.array(z.string().min(1)).default([]).describe('Hosts that get no load'),
  'in-production': z.boolean().default(false).describe('Make this load even on production'),
}

const schema = z.strictObject(loadFields)
export type LoadGiven = z.infer<typeof schema>

export interface Plan {
  readonly forMs: number
  readonly everyMs: number
  readonly memory: { readonly url: string; readonly metric: string } | null
}

/** What the run told, or why there was none. Throws ConfigFault and OutboundFault. */
export async function runLoad(
  given: LoadGiven,
  plan: Plan,
  powers: CheckPowers,
): Promise<LoadTold | { readonly why: string }> {
  const url = fill(given.url, powers.variables)
  const production = given['in-production'] ? null : whyProduction(url, given.production, powers)
  if (production !== null)
    return { why: `${production}: nothing was sent; load a copy of it, or say in-production: true` }
  const settings: LoadSettings = {
    url,
    addresses: await addressesOf(url, powers),
    method: given.method,
    headers: Object.fromEntries(
      Object.entries(given.headers).map(([name, value]) => [name.toLowerCase(), fill(value, powers.variables)]),
    ),
    body: given.body === undefined ? null : fill(given.body, powers.variables),
    token: given.token ?? null,
    users: given.users,
    rate: given.rate ?? null,
    pauseMs: millisOf(given.pause),
    rampMs: millisOf(given.ramp),
    answerWithinMs: millisOf(given['answer-within']),
    forMs: plan.forMs,
    everyMs: plan.everyMs,
    memory: plan.memory === null ? null : { ...plan.memory, ...(await memoryPlace(plan.memory.url, powers)) },
  }
  const needed = settings.rampMs + settings.forMs + settings.answerWithinMs
  if (powers.timeoutMs < needed)
    throw new ConfigFault(
      `the run takes up to ${sayMillis(needed)}, and the check has ${sayMillis(powers.timeoutMs)}: give it a longer timeout`,
    )
  const env = { HOLDPOINT_LOAD: JSON.stringify(settings) }
  return toldIn(await powers.command({ shell: 'node', script, cwd: null, timeoutMs: powers.timeoutMs, env }))
}

async function addressesOf(url: string, powers: CheckPowers): Promise<LoadSettings['addresses']> {
  const { protocol, host } = new URL(url)
  return (await powers.place(`${protocol}//${host}`)).addresses
}

async function memoryPlace(
  given: string,
  powers: CheckPowers,
): Promise<{ readonly url: string; readonly addresses: LoadSettings['addresses'] }> {
  const url = fill(given, powers.variables)
  return { url, addresses: await addressesOf(url, powers) }
}

/** Its last line. */
function toldIn({ stdout, ended, why }: CommandResult): LoadTold | { readonly why: string } {
  const nothing = { why: `the load could not be made (${why ?? ended})` }
  if (ended !== 'exit') return nothing
  try {
    const told = JSON.parse(new TextDecoder().decode(stdout).trimEnd().split('\n').at(-1) ?? '') as LoadTold
    return typeof told.requests === 'number' && Array.isArray(told.buckets) ? told : nothing
  } catch {
    return nothing
  }
}

/** The ramp, what is measured, and the last answers. */
export function lastingOf(given: {
  readonly for: string
  readonly ramp: string
  readonly 'answer-within': string
}): number {
  return millisOf(given.for) + millisOf(given.ramp) + millisOf(given['answer-within'])
}

/** Three commands of the author's own: set, read, restore. */
import { z } from 'zod'
import { parseDuration } from '../core/plan/duration.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import { defineTrafficDriver, type Reading, type TrafficDriver, type TrafficPowers } from '../core/ports/traffic.ts'
import type { WeightPercent } from '../core/units.ts'
import { lastLine, saidBy } from './command-words.ts'
import { reachedBy, requireWeight, show } from './weight.ts'

const config = z.strictObject({
  set: z.string().min(1).describe('orders the weight in $HOLDPOINT_WEIGHT (percent, no sign)'),
  read: z.string().min(1).describe('prints the weight as it is now, in percent, on its last line'),
  restore: z.string().min(1).optional().describe('gives all traffic to stable; without it, set runs with weight 0'),
  shell: z.enum(['bash', 'posix', 'python', 'node']).default('bash'),
  cwd: z.string().min(1).optional().describe("folder to start in, from the checklist's own"),
  timeout: z
    .string()
    .refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 30s' })
    .default('30s'),
})
type Config = z.infer<typeof config>

export const command = defineTrafficDriver<Config>({
  kind: 'command',
  summary: 'Commands that set, read and restore the weight',
  config: config as unknown as z.ZodType<Config>,
  example: 'web: { traffic: command, set: ./shift.sh, read: ./read-weight.sh, restore: ./restore.sh }',
  scripts: ['set', 'read', 'restore'],
  open: (given) => open(config.parse(given)),
})

function open(given: Config): TrafficDriver {
  const known = parseDuration(given.timeout)
  const timeoutMs = known.ok ? known.value : 30_000
  const run = (script: string, env: Readonly<Record<string, string>>, powers: TrafficPowers): Promise<CommandResult> =>
    powers.command({ shell: given.shell, script, timeoutMs, env, cwd: given.cwd ?? null })

  const act = async (script: string, percent: WeightPercent, powers: TrafficPowers): Promise<void> => {
    requireWeight(percent)
    const result = await run(script, { HOLDPOINT_WEIGHT: String(percent) }, powers)
    if (result.ended !== 'exit' || result.exitCode !== 0)
      throw new Error(`The weight ${show(percent)} was not set: ${saidBy(result)}`)
  }

  const read = async (powers: TrafficPowers): Promise<Reading> => {
    const result = await run(given.read, {}, powers)
    if (result.ended !== 'exit' || result.exitCode !== 0)
      return { kind: 'cannot-tell', say: `the weight cannot be read: ${saidBy(result)}` }
    const percent = percentIn(lastLine(result.stdout))
    if (percent === null)
      return { kind: 'cannot-tell', say: `the weight cannot be read: "${lastLine(result.stdout)}" is no percentage` }
    return { kind: 'weight', percent, say: `canary has ${show(percent)}` }
  }

  return {
    read,
    set: (percent, powers) => act(given.set, percent, powers),
    verify: async (percent, powers) => reachedBy(await read(powers), percent),
    restore: (powers) => act(given.restore ?? given.set, 0, powers),
  }
}

/** `25`, `25%`, `12.5 %`; anything else is nothing. */
function percentIn(text: string): WeightPercent | null {
  const found = /^(\d{1,3}(?:\.\d+)?)\s*%?$/.exec(text)
  const percent = found ? Number(found[1]) : Number.NaN
  return percent <= 100 ? percent : null
}

/** `yaml check kind: aws-cost`: what the last days cost stays under a limit, and near what the days before cost. */
import { z } from 'zod'
import { type DailyCost, dailyCosts } from '../core/aws/watching.ts'
import { awsAddresses, awsFields, awsSecrets } from '../core/aws/fields.ts'
import { defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { awsFor, filledBy } from './aws-state/asked.ts'
import { found, told } from './aws-state/told.ts'
import { counted, type Finding } from './parts/finding.ts'

const config = z.strictObject({
  days: z.number().int().min(1).max(180).default(7).describe('How many whole days, up to yesterday, in UTC'),
  max: z.number().positive().optional().describe('All of them together cost at most this much'),
  'max-per-day': z.number().positive().optional().describe('No day costs more than this'),
  'max-rise': z
    .string()
    .regex(/^\d+(?:\.\d+)?%$/, { error: 'expected a part such as 20%' })
    .optional()
    .describe('They cost at most this much more than as many days before them'),
  unit: z.string().min(1).default('USD').describe('Currency that the account is billed in'),
  service: z.string().min(1).optional().describe('Only this service, as bills call it, such as AWS Lambda'),
  tag: z
    .string()
    .regex(/^[^=]+=.+$/, { error: 'expected name=value such as team=shop' })
    .optional()
    .describe('Only what carries this tag, name=value'),
  metric: z
    .enum(['UnblendedCost', 'AmortizedCost', 'NetUnblendedCost', 'NetAmortizedCost'])
    .default('UnblendedCost')
    .describe('Which costs'),
  ...awsFields,
})

type Config = z.infer<typeof config>

const DAY = 86_400_000

export const awsCost = defineCheck({
  kind: 'aws-cost',
  summary:
    'What the last days cost at AWS stays under a limit, and near what the days before cost (each look costs 0.01 USD)',
  config: config.refine(
    ({ max, 'max-per-day': daily, 'max-rise': rise }) => [max, daily, rise].some((each) => each !== undefined),
    {
      error: 'expected a limit, such as max: 500',
    },
  ),
  needs: ['http', 'secret'],
  addresses: awsAddresses(['cost']),
  secrets: awsSecrets,
  timeoutMs: 60_000,
  example: '```yaml check\nkind: aws-cost\ndays: 7\nmax: 500\nmax-rise: 20%\ntag: team=shop\n```',
  facts: { amount: 'double', before: 'double', highest_day: 'double', days: 'int', estimated: 'bool' },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const end = Math.floor(powers.clock.now() / DAY) * DAY
    const first = end - asked.days * DAY
    const rows = await dailyCosts(awsFor(asked, powers), {
      start: dayOf(asked['max-rise'] === undefined ? first : first - asked.days * DAY),
      end: dayOf(end),
      filter: filterOf(asked),
      metric: asked.metric,
    })
    const now = rows.filter(({ day }) => day >= dayOf(first))
    const before = rows.filter(({ day }) => day < dayOf(first))
    const lines = rows.map(
      ({ day, amount, unit, isEstimated }) => `${day} ${amount} ${unit}${isEstimated ? ' (estimated)' : ''}`,
    )
    return told(`${dayOf(first)} to ${dayOf(end - DAY)}`, look(now, before, asked), lines, powers)
  },
})

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function filterOf({ service, tag }: Config): Json | null {
  const all: Json[] = []
  if (service !== undefined) all.push({ Dimensions: { Key: 'SERVICE', Values: [service] } })
  if (tag !== undefined)
    all.push({ Tags: { Key: tag.slice(0, tag.indexOf('=')), Values: [tag.slice(tag.indexOf('=') + 1)] } })
  return all.length > 1 ? { And: all } : (all[0] ?? null)
}

function look(now: readonly DailyCost[], before: readonly DailyCost[], given: Config): readonly Finding[] {
  const { days, max, unit } = given
  const daily = given['max-per-day']
  const other = [...now, ...before].find((each) => each.unit !== unit)
  if (other !== undefined) return [found('unknown', `it is billed in ${other.unit}, not in ${unit}`)]
  const amount = sum(now)
  const highest = Math.max(0, ...now.map((each) => each.amount))
  const facts = { amount, highest_day: highest, days: now.length, estimated: now.some((each) => each.isEstimated) }
  const open = facts.estimated ? ' (still estimated)' : ''
  const findings = [
    found(
      true,
      `${say(amount, unit)}${open} in ${counted(days, 'day')}${max === undefined ? '' : `, at most ${max} allowed`}`,
      facts,
    ),
  ]
  if (max !== undefined && amount > max)
    findings.push(found(false, `${counted(now.length, 'day')} cost ${say(amount, unit)}, at most ${max} allowed`))
  if (daily !== undefined && highest > daily)
    findings.push(found(false, `a day cost ${say(highest, unit)}, at most ${daily} allowed`))
  if (now.length < days) findings.push(found('unknown', `${now.length} of ${counted(days, 'day')} are known`))
  return given['max-rise'] === undefined ? findings : [...findings, rise(amount, before, given['max-rise'], given)]
}

function rise(amount: number, before: readonly DailyCost[], limit: string, { days, unit }: Config): Finding {
  const then = sum(before)
  const facts = { before: then }
  if (before.length < days || then <= 0)
    return found('unknown', `${before.length} of the ${counted(days, 'day')} before are known`, facts)
  const percent = (100 * (amount - then)) / then
  const isGood = percent <= Number(limit.slice(0, -1))
  const change = `${percent >= 0 ? '+' : ''}${percent.toFixed(1)} % against the ${counted(days, 'day')} before (${say(then, unit)})`
  return found(isGood, `${change}, at most +${limit} allowed`, facts)
}

function sum(days: readonly DailyCost[]): number {
  return days.reduce((all, { amount }) => all + amount, 0)
}

function say(amount: number, unit: string): string {
  return `${amount.toFixed(2)} ${unit}`
}

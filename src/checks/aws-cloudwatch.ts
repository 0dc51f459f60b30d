/** `yaml check kind: aws-cloudwatch`: alarms are there, active and quiet, and dashboards show the metrics they should. */
import { z } from 'zod'
import type { Aws } from '../core/aws/client.ts'
import { awsAddresses, awsFields, awsRegion, awsSecrets } from '../core/aws/fields.ts'
import { type Alarm, alarmsOf, dashboardOf } from '../core/aws/watching.ts'
import { defineCheck } from '../core/ports/check.ts'
import { awsFor, filledBy } from './aws-state/asked.ts'
import { found, told } from './aws-state/told.ts'
import { counted, type Finding, listed } from './parts/finding.ts'

const name = z.string().min(1)

const config = z.strictObject({
  region: awsRegion,
  alarms: z
    .union([z.literal('all'), z.array(name).min(1)])
    .optional()
    .describe('`all` there are, at least one, or each of these names'),
  'alarm-prefix': name.optional().describe('With alarms: all, only those whose names begin so'),
  quiet: z.boolean().default(true).describe('None of them may be in alarm; false = they only have to be there'),
  active: z.boolean().default(true).describe('Each tells whom it should: its actions are enabled'),
  dashboards: z.array(name).min(1).optional().describe('Dashboards that have to be there'),
  'dashboard-metrics': z
    .array(name)
    .min(1)
    .optional()
    .describe('Names of metrics, each of which one of these dashboards shows'),
  ...awsFields,
})

type Config = z.infer<typeof config>

export const awsCloudwatch = defineCheck({
  kind: 'aws-cloudwatch',
  summary: 'Alarms of CloudWatch are there, active and quiet, and dashboards show the metrics they should',
  config: config
    .refine((given) => given.alarms !== undefined || given.dashboards !== undefined, {
      error: 'expected alarms or dashboards, such as alarms: all',
    })
    .refine((given) => given['dashboard-metrics'] === undefined || given.dashboards !== undefined, {
      error: 'expected the dashboards that show them',
      path: ['dashboard-metrics'],
    })
    .refine((given) => given['alarm-prefix'] === undefined || given.alarms === 'all', {
      error: 'expected alarms: all beside it',
      path: ['alarm-prefix'],
    }),
  needs: ['http', 'secret'],
  addresses: awsAddresses(['monitoring']),
  secrets: awsSecrets,
  timeoutMs: 120_000,
  example:
    '```yaml check\nkind: aws-cloudwatch\nregion: eu-west-1\nalarms: [api-latency, api-5xx, queue-failures, db-cpu]\ndashboards: [shop]\ndashboard-metrics: [CheckoutErrors]\n```',
  facts: { alarms: 'int', in_alarm: 'list', without_data: 'list', inactive: 'list', missing: 'list' },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const aws = awsFor(asked, powers)
    const alarms = asked.alarms === undefined ? [] : await alarmsAsked(aws, asked)
    const findings = [
      ...(asked.alarms === undefined ? [] : [alarmFinding(alarms, asked)]),
      ...(asked.dashboards === undefined ? [] : await dashboardFindings(aws, asked.dashboards, asked)),
    ]
    const lines = alarms.map(
      (each) => `${each.state} ${each.isActive ? 'active' : 'inactive'} ${each.name}: ${each.reason}`,
    )
    return told(`CloudWatch in ${asked.region}`, findings, lines, powers)
  },
  async probe(given, powers) {
    const asked = filledBy(config, given, powers)
    const alarms = await alarmsOf(awsFor(asked, powers), { names: ['holdpoint-probe'] })
    return { ok: true, say: `CloudWatch in ${asked.region} answers (${alarms.length} alarms)` }
  },
})

function alarmsAsked(aws: Aws, { alarms, 'alarm-prefix': prefix = '' }: Config): Promise<readonly Alarm[]> {
  return alarmsOf(aws, Array.isArray(alarms) ? { names: alarms } : { prefix })
}

function alarmFinding(alarms: readonly Alarm[], given: Config): Finding {
  const there = alarms.map((each) => each.name)
  const named = (is: (alarm: Alarm) => boolean): string[] => alarms.filter(is).map((each) => each.name)
  const missing = Array.isArray(given.alarms) ? given.alarms.filter((each) => !there.includes(each)) : []
  const loud = named(({ state }) => state === 'ALARM')
  const silent = named(({ state }) => state !== 'ALARM' && state !== 'OK')
  const inactive = named(({ isActive }) => !isActive)
  const facts = { alarms: alarms.length, in_alarm: loud, without_data: silent, inactive, missing }
  const wrong = [
    ...(missing.length > 0 ? [`there is no alarm ${listed(missing)}`] : []),
    ...(given.quiet && loud.length > 0 ? [`in alarm: ${listed(loud)}`] : []),
    ...(given.active && inactive.length > 0 ? [`actions are not enabled: ${listed(inactive)}`] : []),
  ]
  if (wrong.length > 0) return found(false, wrong.join('; '), facts)
  if (alarms.length === 0) return found(false, 'there is no alarm, at least one expected', facts)
  if (given.quiet && silent.length > 0) return found('unknown', `without enough data: ${listed(silent)}`, facts)
  return found(true, `${counted(alarms.length, 'alarm')}${given.quiet ? ', all OK' : ' there'}`, facts)
}

async function dashboardFindings(aws: Aws, names: readonly string[], given: Config): Promise<readonly Finding[]> {
  const texts = new Map<string, string | null>()
  for (const each of names) texts.set(each, await dashboardOf(aws, each))
  const missing = names.filter((each) => texts.get(each) === null)
  if (missing.length > 0) return [found(false, `there is no dashboard ${listed(missing)}`)]
  const shown = new Set([...texts.values()].flatMap((text) => textsIn(text ?? '')))
  const lacks = (given['dashboard-metrics'] ?? []).filter((metric) => !shown.has(metric))
  if (lacks.length > 0) return [found(false, `no dashboard shows ${listed(lacks)}`)]
  return [found(true, `${counted(names.length, 'dashboard')} there`)]
}

/** Every text in the body of a dashboard; a metric stands in it as its own text. */
function textsIn(body: string): readonly string[] {
  const found: string[] = []
  const read = (value: unknown): void => {
    if (typeof value === 'string') found.push(value)
    else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) read(inner)
  }
  try {
    read(JSON.parse(body))
  } catch {
    return []
  }
  return found
}

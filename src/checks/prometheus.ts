/** `yaml check kind: prometheus`: targets are up, rules are loaded and healthy, alerts are quiet or fire, metrics have samples. */
import { z } from 'zod'
import { type CheckPowers, defineCheck } from '../core/ports/check.ts'
import { textEvidence } from './parts/evidence.ts'
import { durationField, millisOf } from './parts/fields.ts'
import { filledBy } from './parts/filled-settings.ts'
import { type Finding, judgedFindings, factsOf, linesOf } from './parts/finding.ts'
import { type Service, serviceAt, serviceFields, servicePlaceProblem, serviceSecrets } from './parts/service-api.ts'
import { alertFindings } from './prometheus-state/alerts.ts'
import { alertmanagersOf, found, labelNamesOf, rulesOf, targetsOf } from './prometheus-state/api.ts'
import { ruleFindings } from './prometheus-state/rules.ts'
import { mostPoints, seriesFindings } from './prometheus-state/series.ts'
import { targetFindings } from './prometheus-state/targets.ts'

const kinds = ['prometheus', 'http']
const name = z.string().min(1)
const ruleName = name.describe('Name of an alerting rule')

const wantedRule = z
  .strictObject({
    alert: name.optional(),
    record: name.optional(),
    expr: name.optional().describe('The whole expression'),
    'expr-has': z
      .union([name.transform((one) => [one]), z.array(name).min(1)])
      .optional()
      .describe('Parts of it'),
    for: durationField.optional(),
    labels: z.record(z.string(), z.string()).optional(),
  })
  .refine(
    ({ alert, record, labels }) => (record === undefined ? (alert ?? labels) !== undefined : alert === undefined),
    {
      error: 'expected alert: NAME or record: NAME, such as { alert: HighErrorRate, labels: { severity: P1 } }',
    },
  )

const config = z.strictObject({
  ...serviceFields('Prometheus', kinds),
  targets: z
    .union([z.literal('all'), z.array(name).min(1), z.record(name, z.number().int().min(1))])
    .optional()
    .describe('Jobs whose targets are up: `all`, names, or names with the fewest such as `{ api: 3 }`'),
  'may-be-down': z.number().int().min(0).default(0).describe('So many targets may be down all the same'),
  rules: z
    .union([z.literal('all'), z.array(z.union([ruleName, wantedRule])).min(1)])
    .optional()
    .describe(
      'Rules that are loaded and evaluated: `all`, names of alerts, or `{ alert, record, expr, expr-has, for, labels }` of which each that is said is as it says',
    ),
  firing: z
    .union([z.literal('none'), z.array(name).min(1)])
    .optional()
    .describe('`none`: no alert fires; names: each of these alerts fires'),
  where: z
    .record(name, z.union([name.transform((one) => [one]), z.array(name).min(1)]))
    .default({})
    .describe('With firing, only alerts with these labels, such as `{ severity: [P1, P2] }`'),
  except: z.array(name).default([]).describe('With firing: none, alerts that may, such as one that always fires'),
  pending: z.boolean().default(false).describe('With firing, those that still wait count as well'),
  alertmanagers: z.number().int().min(1).optional().describe('Alerts are sent to at least so many Alertmanagers'),
  metrics: z
    .array(
      z.string().regex(/^(?:[a-zA-Z_:][\w:]*|[\w:]*\{\{[^}]*\}\}[\w:]*)$/, { error: 'expected the name of a metric' }),
    )
    .min(1)
    .optional()
    .describe('Each has samples now'),
  'without-gaps': durationField.optional().describe('With metrics, and had them over all of this time'),
  silence: durationField.default('1m').describe('With metrics: longer than this without a sample is a gap'),
})

type Config = z.infer<typeof config>

const questions = ['targets', 'rules', 'firing', 'alertmanagers', 'metrics'] as const

export const prometheus = defineCheck({
  kind: 'prometheus',
  summary: 'Prometheus scrapes its targets, has its rules, and no alert fires, or the ones that should',
  config: config.superRefine((given, context) => {
    const problem = problemOf(given)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  }),
  needs: ['http', 'source', 'secret'],
  secrets: serviceSecrets,
  timeoutMs: 60_000,
  example:
    '```yaml check\nkind: prometheus\non: metrics\ntargets: { api: 3, worker: 1 }\nrules:\n  - QueueStuck\n  - { alert: HighErrorRate, expr-has: "> 0.05", for: 5m, labels: { severity: P1 } }\nfiring: none\nwhere: { severity: [P1, P2] }\n```',
  facts: {
    targets_up: 'int',
    targets_down: 'list',
    rules: 'int',
    rules_missing: 'list',
    rules_sick: 'list',
    firing: 'list',
    alertmanagers: 'int',
    series: 'map',
    series_missing: 'list',
    gaps: 'list',
  },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const service = serviceAt(asked, kinds, powers)
    const findings = await findingsOf(service, asked, powers)
    const evidence = textEvidence('prometheus.txt', `${linesOf(findings).join('\n')}\n`)
    return judgedFindings(asked.on ?? service.where, findings, factsOf(findings), powers, { evidence })
  },
  async probe(given, powers) {
    const service = serviceAt(given, kinds, powers)
    const rules = await rulesOf(service)
    return { ok: true, say: `${service.where} answers, ${rules.length} rules` }
  },
})

function problemOf(given: Config): string | null {
  const place = servicePlaceProblem(given)
  if (place !== null) return place
  if (questions.every((one) => given[one] === undefined))
    return `expected at least one of ${questions.join(', ')}, such as targets: all`
  const isNone = given.firing === 'none'
  if (Object.keys(given.where).length > 0 && given.firing === undefined)
    return 'expected firing beside where, such as firing: none'
  if (given.except.length > 0 && !isNone) return 'expected firing: none beside except'
  if (given['without-gaps'] === undefined) return null
  if (given.metrics === undefined) return 'expected the metrics that have no gaps'
  const points = millisOf(given['without-gaps']) / millisOf(given.silence)
  return points >= 1 && points <= mostPoints
    ? null
    : `expected without-gaps to be from one to ${mostPoints} times silence, such as without-gaps: 1h and silence: 1m`
}

async function findingsOf(service: Service, asked: Config, powers: CheckPowers): Promise<readonly Finding[]> {
  const { targets, rules: wanted, firing, alertmanagers, metrics } = asked
  const now = powers.clock.now()
  const rules = wanted === undefined && firing === undefined ? [] : await rulesOf(service)
  const isNarrow = firing !== undefined && Object.keys(asked.where).length > 0
  const seriesLabels = isNarrow ? await labelNamesOf(service) : new Set<string>()
  const jobs = targets === undefined || targets === 'all' ? null : Array.isArray(targets) ? oneEach(targets) : targets
  return [
    ...(targets === undefined
      ? []
      : targetFindings(await targetsOf(service), jobs && new Map(Object.entries(jobs)), asked['may-be-down'], now)),
    ...(wanted === undefined
      ? []
      : ruleFindings(
          rules,
          wanted === 'all' ? null : wanted.map((one) => (typeof one === 'string' ? { alert: one } : one)),
          now,
        )),
    ...(firing === undefined
      ? []
      : alertFindings(rules, { ...asked, firing: firing === 'none' ? null : firing, seriesLabels }, now)),
    ...(alertmanagers === undefined ? [] : [told(await alertmanagersOf(service), alertmanagers)]),
    ...(metrics === undefined
      ? []
      : await seriesFindings(
          service,
          {
            metrics,
            overMs: asked['without-gaps'] === undefined ? null : millisOf(asked['without-gaps']),
            silenceMs: millisOf(asked.silence),
          },
          now,
        )),
  ]
}

function oneEach(jobs: readonly string[]): Record<string, number> {
  return Object.fromEntries(jobs.map((job) => [job, 1]))
}

function told(addresses: readonly string[], least: number): Finding {
  const say = `alerts are sent to ${addresses.length} Alertmanagers`
  const facts = { alertmanagers: addresses.length }
  return addresses.length >= least
    ? found('good', say, facts, addresses)
    : found('bad', `${say}, expected at least ${least}`, facts, addresses)
}

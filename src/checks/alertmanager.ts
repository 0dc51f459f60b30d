/** `yaml check kind: alertmanager`: alerts would reach whom they should, nothing is silenced that should not be, and none is active. */
import { z } from 'zod'
import { type CheckPowers, defineCheck } from '../core/ports/check.ts'
import { type Labels, matcherOf, readRoutes, routesFor } from './alertmanager-state/routes.ts'
import { textEvidence } from './parts/evidence.ts'
import { filledBy } from './parts/filled-settings.ts'
import { counted, type Finding, judgedFindings, listed, factsOf, linesOf } from './parts/finding.ts'
import { oneLine } from './parts/say.ts'
import { type Service, serviceAt, serviceFields, servicePlaceProblem, serviceSecrets } from './parts/service-api.ts'

const kinds = ['http']
const name = z.string().min(1)
const oneOrMore = z.union([name.transform((one) => [one]), z.array(name).min(1)])
const labels = z.record(name, z.string())

const config = z.strictObject({
  ...serviceFields('Alertmanager', kinds),
  receivers: z.array(name).min(1).optional().describe('Names of receivers that are configured'),
  reaches: z
    .array(
      z.strictObject({
        alert: labels.describe('Its labels'),
        to: oneOrMore.describe('Receivers, each of which is told'),
      }),
    )
    .min(1)
    .optional()
    .describe(
      'Whom an alert with these labels would reach, such as `{ alert: { severity: P1 }, to: pager }`; none is sent',
    ),
  silences: z
    .literal('none')
    .optional()
    .describe('No silence is active, or with `where` none that hides such an alert'),
  silenced: labels.optional().describe('An alert with these labels is silenced, such as during maintenance'),
  firing: z
    .union([z.literal('none'), z.array(name).min(1)])
    .optional()
    .describe('`none`: no alert is active, silenced or not; names: each of these alerts is'),
  where: z.record(name, oneOrMore).default({}).describe('With firing and silences, only alerts with these labels'),
  except: z
    .array(name)
    .default([])
    .describe('With firing: none, alerts that may be active, such as one that always is'),
  peers: z.number().int().min(1).optional().describe('So many of them at least stand together'),
})

type Config = z.infer<typeof config>

const questions = ['receivers', 'reaches', 'silences', 'silenced', 'firing', 'peers'] as const

export const alertmanager = defineCheck({
  kind: 'alertmanager',
  summary: 'Alerts would reach whom they should, nothing is silenced that should not be, and none is active',
  config: config.superRefine((given, context) => {
    const problem = problemOf(given)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  }),
  needs: ['http', 'source', 'secret'],
  secrets: serviceSecrets,
  timeoutMs: 30_000,
  example:
    '```yaml check\nkind: alertmanager\nurl: http://alertmanager.internal:9093\nreaches:\n  - { alert: { alertname: HighErrorRate, severity: P1 }, to: [pager, chat] }\n  - { alert: { severity: P3 }, to: chat }\nsilences: none\nfiring: none\nwhere: { severity: [P1, P2] }\n```',
  facts: { receivers: 'list', silences: 'list', firing: 'list', peers: 'int' },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const service = serviceAt(asked, kinds, powers)
    const findings = await findingsOf(service, asked, powers)
    const evidence = textEvidence('alertmanager.txt', `${linesOf(findings).join('\n')}\n`)
    return judgedFindings(asked.on ?? service.where, findings, factsOf(findings), powers, { evidence })
  },
  async probe(given, powers) {
    const service = serviceAt(given, kinds, powers)
    const status = await service.shaped(statusShape, '/api/v2/status')
    return { ok: true, say: `${service.where} answers, cluster ${oneLine(status.cluster.status)}` }
  },
})

function problemOf(given: Config): string | null {
  const place = servicePlaceProblem(given)
  if (place !== null) return place
  if (questions.every((one) => given[one] === undefined))
    return `expected at least one of ${questions.join(', ')}, such as firing: none`
  if (given.except.length > 0 && given.firing !== 'none') return 'expected firing: none beside except'
  const isUsed = given.firing !== undefined || given.silences !== undefined
  return Object.keys(given.where).length > 0 && !isUsed ? 'expected firing or silences beside where' : null
}

const statusShape = z.looseObject({
  cluster: z.looseObject({ status: z.string(), peers: z.array(z.unknown()).default([]) }),
  config: z.looseObject({ original: z.string() }),
})
const silenceShape = z.looseObject({
  id: z.string(),
  comment: z.string().default(''),
  createdBy: z.string().default(''),
  endsAt: z.string(),
  status: z.looseObject({ state: z.string() }),
  matchers: z.array(
    z.looseObject({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean().default(true) }),
  ),
})
type Silence = z.infer<typeof silenceShape>

async function findingsOf(service: Service, asked: Config, powers: CheckPowers): Promise<readonly Finding[]> {
  const { receivers, reaches, silences, silenced, firing, peers } = asked
  const needsStatus = reaches !== undefined || peers !== undefined
  const status = needsStatus ? await service.shaped(statusShape, '/api/v2/status') : null
  const active =
    silences === undefined && silenced === undefined ? [] : await activeSilences(service, powers.clock.now())
  return [
    ...(receivers === undefined ? [] : [await receiverFinding(service, receivers)]),
    ...(reaches === undefined || status === null ? [] : reachFindings(status.config.original, reaches)),
    ...(silences === undefined ? [] : [noSilence(active, asked.where)]),
    ...(silenced === undefined ? [] : [isSilenced(active, silenced)]),
    ...(firing === undefined ? [] : [await firingFinding(service, asked, firing)]),
    ...(peers === undefined || status === null ? [] : [peersFinding(status.cluster.peers.length, peers)]),
  ]
}

async function receiverFinding(service: Service, wanted: readonly string[]): Promise<Finding> {
  const known = (await service.shaped(z.array(z.looseObject({ name: z.string() })), '/api/v2/receivers')).map(
    (one) => one.name,
  )
  const missing = wanted.filter((one) => !known.includes(one))
  const facts = { receivers: known }
  if (missing.length > 0) return finding('bad', `there is no receiver ${listed(missing)}`, [], facts)
  return finding('good', `receivers ${listed(wanted)}`, [], facts)
}

function reachFindings(original: string, reaches: NonNullable<Config['reaches']>): readonly Finding[] {
  const route = readRoutes(original)
  return reaches.map(({ alert, to }) => {
    const ends = routesFor(route, alert)
    const told = [...new Set(ends.map(({ receiver }) => receiver))]
    const missing = to.filter((one) => !told.includes(one))
    const what = `an alert ${said(alert)}`
    if (missing.length > 0) return finding('bad', `${what} reaches ${listed(told)}, not ${listed(missing)}`)
    const timed = to.find((one) => ends.every(({ receiver, isTimed }) => receiver !== one || isTimed))
    return timed === undefined
      ? finding('good', `${what} reaches ${listed(told)}`)
      : finding('unknown', `${what} reaches ${timed} only at some times, by its time intervals`)
  })
}

async function activeSilences(service: Service, now: number): Promise<readonly Silence[]> {
  const all = await service.shaped(z.array(silenceShape), '/api/v2/silences')
  return all.filter(({ status, endsAt }) => status.state === 'active' && Date.parse(endsAt) > now)
}

/** With `where` a silence counts that could hide such an alert: one whose other labels are not known. */
function noSilence(silences: readonly Silence[], where: Config['where']): Finding {
  const hiding = silences.filter(({ matchers }) =>
    matchers.every((one) => {
      const values = where[one.name]
      return values === undefined || values.some((value) => matches(one, value))
    }),
  )
  const facts = { silences: hiding.map(({ id }) => id) }
  const [first] = hiding
  if (first === undefined) return finding('good', 'no silence is active', [], facts)
  const lines = hiding.map((one) => `${one.id}\t${one.createdBy}\t${one.endsAt}\t${oneLine(one.comment, 200)}`)
  const by = `by ${oneLine(first.createdBy, 60)} until ${first.endsAt}: ${oneLine(first.comment, 80)}`
  return finding('bad', `${counted(hiding.length, 'silence')} active, the first ${by}`, lines, facts)
}

function isSilenced(silences: readonly Silence[], alert: Labels): Finding {
  const hides = silences.find(({ matchers }) => matchers.every((one) => matches(one, alert[one.name] ?? '')))
  return hides === undefined
    ? finding('bad', `an alert ${said(alert)} is not silenced`)
    : finding('good', `an alert ${said(alert)} is silenced until ${hides.endsAt}`)
}

function matches({ name: label, value, isRegex, isEqual }: Silence['matchers'][number], given: string): boolean {
  return matcherOf(label, isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=', value).accepts(given)
}

async function firingFinding(
  service: Service,
  { where, except }: Config,
  firing: NonNullable<Config['firing']>,
): Promise<Finding> {
  const shape = z.array(
    z.looseObject({ labels: z.record(z.string(), z.string()), status: z.looseObject({ state: z.string() }) }),
  )
  const alerts = (await service.shaped(shape, '/api/v2/alerts'))
    .filter((one) => !except.includes(one.labels['alertname'] ?? ''))
    .filter((one) => Object.entries(where).every(([label, values]) => values.includes(one.labels[label] ?? '')))
  const names = [...new Set(alerts.map((one) => one.labels['alertname'] ?? 'without a name'))].toSorted()
  const lines = alerts.map((one) => `${one.status.state}\t${JSON.stringify(one.labels)}`)
  const facts = { firing: names }
  if (firing === 'none')
    return names.length === 0
      ? finding('good', 'no alert is active', [], facts)
      : finding('bad', `${counted(names.length, 'alert')} active: ${listed(names)}`, lines, facts)
  const quiet = firing.filter((one) => !names.includes(one))
  if (quiet.length > 0)
    return finding('bad', `${listed(quiet)} ${quiet.length === 1 ? 'is' : 'are'} not active`, lines, facts)
  return finding('good', `${listed(firing)} active`, lines, facts)
}

function peersFinding(count: number, least: number): Finding {
  const say = `${counted(count, 'peer')} in the cluster`
  return count >= least
    ? finding('good', say, [], { peers: count })
    : finding('bad', `${say}, expected at least ${least}`, [], { peers: count })
}

function said(alert: Labels): string {
  return `{${Object.entries(alert)
    .map(([label, value]) => `${label}=${value}`)
    .join(', ')}}`
}

function finding(
  state: Finding['state'],
  say: string,
  lines: readonly string[] = [],
  facts: Finding['facts'] = {},
): Finding {
  return { state, say, lines, facts }
}

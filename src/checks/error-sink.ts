/** `yaml check kind: error-sink`: an error tracker takes a test event and shows it, and has no more issues than it may. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type CheckPowers, defineCheck } from '../core/ports/check.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, millisOf } from './parts/fields.ts'
import { filledBy } from './parts/filled-settings.ts'
import { counted, type Finding, judgedFindings, listed, factsOf, linesOf } from './parts/finding.ts'
import { oneLine, sayMillis } from './parts/say.ts'
import { authOf, envelopeOf, readDsn } from './parts/sentry-event.ts'
import { type Service, serviceAt, serviceFields, servicePlaceProblem, serviceSecrets } from './parts/service-api.ts'

const kinds = ['http']
const slug = z
  .string()
  .regex(/^[\w.-]+$|\{\{/, { error: 'expected a short name as it stands in addresses, such as shop-api' })

const config = z.strictObject({
  ...serviceFields('Sentry, or what answers like it', kinds),
  organization: slug.describe('Its short name'),
  send: z
    .record(
      slug,
      z.string().refine((text) => text.includes('{{') || readDsn(text) !== null, {
        error: 'expected a DSN such as https://KEY@o1.ingest.sentry.io/42',
      }),
    )
    .optional()
    .describe('By project its DSN: a test event is sent there and has to be seen in the project'),
  within: durationField.default('2m').describe('With send: how long it may take until it is seen'),
  every: durationField.default('2s').describe('How often it is looked for'),
  issues: z
    .string()
    .min(1)
    .optional()
    .describe('Search of issues such as `is:unresolved level:fatal firstRelease:{{ version }}`, as written in Sentry'),
  projects: z.array(slug).min(1).optional().describe('With issues: projects that are searched; else those of send'),
  last: durationField.default('24h').describe('With issues: only those first seen in this time'),
  'at-most': z.number().int().min(0).max(99).default(0).describe('How many issues there may be'),
  'may-be-silent': z
    .boolean()
    .default(false)
    .describe('No issue counts even where the project took no event at all in this time'),
})

type Config = z.infer<typeof config>

export const errorSink = defineCheck({
  kind: 'error-sink',
  summary: 'An error tracker takes a test event and shows it, and has no more issues than it may',
  config: config.superRefine((given, context) => {
    const problem = problemOf(given)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  }),
  needs: ['http', 'source', 'secret'],
  secrets: serviceSecrets,
  timeoutMs: 600_000,
  example:
    '```yaml check\nkind: error-sink\nurl: https://sentry.example.com\ntoken: API_TOKEN\norganization: acme\nsend: { shop-api: "https://0a1b2c@sentry.example.com/42", shop-web: "https://3d4e5f@sentry.example.com/43" }\nissues: "is:unresolved level:[error,fatal] firstRelease:{{ version }}"\n```',
  facts: { received: 'list', issues: 'int', titles: 'list' },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const service = serviceAt(asked, kinds, powers)
    const sent = Object.entries(asked.send ?? {})
    const arrivals = await Promise.all(sent.map(([project, dsn]) => arrivalOf(service, project, dsn, asked, powers)))
    const searched = asked.issues === undefined ? [] : [await issueFinding(service, asked.issues, asked)]
    const received = arrivals.flatMap((one, index) => (one.state === 'good' ? [sent[index]?.[0] ?? ''] : []))
    const findings = [...arrivals, ...searched]
    const facts = { received, ...factsOf(findings) }
    const evidence = textEvidence('error-sink.txt', `${linesOf(findings).join('\n')}\n`)
    return judgedFindings(asked.on ?? service.where, findings, facts, powers, { evidence })
  },
  async probe(given, powers) {
    const { organization } = filledBy(config, given, powers)
    const service = serviceAt(given, kinds, powers)
    const found = await service.ask(`/api/0/organizations/${organization}/`)
    return { ok: found !== null, say: found === null ? `there is no ${organization}` : `${service.where} answers` }
  },
})

function problemOf(given: Config): string | null {
  const place = servicePlaceProblem(given)
  if (place !== null) return place
  if (given.send === undefined && given.issues === undefined)
    return 'expected send or issues, such as issues: "is:unresolved"'
  if (given.send !== undefined && Object.keys(given.send).length === 0)
    return 'expected at least one project under send'
  if (given.issues !== undefined && given.projects === undefined && given.send === undefined)
    return 'expected projects beside issues, such as projects: [shop-api]'
  return given.projects !== undefined && given.issues === undefined ? 'expected issues beside projects' : null
}

async function arrivalOf(
  service: Service,
  project: string,
  text: string,
  asked: Config,
  powers: CheckPowers,
): Promise<Finding> {
  const dsn = readDsn(text)
  if (dsn === null)
    throw new ConfigFault(`the DSN of ${project} is none, expected such as https://KEY@o1.ingest.sentry.io/42`)
  const { clock, signal, variables } = powers
  const id = randomUUID().replaceAll('-', '')
  const start = clock.now()
  const event = { id, at: start, release: variables['version'] ?? '', environment: variables['environment'] ?? '' }
  const answer = await powers.http(dsn.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-sentry-envelope', 'x-sentry-auth': authOf(dsn) },
    body: envelopeOf(event),
    signal,
    redirect: 'manual',
  })
  if (answer.status !== 200) {
    const words = oneLine(answer.headers.get('x-sentry-error') ?? (await answer.text()), 120)
    return finding('bad', `${project} does not take events (${answer.status}${words === '' ? '' : `: ${words}`})`)
  }
  const path = `/api/0/projects/${asked.organization}/${project}/events/${id}/`
  const end = start + millisOf(asked.within)
  for (;;) {
    const seen = await service.ask(path)
    const tookMs = clock.now() - start
    if (
      z
        .looseObject({ eventID: z.literal(id) })
        .or(z.looseObject({ id: z.literal(id) }))
        .safeParse(seen).success
    )
      return finding('good', `a test event is in ${project} after ${sayMillis(tookMs)}`, [id])
    if (seen !== null) throw new ConfigFault(`${service.where} answered with something that is not the event`)
    if (clock.now() >= end || signal.aborted)
      return finding('bad', `a test event was taken, and is not in ${project} after ${sayMillis(tookMs)}`, [id])
    powers.progress(`waiting for the event in ${project}, ${sayMillis(tookMs)} of ${asked.within}`)
    await clock.sleep(millisOf(asked.every), signal)
  }
}

const issueShape = z.looseObject({ title: z.string(), shortId: z.string().optional(), level: z.string().optional() })
const mostIssues = 100

async function issueFinding(service: Service, query: string, asked: Config): Promise<Finding> {
  const projects = asked.projects ?? Object.keys(asked.send ?? {})
  // The time is one of the search itself, in the units it knows.
  const minutes = Math.max(1, Math.ceil(millisOf(asked.last) / 60_000))
  const form = new URLSearchParams({
    query: `${query} firstSeen:-${minutes}m`,
    limit: String(mostIssues),
    statsPeriod: '',
  })
  const found: z.infer<typeof issueShape>[] = []
  const silent: string[] = []
  for (const project of projects) {
    const at = `/api/0/projects/${asked.organization}/${project}`
    found.push(...(await service.shaped(z.array(issueShape), `${at}/issues/?${form.toString()}`)))
    const counts = await service.shaped(z.array(z.tuple([z.number(), z.number()])), `${at}/stats/?stat=received`)
    if (counts.every(([, count]) => count === 0)) silent.push(project)
  }
  const facts = { issues: found.length, titles: found.map(({ title }) => title).slice(0, 50) }
  const lines = found.map(({ title, shortId, level }) => `${shortId ?? ''}\t${level ?? ''}\t${oneLine(title, 300)}`)
  const many = `${counted(found.length, 'issue')} first seen in ${asked.last}`
  if (found.length > asked['at-most'])
    return finding('bad', `${many}, at most ${asked['at-most']}: ${oneLine(listed(facts.titles), 200)}`, lines, facts)
  // Where nothing arrives nobody sees an issue.
  const isProof = asked['may-be-silent'] || silent.every((project) => asked.send?.[project] !== undefined)
  if (!isProof)
    return finding('unknown', `${listed(silent)} took no event at all, so no issue proves nothing`, lines, facts)
  return finding('good', `${many} in ${listed(projects)}`, lines, facts)
}

function finding(
  state: Finding['state'],
  say: string,
  lines: readonly string[] = [],
  facts: Finding['facts'] = {},
): Finding {
  return { state, say, lines, facts }
}

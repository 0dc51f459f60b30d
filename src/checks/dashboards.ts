/** `yaml check kind: dashboards`: dashboards of Grafana are there, and every panel shows values of now. */
import { z } from 'zod'
import { type CheckPowers, defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { type Dashboard, dashboardNamed, dataSourcesOf, type Panel, panelsOf } from './grafana-state/model.ts'
import { panelState, type PanelState } from './grafana-state/panel-data.ts'
import { textEvidence } from './parts/evidence.ts'
import { durationField, millisOf } from './parts/fields.ts'
import { filledBy } from './parts/filled-settings.ts'
import { counted, type Finding, judgedFindings, listed, factsOf, linesOf } from './parts/finding.ts'
import { oneLine } from './parts/say.ts'
import { type Service, serviceAt, serviceFields, servicePlaceProblem, serviceSecrets } from './parts/service-api.ts'

const kinds = ['http']
const name = z.string().min(1)

const config = z.strictObject({
  ...serviceFields('Grafana', kinds),
  dashboards: z.array(name).min(1).optional().describe('Titles or uids; each is there'),
  fresh: durationField.optional().describe('Every panel of them shows values, the newest not older than this'),
  panels: z.array(name).min(1).optional().describe('Titles of panels, each of which one of the dashboards has'),
  except: z.array(name).default([]).describe('Titles of panels that may show nothing'),
  variables: z
    .record(name, z.string())
    .default({})
    .describe('Values of variables of the dashboards; else those chosen in them'),
  range: durationField.default('1h').describe('Time that panels are asked about'),
  login: z
    .strictObject({
      user: name,
      password: z.string().regex(/^[A-Za-z_]\w*$/, { error: 'expected the name of a secret, never its value' }),
    })
    .optional()
    .describe('A person can log in: `user`, and as `password` the name of the secret that holds it'),
})

type Config = z.infer<typeof config>

const atOnce = 4
const mostPanels = 500

export const dashboards = defineCheck({
  kind: 'dashboards',
  summary: 'Dashboards of Grafana are there, every panel shows values of now, and people can log in',
  config: config.superRefine((given, context) => {
    const problem = problemOf(given)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  }),
  needs: ['http', 'source', 'secret'],
  secrets: (given) => [...serviceSecrets(given), ...passwordIn(given['login'])],
  timeoutMs: 120_000,
  example:
    '```yaml check\nkind: dashboards\nurl: https://grafana.example.com\ntoken: API_TOKEN\ndashboards: [Streaming, Shop overview]\nfresh: 5m\nexcept: [Failed payments]\n```',
  facts: { dashboards: 'int', panels: 'int', empty_panels: 'list', old_panels: 'list', broken_panels: 'list' },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const service = serviceAt(asked, kinds, powers)
    const findings = [
      ...(asked.login === undefined ? [] : [await loggedIn(service, asked.login, powers)]),
      ...(asked.dashboards === undefined ? [] : await dashboardFindings(service, asked.dashboards, asked, powers)),
    ]
    const evidence = textEvidence('dashboards.txt', `${linesOf(findings).join('\n')}\n`)
    return judgedFindings(asked.on ?? service.where, findings, factsOf(findings), powers, { evidence })
  },
  async probe(given, powers) {
    const service = serviceAt(given, kinds, powers)
    const health = await service.shaped(z.looseObject({ database: z.string() }), '/api/health')
    return {
      ok: health.database === 'ok',
      say: `${service.where} answers, its database is ${oneLine(health.database)}`,
    }
  },
})

function passwordIn(login: Json | undefined): readonly string[] {
  const read = z.looseObject({ password: z.string() }).safeParse(login)
  return read.success ? [read.data.password] : []
}

function problemOf(given: Config): string | null {
  const place = servicePlaceProblem(given)
  if (place !== null) return place
  if (given.dashboards === undefined)
    return given.login === undefined
      ? 'expected dashboards or login, such as dashboards: [Shop overview]'
      : given.panels !== undefined || given.fresh !== undefined
        ? 'expected dashboards beside panels and fresh'
        : null
  return given.except.length > 0 && given.fresh === undefined ? 'expected fresh beside except' : null
}

async function loggedIn(
  service: Service,
  { user, password }: NonNullable<Config['login']>,
  powers: CheckPowers,
): Promise<Finding> {
  const body = { user, password: powers.secret(password) }
  // A wrong password is answered with 401, which is a fault in words.
  const told = await service.ask('/login', { method: 'POST', body })
  const said = z.looseObject({ message: z.string() }).safeParse(told)
  const isIn = said.success && /logged in/i.test(said.data.message)
  return isIn
    ? { state: 'good', say: `${user} can log in`, lines: [], facts: {} }
    : { state: 'unknown', say: `whether ${user} is logged in was not said`, lines: [], facts: {} }
}

async function dashboardFindings(
  service: Service,
  names: readonly string[],
  asked: Config,
  powers: CheckPowers,
): Promise<readonly Finding[]> {
  const found = await Promise.all(names.map((one) => dashboardNamed(service, one)))
  const missing = found.flatMap((one) => ('why' in one ? [one.why as string] : []))
  const there = found.filter((one): one is Dashboard => !('why' in one))
  const facts = { dashboards: there.length }
  if (missing.length > 0) return [{ state: 'bad', say: missing.join('; '), lines: [], facts }]
  const say = `${counted(there.length, 'dashboard')}: ${listed(there.map(({ title }) => title))}`
  const sources = asked.fresh === undefined ? new Map<string, string>() : await dataSourcesOf(service)
  const panels = there.flatMap((one) => panelsOf(one, asked.variables, sources))
  const titles = new Set(panels.map(({ title }) => title))
  const absent = (asked.panels ?? []).filter((title) => !titles.has(title))
  const unknown = asked.except.filter((title) => !titles.has(title))
  const listing = panels.map(({ title, queries }) => `${title}\t${counted(queries.length, 'query')}`)
  if (absent.length > 0)
    return [{ state: 'bad', say: `${say}, without the panels ${listed(absent)}`, lines: listing, facts }]
  const named = { state: 'good', say, lines: listing, facts } as const
  if (asked.fresh === undefined) return [named]
  if (unknown.length > 0)
    return [named, { state: 'unknown', say: `except: there is no panel ${listed(unknown)}`, lines: [], facts: {} }]
  const asking = panels.filter(({ title, queries }) => queries.length > 0 && !asked.except.includes(title))
  return [named, await panelsFinding(service, asking, asked.fresh, asked.range, powers)]
}

async function panelsFinding(
  service: Service,
  panels: readonly Panel[],
  maxAge: string,
  range: string,
  powers: CheckPowers,
): Promise<Finding> {
  const unknown = (say: string): Finding => ({ state: 'unknown', say, lines: [], facts: { panels: panels.length } })
  if (panels.length === 0) return unknown('no panel of them asks for anything')
  if (panels.length > mostPanels) return unknown(`${panels.length} panels, at most ${mostPanels} can be asked`)
  const bounds = { now: powers.clock.now(), rangeMs: millisOf(range), mostMs: millisOf(maxAge) }
  const states: PanelState[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let panel = panels[next++]; panel !== undefined; panel = panels[next++]) {
      states[panels.indexOf(panel)] = await panelState(service, panel, bounds)
      powers.progress(`${states.filter(() => true).length} of ${panels.length} panels`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const titled = (...wanted: PanelState['state'][]): readonly string[] =>
    panels.flatMap(({ title }, index) => (wanted.includes(states[index]?.state ?? 'broken') ? [title] : []))
  const facts = {
    panels: panels.length,
    empty_panels: titled('empty'),
    old_panels: titled('old'),
    broken_panels: titled('broken'),
  }
  const lines = states.map(({ state, say }) => `${state}\t${say}`)
  const wrong = states.filter(({ state }) => state === 'empty' || state === 'old' || state === 'broken')
  const say = wrong
    .slice(0, 3)
    .map((one) => one.say)
    .join('; ')
  if (wrong.length > 0)
    return { state: 'bad', say: `${say}${wrong.length > 3 ? ` and ${wrong.length - 3} more` : ''}`, lines, facts }
  const timeless = states.find(({ state }) => state === 'timeless')
  if (timeless !== undefined) return { state: 'unknown', say: timeless.say, lines, facts }
  return { state: 'good', say: `${counted(panels.length, 'panel')} with values not older than ${maxAge}`, lines, facts }
}

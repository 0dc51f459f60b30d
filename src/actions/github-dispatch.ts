/** `yaml run kind: github-dispatch`: a workflow is started with inputs, and its run is waited for; after a crash that same run is found again. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Github, githubApi } from '../core/github/api.ts'
import { githubFields, githubSecrets } from '../core/github/fields.ts'
import { parseDuration } from '../core/plan/duration.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { askRepository, githubFor, shaped } from './parts/github.ts'

const config = z.strictObject({
  ...githubFields,
  workflow: z.string().min(1).describe('File of the workflow, such as deploy.yml, or its number'),
  ref: z.string().min(1).describe('Branch or tag it runs on'),
  inputs: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('Values of its inputs'),
  correlation: z
    .string()
    .regex(/^[A-Za-z_][\w-]*$/, { error: 'expected the name of an input such as holdpoint' })
    .default('holdpoint')
    .describe(
      'Input that gets an id of this step of this release; the workflow shows it: `run-name: Deploy ${{ inputs.holdpoint }}`',
    ),
  every: z
    .string()
    .refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 10s' })
    .default('10s')
    .describe('How often its run is looked at'),
})

type Config = z.infer<typeof config>

const run = z.object({
  id: z.number(),
  display_title: z.string(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  html_url: z.string(),
})
type Run = z.infer<typeof run>

/** A run is listed some seconds after it was asked for. */
const patience = { beforeLooks: 2, afterLooks: 30 } as const

export const githubDispatch = defineAction({
  kind: 'github-dispatch',
  summary: 'A workflow of GitHub Actions runs with inputs, and succeeds',
  config,
  timeoutMs: 3_600_000,
  example:
    '```yaml run\nkind: github-dispatch\nrepository: acme/shop\ntoken: API_TOKEN\nworkflow: deploy-migrations.yml\nref: v{{ version }}\ninputs: { environment: "{{ environment }}" }\n```',
  captures: ['run_id', 'run_url'],
  secrets: (given) => githubSecrets(given),
  programs: [],
  addresses: [githubApi],
  async run(given, powers) {
    const github = githubFor(given, powers)
    const id = correlationOf(given, powers)
    const before = await lookTwice(github, given, id, powers)
    // One that failed stays as it is: to be asked again is to want another.
    const mine = before !== null && !hasFailed(before) ? before : await dispatch(github, given, id, before, powers)
    powers.capture('run_id', String(mine.id))
    powers.capture('run_url', mine.html_url)
    const wasOver = mine === before && mine.status === 'completed'
    const ended = await ending(github, mine, given, powers)
    if (ended.conclusion === 'success')
      return `${given.workflow} ${wasOver ? 'had succeeded already' : 'succeeded'}: ${ended.html_url}`
    const why = await failedJobs(github, ended)
    throw new ActionFault(`${given.workflow} ended as ${ended.conclusion}${why}: ${ended.html_url}`)
  },
  ask: (given, powers) => askRepository(given, powers),
  async probe(given, powers) {
    const found = await newest(githubFor(given, powers), given, correlationOf(given, powers))
    return found?.status === 'completed' && found.conclusion === 'success'
  },
})

/** The same for every attempt of a step, and another for another step, release, workflow or input. */
function correlationOf({ repository, workflow, ref, inputs }: Config, { facts }: ActionPowers): string {
  const { release = '', attempt = '' } = facts
  if (release === '') throw new ActionFault('it belongs to no release, and its run could not be found again')
  const step = attempt.slice(0, attempt.lastIndexOf('/') + 1)
  const sorted = Object.entries(inputs).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const named = JSON.stringify([release, step, repository, workflow, ref, sorted])
  return `holdpoint-${createHash('sha256').update(named).digest('hex').slice(0, 16)}`
}

/** The newest with this id among the last hundred that were started this way. */
async function newest(github: Github, { workflow }: Config, id: string): Promise<Run | null> {
  const path = `/actions/workflows/${encodeURIComponent(workflow)}/runs?event=workflow_dispatch&per_page=100`
  const rows = shaped(z.object({ workflow_runs: z.array(run) }), await github.get(path), `workflow ${workflow}`)
  const mine = rows.workflow_runs.filter(({ display_title: title }) => title.includes(id))
  return mine.toSorted((a, b) => b.id - a.id)[0] ?? null
}

/** An attempt that died may have asked a moment ago. */
async function lookTwice(github: Github, given: Config, id: string, powers: ActionPowers): Promise<Run | null> {
  for (let look = 1; ; look += 1) {
    const found = await newest(github, given, id)
    if (found !== null || look === patience.beforeLooks) return found
    await powers.sleep(Math.min(everyMs(given), 3_000))
  }
}

async function dispatch(
  github: Github,
  given: Config,
  id: string,
  before: Run | null,
  powers: ActionPowers,
): Promise<Run> {
  const { workflow, ref, correlation } = given
  const inputs = Object.fromEntries(Object.entries(given.inputs).map(([name, value]) => [name, String(value)]))
  powers.say(`starting ${workflow} at ${ref} as ${id}`)
  const path = `/actions/workflows/${encodeURIComponent(workflow)}/dispatches`
  const refusal = await refusalOf(github.send('POST', path, { ref, inputs: { ...inputs, [correlation]: id } }))
  // Where the answer was lost it may have started all the same.
  if (refusal !== null && !isUncertain(refusal)) throw refusal
  for (let look = 0; look < patience.afterLooks; look += 1) {
    const found = await newest(github, given, id)
    if (found !== null && found.id !== before?.id) return found
    await powers.sleep(Math.min(everyMs(given), 3_000))
  }
  throw (
    refusal ??
    new ActionFault(
      `${workflow} was started, but no run of it shows ${id}; its file needs run-name: with \${{ inputs.${correlation} }}`,
    )
  )
}

async function refusalOf(sending: Promise<unknown>): Promise<Error | null> {
  try {
    await sending
    return null
  } catch (fault) {
    return fault instanceof Error ? fault : new ActionFault(String(fault))
  }
}

function isUncertain(refusal: Error): boolean {
  return !(refusal instanceof ActionFault) || /\(5\d\d\)$/.test(refusal.message)
}

async function ending(github: Github, mine: Run, given: Config, powers: ActionPowers): Promise<Run> {
  let current = mine
  while (current.status !== 'completed') {
    await powers.sleep(everyMs(given))
    const before = current.status
    current = shaped(run, await github.get(`/actions/runs/${mine.id}`), `run ${mine.id}`)
    if (current.status !== before) powers.say(`${mine.html_url} is ${current.status}`)
  }
  return current
}

async function failedJobs(github: Github, { id }: Run): Promise<string> {
  const schema = z.array(z.object({ name: z.string(), conclusion: z.string().nullable() }))
  const jobs = schema.safeParse(await github.all(`/actions/runs/${id}/jobs?filter=latest`, 'jobs'))
  const names = (jobs.success ? jobs.data : [])
    .filter(({ conclusion }) => conclusion !== null && conclusion !== 'success' && conclusion !== 'skipped')
    .map(({ name, conclusion }) => `${name}: ${conclusion}`)
  return names.length === 0 ? '' : ` (${names.slice(0, 4).join(', ')})`
}

function hasFailed({ status, conclusion }: Run): boolean {
  return status === 'completed' && conclusion !== 'success'
}

function everyMs({ every }: Config): number {
  const parsed = parseDuration(every)
  return parsed.ok ? Math.max(parsed.value, 100) : 10_000
}

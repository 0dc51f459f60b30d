/** `run`: starts a release from a checklist or a kept plan, and attends it. */
import { attend } from '../attend/attend.ts'
import { refusal } from '../ask-engine.ts'
import type { Run, Values } from '../command-entry.ts'
import type { Context } from '../context.ts'
import { loadPlan, workspaceOf } from '../document.ts'
import { environmentOf, environmentToLend, inputsOf, secretsToLend } from '../inputs.ts'
import { hindrances } from '../plan-readiness.ts'
import { planSummary } from '../plan-text.ts'
import { problemText } from '../problem-text.ts'
import { paint } from '../terminal/line.ts'
import { UsageFault } from '../faults.ts'
import { startTimeOf } from '../start-time.ts'
import type { Hotfix } from '../hotfix.ts'
import { duration, flag, list, text } from '../values.ts'
import { waitInLine } from '../wait-in-line.ts'
import type { Client, DocumentBody, StartBody } from '../../api/client-types.ts'
import { drillEnvironment, drillPlan } from '../../core/plan/drill-plan.ts'
import type { Plan, Problem } from '../../core/plan/plan.ts'

const DEFAULT_WAIT = '1m'

export const run: Run = async (context, words, options) => {
  const patience = patienceOf(options)
  const { plan: whole, body, workspace, repository, problems } = await whatToRun(context, words[0], options)
  for (const problem of problems) context.err(problemText(problem))
  const drill = text(options, 'drill')
  const plan = drill === null ? whole : drillOf(whole, drill)
  const place = await workspace()
  const hotfix = await hotfixAsked(context, repository, options)
  const version = hotfix?.version ?? versionOf(plan, options)
  const environment = environmentOf(plan, text(options, 'env') ?? drillEnvironment(plan))
  const inputs = inputsOf(plan, list(options, 'set'))
  const time = startTimeOf(plan, options)
  if (context.interactive && !flag(options, 'yes'))
    await confirmStart(
      context,
      { plan, body },
      version,
      environment,
      flag(options, 'dryRun') || flag(options, 'andBack'),
    )
  const client = await context.client()
  const secrets = secretsToLend(plan, process.env)
  if (Object.keys(secrets).length > 0) await client.lend(secrets)
  const asked: StartBody = {
    document: body,
    version,
    previous: text(options, 'previous'),
    environment,
    inputs,
    workspace: place,
    artefact: text(options, 'artefact'),
    supersede: flag(options, 'supersede') || hotfix?.endsWatch === true,
    ...(hotfix === null ? {} : { hotfixOf: hotfix.origin }),
    rehearsal: flag(options, 'dryRun'),
    ...(flag(options, 'andBack') ? { andBack: true as const } : {}),
    ...(plan.drill === undefined ? {} : { drill: plan.drill.phase }),
    idempotencyKey: null,
    project: text(options, 'project'),
    env: environmentToLend(plan, process.env),
    ...time,
    ...queueOf(options),
  }
  const started = await startOrQueue(context, client, asked)
  if (started.kind === 'refused') throw refusal(started)
  if (started.kind === 'queued') {
    const left = await waitInLine(context, client, {
      release: started.release,
      service: plan.service,
      environment,
      // Who looks on goes when they like; a script says how long it can wait.
      waitMs: context.interactive || text(options, 'wait') === null ? null : patience.waitMs,
    })
    if (left !== null) return left
  } else for (const warning of started.warnings ?? []) context.err(`warning: ${warning}`)
  return attend(context, client, started.release, { ...patience, after: 0 })
}

function drillOf(whole: Plan, name: string): Plan {
  const found = drillPlan(whole, name)
  if (found.kind === 'refused') throw new UsageFault(found.reason)
  return found.plan
}

/** A drill releases nothing: without a version it goes by its own name. */
function versionOf({ drill }: Plan, options: Values): string {
  const version = text(options, 'version') ?? drill?.phase ?? null
  if (version !== null) return version
  throw new UsageFault(
    "required option '--version <version>' not specified; for example: holdpoint run RELEASE.md --version 1.2.3",
  )
}

/** Derived from a tag; its version is proposed where none was given. */
async function hotfixAsked(context: Context, root: string, options: Values): Promise<Hotfix | null> {
  const of = text(options, 'hotfixOf')
  if (of === null) return null
  const { hotfixOf } = await import('../hotfix.ts')
  const hotfix = await hotfixOf(await context.client(), { of, version: text(options, 'version'), root })
  const { tag, commit, release } = hotfix.origin
  context.err(
    `hotfix ${hotfix.version}, from the tag ${tag} (${commit?.slice(0, 12)})${release === null ? '' : `, mends ${release}`}${hotfix.endsWatch ? ', whose watch it ends' : ''}`,
  )
  return hotfix
}

/** A person who finds the target busy is asked whether to wait for it. */
async function startOrQueue(
  context: Context,
  client: Client,
  asked: StartBody,
): Promise<Awaited<ReturnType<Client['start']>>> {
  const answer = await client.start(asked)
  const mayWait = answer.kind === 'refused' && answer.code === 'target-busy' && asked.queue == null
  if (!mayWait || !context.interactive || asked.rehearsal) return answer
  context.err(answer.reason)
  const { confirm } = await import('../ask-line.ts')
  await confirm('Stand in line, and begin when the turn comes?', { say: 'not started', code: answer.code })
  return client.start({ ...asked, queue: { forMs: null } })
}

function queueOf(options: Values): Pick<StartBody, 'queue'> {
  const given = text(options, 'queueFor')
  if (given !== null) return { queue: { forMs: duration(given, '--queue-for') } }
  return flag(options, 'queue') ? { queue: { forMs: null } } : {}
}

interface ToRun {
  readonly plan: Plan
  readonly body: DocumentBody
  readonly problems: readonly Problem[]
  readonly workspace: () => Promise<StartBody['workspace']>
  /** Where the tags of a hotfix are, on this machine. */
  readonly repository: string
}

/** A file here, or what a project has registered under a name. */
async function whatToRun(context: Context, file: string | undefined, options: Values): Promise<ToRun> {
  const name = text(options, 'checklist')
  if ((file === undefined) === (name === null))
    throw new UsageFault(
      'expected a file or --checklist, and one of them only; for example: holdpoint run RELEASE.md --version 1.2.3\nor what is registered: holdpoint run --checklist shop/release --version 1.2.3',
    )
  if (name === null) {
    const { root, ...loaded } = await loadPlan(file ?? '')
    return { ...loaded, workspace: () => workspaceOf(root), repository: root }
  }
  const { loadRegistered, refuseMoved } = await import('../registered-checklist.ts')
  const registered = await loadRegistered(await context.client(), name)
  const told = flag(options, 'registered') ? null : await refuseMoved(name, registered)
  if (told !== null) context.err(told)
  const { source } = registered.checklist
  const here = () => workspaceOf(process.cwd())
  const there = { root: '/', commit: source.kind === 'git' ? source.commit : null, dirty: false }
  return {
    ...registered,
    workspace: context.config.server === null ? here : () => Promise.resolve(there),
    repository: process.cwd(),
  }
}

/** How long to stay, and where events go: shared with `release watch`. */
export function patienceOf(options: Values): {
  until: 'released' | 'closed'
  waitMs: number
  eventsFile: string | null
} {
  return {
    until: text(options, 'until') === 'closed' ? 'closed' : 'released',
    waitMs: duration(text(options, 'wait') ?? DEFAULT_WAIT, '--wait'),
    eventsFile: text(options, 'events'),
  }
}

async function confirmStart(
  context: Context,
  { plan, body }: Pick<ToRun, 'plan' | 'body'>,
  version: string,
  environment: string,
  rehearsal: boolean,
): Promise<void> {
  // What the whole checklist would wait for is nothing to a drill of one of its phases.
  const hindered = plan.drill === undefined ? await hindrances(context, { plan, body }) : []
  for (const line of [...planSummary(plan, Date.now()), ...hindered]) context.out(paint(line, context.paper()))
  const { confirm } = await import('../ask-line.ts')
  await confirm(`${verbOf(plan, rehearsal)} ${plan.service} ${version} → ${environment}?`, {
    say: 'not started',
    code: 'not-started',
  })
}

function verbOf({ drill }: Plan, rehearsal: boolean): string {
  if (drill !== undefined) return rehearsal ? `Rehearse the drill "${drill.title}" of` : `Drill "${drill.title}" of`
  return rehearsal ? 'Rehearse' : 'Release'
}

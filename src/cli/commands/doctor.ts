/** `doctor`: can everything that Holdpoint itself and one checklist need be reached? Reads only; sets and sends nothing. */
import { execFile } from 'node:child_process'
import { access, constants, mkdir } from 'node:fs/promises'
import type { CommandSpec, Plan } from '../../core/plan/plan.ts'
import type { Run } from '../command-entry.ts'
import { askedSteps, type Finding } from './doctor-steps.ts'
import type { Context } from '../context.ts'
import { printJson } from '../context.ts'
import { loadPlan, workspaceOf } from '../document.ts'
import { askedTroubles, onCallWords, staleWords } from '../../report/roster-words.ts'
import { rosterNow } from '../roster-asked.ts'
import { foldLine } from '../terminal/fold.ts'
import { type Line, paint } from '../terminal/line.ts'
import { visible } from '../terminal/text.ts'

export const doctor: Run = async (context, words) => {
  const findings: Finding[] = []
  const add = (finding: Finding) => {
    findings.push(finding)
    if (!context.json) show(context, finding)
  }
  for await (const finding of ourselves(context)) add(finding)
  const [file] = words
  if (file !== undefined) for await (const finding of theChecklist(file)) add(finding)
  const bad = findings.filter((finding) => finding.level === 'bad')
  if (context.json) printJson(context, { ok: bad.length === 0, findings })
  else
    context.out(
      bad.length === 0 ? 'all that could be asked answers' : `${bad.length} of ${findings.length} do not answer`,
    )
  return bad.length === 0 ? 0 : 1
}

const levels = { ok: ['✔', 'good'], bad: ['✖', 'bad'], unasked: ['–', 'dim'] } as const

/** A long answer goes on below its beginning. */
function show(context: Context, { what, level, say }: Finding): void {
  const [icon, tone] = levels[level]
  const line: Line = [[icon, tone], ` ${what}  `, [say, level === 'bad' ? 'bad' : 'dim']]
  const paper = { ...context.paper(), width: Number.POSITIVE_INFINITY }
  for (const row of foldLine(line, context.fold())) context.out(paint(row, paper))
}

async function* ourselves(context: Context): AsyncGenerator<Finding> {
  yield { what: 'node', level: Number(process.versions.node.split('.')[0]) >= 24 ? 'ok' : 'bad', say: process.version }
  yield await tool('bash', ['--version'])
  yield await tool('git', ['--version'])
  yield await stateFolder(context.config.home)
  yield await commands()
  yield await engine(context)
}

async function stateFolder(home: string): Promise<Finding> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
    await access(home, constants.W_OK)
    return { what: 'state folder', level: 'ok', say: home }
  } catch (fault) {
    return {
      what: 'state folder',
      level: 'bad',
      say: `${home}: ${fault instanceof Error ? fault.message : String(fault)}`,
    }
  }
}

/** As this terminal would start them; a server that runs already says it in its log. */
async function commands(): Promise<Finding> {
  const { commandsHere } = await import('../../app/alone.ts')
  const { ok, say } = commandsHere()
  return { what: 'commands', level: ok ? 'ok' : 'bad', say }
}

export async function engine(context: Context): Promise<Finding> {
  try {
    const client = await context.client()
    const health = await client.health()
    // Over the network a server says that it is ready, and nothing about what it is.
    const say =
      health.version === undefined
        ? `the server ${context.config.server?.url ?? ''} is ready`
        : `version ${health.version}, pid ${health.pid}, ${health.open} open`
    return { what: 'engine', level: 'ok', say }
  } catch (fault) {
    return { what: 'engine', level: 'bad', say: fault instanceof Error ? fault.message : String(fault) }
  }
}

async function* theChecklist(file: string): AsyncGenerator<Finding> {
  const { plan, root } = await loadPlan(file)
  yield { what: file, level: 'ok', say: `compiles: ${plan.steps.length} steps, plan ${plan.digest.slice(0, 12)}` }
  yield* rosterOf(plan)
  for (const name of toolsOf(plan).filter((one) => one !== 'bash')) yield await onPath(name)
  for (const [name, secret] of Object.entries(plan.secrets)) yield await secretFound(name, secret)
  const { openAlone } = await import('../../app/alone.ts')
  const environment = Object.keys(plan.environments)[0] ?? 'production'
  const workspace = await workspaceOf(root)
  const situation = { plan, version: 'doctor', environment, inputs: placeholders(plan), workspace }
  const alone = await openAlone(situation).catch((fault: unknown) => refusalIn(fault))
  if (typeof alone === 'string') return yield { what: `a release to ${environment}`, level: 'bad', say: alone }
  try {
    yield* places(plan, alone)
  } finally {
    await alone.close()
  }
}

/** Why nothing could be started; any other fault is thrown again. */
function refusalIn(fault: unknown): string {
  if (fault instanceof Error && fault.name === 'StartRefused') return fault.message
  throw fault
}

/** Nobody on call is found out before a release needs them. */
async function* rosterOf(plan: Plan): AsyncGenerator<Finding> {
  const view = await rosterNow(plan)
  const { onCall, uncovered, staleContacts, asked } = view
  if (onCall !== null && onCall.length > 0)
    yield {
      what: 'roster',
      level: 'ok',
      say: `${onCall.map(onCallWords).join(', ')}${asked ? `, by ${asked.what}` : ''}`,
    }
  for (const say of askedTroubles(view)) yield { what: 'roster', level: 'bad', say }
  for (const level of uncovered) yield { what: 'roster', level: 'bad', say: `nobody is on call as ${level} now` }
  for (const contact of staleContacts) yield { what: 'contacts', level: 'bad', say: staleWords(contact) }
}

async function* places(
  plan: Plan,
  alone: Awaited<ReturnType<typeof import('../../app/alone.ts')['openAlone']>>,
): AsyncGenerator<Finding> {
  const answer = (
    what: string,
    found: { ok: boolean; say: string } | null,
    unasked = 'is only asked when its step runs',
  ): Finding =>
    found ? { what, level: found.ok ? 'ok' : 'bad', say: found.say } : { what, level: 'unasked', say: unasked }
  for (const [name, source] of Object.entries(plan.sources)) {
    const probed = await alone.probeSource(name)
    // A database is asked through the first check that reads it.
    const reader = plan.steps
      .map(({ block }) => block)
      .find((block) => block.word === 'check' && Object.values(block.config).includes(name))
    const read = probed === null && reader?.word === 'check' ? await alone.ask(reader) : null
    yield answer(`source ${name} (${source.kind})`, probed ?? (read && { ok: read.level === 'ok', say: read.say }))
  }
  for (const { block } of plan.steps) {
    if (block.word !== 'rollout') continue
    for (const component of block.components)
      yield answer(`traffic of ${component.name} (${component.driver})`, await alone.probeComponent(component))
  }
  for (const [name, channel] of Object.entries(plan.channels))
    yield answer(`channel ${name} (${channel.kind})`, await alone.probeChannel(name), 'asking it would send a message')
  yield* askedSteps(plan, (one) => alone.ask(one))
}

/** Inputs only fill addresses here; what nobody gave gets a value that is visibly none. */
function placeholders(plan: Plan): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(
    Object.entries(plan.inputs).map(([name, input]) => {
      const none = { string: input.options?.[0] ?? 'doctor', number: 0, boolean: false }[input.type]
      return [name, input.default ?? none]
    }),
  )
}

/** Programs that checklists commonly call: found as words of its scripts, and then looked for. */
const knownTools =
  'ansible aws az cargo curl dig docker gcloud gh git go gradle helm jq kafka-topics kubectl kustomize make mongosh mvn mysql nc node npm npx openssl pg_dump pg_restore pnpm podman prisma psql pytest python3 redis-cli rsync skopeo sqlite3 ssh systemctl terraform trivy wget yarn yq'.split(
    ' ',
  )
const interpreters: Readonly<Record<string, string>> = { bash: 'bash', posix: 'sh', python: 'python3', node: 'node' }

export function toolsOf(plan: Plan): readonly string[] {
  const commands = plan.steps.flatMap((step): readonly Pick<CommandSpec, 'shell' | 'script'>[] => {
    const own = step.block.word === 'run' ? [step.block.command, ...(step.block.probe ? [step.block.probe] : [])] : []
    const config = step.block.word === 'check' ? step.block.config : {}
    const { script, shell } = config
    const checked = typeof script === 'string' ? [{ shell: typeof shell === 'string' ? shell : 'bash', script }] : []
    return [...own, ...checked, ...(step.undo ? [step.undo] : [])]
  })
  const found = commands.flatMap(({ shell, script }) => [
    ...(interpreters[shell] ? [interpreters[shell]] : []),
    ...(shell === 'bash' || shell === 'posix'
      ? wordsAtCommandPlaces(script).filter((name) => knownTools.includes(name))
      : []),
  ])
  return [...new Set(found)].sort()
}

/** First words of lines, and words after `|`, `&&`, `;`, `$(`: where a shell looks for a program. */
function wordsAtCommandPlaces(script: string): readonly string[] {
  return script
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => line.split(/\|\|?|&&|;|\$\(|`|\b(?:then|do|else|if|while|!|sudo|time|exec|env)\s/))
    .map((part) => /^\s*([A-Za-z0-9_.-]+)/.exec(part)?.[1] ?? '')
}

async function onPath(name: string): Promise<Finding> {
  const found = await output('/bin/sh', ['-c', 'command -v "$1"', 'sh', name])
  return found === null
    ? { what: name, level: 'bad', say: 'not found on the PATH' }
    : { what: name, level: 'ok', say: found.trim() }
}

async function secretFound(name: string, secret: Plan['secrets'][string]): Promise<Finding> {
  const what = `secret ${name}`
  if (secret.from === 'env') {
    const value = process.env[secret.name]?.trim() ?? ''
    if (value === '') return { what, level: 'bad', say: `$${secret.name} is not set in this terminal, or is empty` }
    const { SHORTEST_SECRET } = await import('../../app/alone.ts')
    if (value.length < SHORTEST_SECRET)
      return {
        what,
        level: 'bad',
        say: `$${secret.name} is shorter than ${SHORTEST_SECRET} characters: it is not used`,
      }
    return { what, level: 'ok', say: `$${secret.name} is set` }
  }
  if (secret.from === 'command')
    return process.env['HOLDPOINT_SECRET_COMMAND']
      ? { what, level: 'ok', say: `HOLDPOINT_SECRET_COMMAND is asked for ${secret.name}` }
      : { what, level: 'bad', say: 'HOLDPOINT_SECRET_COMMAND is not set, and this secret comes from it' }
  try {
    await access(secret.path, constants.R_OK)
    return { what, level: 'ok', say: `${secret.path} can be read` }
  } catch {
    return { what, level: 'bad', say: `${secret.path} cannot be read` }
  }
}

async function tool(name: string, args: readonly string[]): Promise<Finding> {
  const found = await output(name, args)
  return found === null
    ? { what: name, level: 'bad', say: 'does not start' }
    : { what: name, level: 'ok', say: visible(found.split('\n')[0] ?? '') }
}

function output(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((settle) => {
    execFile(program, args, { timeout: 10_000 }, (fault, stdout) => settle(fault ? null : stdout))
  })
}

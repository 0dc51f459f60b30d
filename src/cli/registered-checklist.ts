/** A checklist that a project has registered, ready to run: its very bytes, and whether its repository still says so. */
import type { Client, DocumentBody } from '../api/client-types.ts'
import type { ChecklistSource, RegisteredChecklist } from '../core/access/access.ts'
import type { Plan, Problem } from '../core/plan/plan.ts'
import type { Calendars } from './calendars.ts'
import { compileBytes } from './document.ts'
import { Refused, UsageFault } from './faults.ts'
import { readFromGit, short, type GitDocument } from './git-document.ts'
import { segment } from './ask-server.ts'
import { problemText } from './problem-text.ts'

export type GitSource = Extract<ChecklistSource, { kind: 'git' }>

export interface ChecklistOnWire extends Omit<RegisteredChecklist, 'calendars'> {
  readonly base64: string
  readonly shared: string | null
  /** Absent = a server that knows of none. */
  readonly calendars?: Calendars
}

export interface Registered {
  readonly checklist: ChecklistOnWire
  readonly plan: Plan
  readonly body: DocumentBody
  readonly problems: readonly Problem[]
}

/** `shop/release`. */
export function nameIn(given: string): { readonly project: string; readonly name: string } {
  const [project = '', name = '', ...more] = given.split('/')
  if (project !== '' && name !== '' && more.length === 0) return { project, name }
  throw new UsageFault(`"${given}" names no registered checklist; expected project/name, for example shop/release`)
}

/** What comes back must be what was registered: the hash is checked here too. */
export async function loadRegistered(client: Client, given: string): Promise<Registered> {
  const { project, name } = nameIn(given)
  const path = `/v1/projects/${segment(project)}/checklists/${segment(name)}`
  const checklist = await client.ask<ChecklistOnWire>('GET', path)
  const bytes = Buffer.from(checklist.base64, 'base64')
  const { createHash } = process.getBuiltinModule('node:crypto')
  if (createHash('sha256').update(bytes).digest('hex') !== checklist.sha256)
    throw new Refused(`${given} came with other bytes than were registered; nothing is started`, 'digest-mismatch', 1)
  const shared = checklist.shared === null ? null : { file: 'holdpoint.yaml', text: checklist.shared }
  const { calendars = [] } = checklist
  const file = checklist.source.kind === 'git' ? checklist.source.path : checklist.source.file
  const { plan, body, problems } = await compileBytes({ file, bytes, shared, calendars })
  if (plan === null || body === null)
    throw new UsageFault(
      `${given} does not compile here\n${problems.map(problemText).join('\n')}\nThis program is of another version than the server's.`,
    )
  return { checklist, plan, body, problems }
}

/**
 * Refuses what the repository does not say any more: a tag that points elsewhere, a branch whose checklist has changed.
 * What is registered stays as it was in any case; this keeps people from starting yesterday's list by mistake.
 */
export async function refuseMoved(given: string, { checklist }: Registered): Promise<string | null> {
  const { source } = checklist
  if (source.kind !== 'git') return null
  const now = await readFromGit(source)
  if (now.commit === source.commit) return null
  const moved = `${source.ref} of ${source.url} was ${short(source.commit)} when ${given} was registered and is ${short(now.commit)} now`
  if (source.ref.startsWith('refs/tags/'))
    throw new Refused(`a tag has moved: ${moved}${againWords(given, source)}`, 'digest-mismatch', 1)
  const changed = changedFiles(checklist, source, now)
  if (changed.length > 0)
    throw new Refused(
      `${moved}, and ${changed.join(' and ')} differs${againWords(given, source)}`,
      'digest-mismatch',
      1,
    )
  return `${moved}; ${source.path} is the same`
}

function changedFiles(checklist: ChecklistOnWire, source: GitSource, now: GitDocument): readonly string[] {
  return [
    ...(now.bytes.equals(Buffer.from(checklist.base64, 'base64')) ? [] : [source.path]),
    ...(now.shared === checklist.shared ? [] : ['holdpoint.yaml beside it']),
    ...changedCalendars(checklist.calendars ?? [], now.calendars),
  ]
}

function changedCalendars(registered: Calendars, now: Calendars): readonly string[] {
  const files = new Set([...registered, ...now].map(({ file }) => file))
  const textIn = (of: Calendars, name: string): string | undefined => of.find(({ file }) => file === name)?.text
  return [...files].filter((file) => textIn(registered, file) !== textIn(now, file))
}

function againWords(given: string, { url, ref, path }: GitSource): string {
  const register = `holdpoint checklist register ${given} --git ${url} --ref ${ref} --path ${path}`
  return `\nto take what stands there now: ${register}\nto run what is registered:     holdpoint run --checklist ${given} --registered …`
}

/** The people of one release: start it, and do what it waits for until it has ended, through whatever goes wrong meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReleaseView } from '../../src/report/view.ts'
import type { Answer } from './caller.ts'
import { type Person, persist, type Site, startBody } from './site.ts'
import { patienceMs } from './until.ts'

/** What the server said is recorded: it must be there in the end. */
export interface Acknowledged {
  readonly release: string
  readonly version: number
  readonly kinds: readonly string[]
}

export interface Played {
  readonly release: string
  readonly phase: string
  readonly acknowledged: readonly Acknowledged[]
}

type Wait = ReleaseView['waitsFor'][number]
interface Order {
  readonly by: Person
  readonly command: Readonly<Record<string, unknown>>
}

/** When to look again; a pause between looks, so that many releases share two cores. */
const everyMs = 300

export async function startRelease(site: Site, text: string, key: string): Promise<string> {
  const body = startBody(text, key)
  const { status, body: said } = await persist(() => site.caller('ana').post('/v1/releases', body))
  if (status !== 201) throw new Error(`not started: ${status} ${JSON.stringify(said)}`)
  return String(said['release'])
}

export async function play(site: Site, text: string, key: string): Promise<Played> {
  const release = await startRelease(site, text, key)
  const acknowledged: Acknowledged[] = [{ release, version: 1, kinds: ['ReleaseStarted'] }]
  return playOn(site, release, acknowledged)
}

/** Until it has ended, or until somebody else is to act. */
export async function playOn(
  site: Site,
  release: string,
  acknowledged: Acknowledged[] = [],
  isEnough: (view: ReleaseView) => boolean = hasEnded,
): Promise<Played> {
  const giveUpAt = performance.now() + patienceMs
  let view: ReleaseView | null = null
  while (performance.now() < giveUpAt) {
    const { status, body } = await persist(() => site.caller('ana').get(`/v1/releases/${release}`))
    if (status !== 200) throw new Error(`${release} cannot be seen: ${status} ${JSON.stringify(body)}`)
    view = body as unknown as ReleaseView
    if (isEnough(view)) return { release, phase: view.phase, acknowledged }
    for (const wait of view.waitsFor) {
      const order = orderFor(site, release, wait)
      if (order) acknowledged.push(...(await give(site, release, order)))
    }
    await sleep(everyMs * (0.5 + Math.random()))
  }
  throw new Error(`${release} does not end: ${view?.phase} ${view?.bar.now} ${JSON.stringify(view?.waitsFor)}`)
}

/** It has ended, and everybody who was to hear of it has. */
export function hasEnded({ phase, messages }: Pick<ReleaseView, 'phase' | 'messages'>): boolean {
  return ['closed', 'rolled-back', 'left'].includes(phase) && messages.every(({ status }) => status !== 'queued')
}

export function decide(site: Site, release: string, { by, command }: Order): Promise<Answer> {
  return site.caller(by).post(`/v1/releases/${release}/commands`, { command, seen: null })
}

async function give(site: Site, release: string, order: Order): Promise<readonly Acknowledged[]> {
  const { status, body } = await persist(() => decide(site, release, order))
  if (status === 200) return [acknowledgedIn(release, body)]
  // It may have been recorded although its confirmation was lost, or somebody else may have been quicker.
  if (status === 409 || status === 403) return []
  throw new Error(`${JSON.stringify(order)}: ${status} ${JSON.stringify(body)}`)
}

export function acknowledgedIn(release: string, body: Answer['body']): Acknowledged {
  const { version, events } = body as unknown as { version: number; events: readonly { kind: string }[] }
  return { release, version, kinds: events.map(({ kind }) => kind) }
}

/** null = only time or a machine helps. */
function orderFor(site: Site, release: string, { kind, step }: Wait): Order | null {
  const why = 'somebody looked at it'
  switch (kind) {
    case 'answer':
      return { by: 'ana', command: { kind: 'Answer', step, answer: 'passed', note: null, fields: {}, evidence: [] } }
    case 'approve':
      return { by: 'ben', command: approval(step ?? '', 'lead') }
    case 'promote':
    case 'decide':
      return { by: 'ben', command: { kind: 'Promote', stage: null, role: 'lead', reason: why } }
    case 'resume':
      return { by: 'ana', command: { kind: 'Resume', why } }
    case 'failed':
    case 'rollback':
      return step === null ? null : { by: 'ana', command: { kind: 'Retry', step } }
    case 'settle':
      return {
        by: 'ana',
        command: { kind: 'Settle', step, as: site.target.isApplied(release, step ?? '') ? 'done' : 'retry', why },
      }
    default:
      return null
  }
}

export function approval(step: string, role: string | null): Readonly<Record<string, unknown>> {
  return { kind: 'Approve', step, role, digest: null, typed: null, note: null }
}

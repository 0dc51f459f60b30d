/** A pressed button becomes a decision of the person that the Slack user is linked to, under the same rules as everywhere. */
import type { Context } from 'hono'
import { isActive } from '../../core/access/may.ts'
import { visibleServices, callerMay, type Caller } from '../auth/caller.ts'
import { placeOfRelease } from '../auth/guard.ts'
import { decideOn } from '../decide-release.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { findRelease, unknownRelease } from '../find-release.ts'
import type { CommandBody } from '../wire/command-shapes.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { makeCode, personOf } from './links.ts'
import type { ButtonValue, Press } from './signed.ts'

const REASON = 'by a button in Slack'

/** What the user is told, and nobody else in the channel. */
export async function decidePress(
  deps: RouteDeps,
  context: Context<ApiEnv>,
  { by, action, value }: Press & { readonly value: ButtonValue },
): Promise<string> {
  const command = commandOf(action, value)
  if (command === null)
    return 'Nobody here knows this button: the card may be of another version. Open the page instead.'
  const server = deps.about.address?.()
  const access = await deps.directory.current()
  const person = await personOf(deps.store, by)
  if (person === null || !isActive(access, person))
    return invitation(await makeCode(deps.store, by, deps.clock.now()), server)
  const caller: Caller = { kind: 'person', id: person, session: null, token: null }
  context.set('caller', caller)
  context.set('access', access)
  try {
    const release = await findRelease(deps, value.release, visibleServices(access, caller, 'release.read'))
    const place = placeOfRelease(access, release)
    if (!callerMay(access, caller, 'release.read', place)) throw unknownRelease(value.release)
    context.set('release', release)
    const { events } = await decideOn(deps, context, { command, seen: null })
    return events.length === 0
      ? 'That stands already; nothing changed.'
      : `Done as ${person}: ${words[command.kind] ?? ''}.`
  } catch (refusal) {
    if (!(refusal instanceof RouteRefusal)) throw refusal
    return refusedWords(refusal, value, server)
  }
}

const words: Readonly<Record<string, string>> = {
  Approve: 'signed',
  Answer: 'answered',
  Promote: 'promoted',
  Hold: 'the release is held',
  Resume: 'the release goes on',
  Abort: 'the release is being taken back',
}

function commandOf(action: string, value: ButtonValue): CommandBody['command'] | null {
  const { step, answer, digest = null, stage = null } = value
  switch (action) {
    case 'hold':
      return { kind: 'Hold', why: REASON }
    case 'resume':
      return { kind: 'Resume', why: REASON }
    case 'abort':
      return { kind: 'Abort', why: REASON, leave: false, typed: null }
    case 'promote':
      return { kind: 'Promote', stage, role: null, reason: REASON }
    case 'approve':
      // Without the digest of what the card was made of nobody could say what was signed.
      return step === null || digest === null
        ? null
        : { kind: 'Approve', step, role: null, digest, typed: null, note: REASON }
    case 'answer':
      return step === null || answer === undefined
        ? null
        : { kind: 'Answer', step, answer, note: REASON, fields: {}, evidence: [] }
    default:
      return null
  }
}

function invitation(code: string, server: string | undefined): string {
  const where = server === undefined ? 'your account in Holdpoint' : `<${server}/settings|your account in Holdpoint>`
  return `Nobody here knows who you are yet. Open ${where}, sign in, and enter the code *${code}* under Slack within ten minutes (or: \`holdpoint slack link ${code}\`). Then press again. Give the code to nobody.`
}

function refusedWords(
  { code, message }: RouteRefusal,
  { release, step }: ButtonValue,
  server: string | undefined,
): string {
  const page = server === undefined ? null : `${server}/releases/${encodeURIComponent(release)}`
  if (page === null) return `Not done: ${plain(message)}`
  const place = code === 'sign-in-required' && step !== null ? `${page}/sign/${encodeURIComponent(step)}` : page
  return `Not done: ${plain(message)} <${place}|Open the page>`
}

/** A refusal may quote a name; in Slack three characters mean something. */
function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Who sends a result: a machine by its token, or by a signature over the message; a person reports by answering a step. */
import { createHmac } from 'node:crypto'
import type { Context } from 'hono'
import type { AccessState } from '../../core/access/access.ts'
import { isActive } from '../../core/access/may.ts'
import type { Caller } from '../auth/caller.ts'
import { isSameText } from '../auth/keys.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { contextOfKey, isFirstMessage, messageWindowMs, resultKeyOf } from './result-keys.ts'

export interface Reporter {
  readonly access: AccessState
  readonly caller: Caller
}

/** Throws a refusal. A signed message counts once, whatever becomes of it. */
export async function whoReports(deps: RouteDeps, context: Context<ApiEnv>, body: string): Promise<Reporter> {
  const caller = context.get('caller')
  if (caller.kind === 'person')
    throw new RouteRefusal(
      'forbidden',
      'A result from outside is reported by a machine; a person waives or answers a step.',
    )
  if (caller.kind !== 'nobody') return { access: context.get('access'), caller }
  return signedBy(deps, context, body)
}

async function signedBy(deps: RouteDeps, context: Context<ApiEnv>, body: string): Promise<Reporter> {
  const header = (name: string) => context.req.header(name) ?? ''
  const [id, timestamp] = [header('webhook-id'), header('webhook-timestamp')]
  const key = deps.sealer ? await resultKeyOf(deps.store, header('x-holdpoint-key')) : null
  const now = deps.clock.now()
  const wrong = () => new RouteRefusal('bad-signature', 'This message is not signed with a key that is valid here.')
  if (key === null || !deps.sealer || key.expires <= now) throw wrong()
  if (!/^[\w.-]{8,100}$/.test(id))
    throw new RouteRefusal(
      'bad-signature',
      'webhook-id has to be 8 to 100 letters, digits and _ . - that no message had before.',
    )
  const secret = Buffer.from(deps.sealer.open(key.secret, contextOfKey(key.id)).slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  // Several signatures may stand there while a key is changed.
  if (
    !header('webhook-signature')
      .split(' ')
      .some((one) => isSameText(one, `v1,${expected}`))
  )
    throw wrong()
  const ageMs = Math.abs(now - Number(timestamp) * 1_000)
  if (!/^\d{1,12}$/.test(timestamp) || ageMs > messageWindowMs)
    throw new RouteRefusal(
      'bad-signature',
      'This message is too old, or comes from a clock that is wrong by more than five minutes.',
    )
  const access = await deps.directory.current()
  if (!access.machines.has(key.machine) || !isActive(access, key.machine)) throw wrong()
  if (!(await isFirstMessage(deps.store, key.id, id, now)))
    throw new RouteRefusal('used-up', 'A message with this id has been taken before.')
  const place = { organisation: key.organisation, project: key.project, environment: null }
  // It may report, and see what it reports about: nothing else of what the machine may.
  const scope = { place, rights: ['release.read', 'release.act'], labels: [] }
  return { access, caller: { kind: 'machine', id: key.machine, token: { id: key.id, scope } } }
}

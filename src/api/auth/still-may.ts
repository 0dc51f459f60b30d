/** Ends what goes on after its request was let in: a stream is closed within a second of its reader losing the right to it. */
import type { Context } from 'hono'
import type { Place } from '../../core/access/access.ts'
import { isActive } from '../../core/access/may.ts'
import type { Right } from '../../core/access/rights.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { type Caller, callerMay } from './caller.ts'

const LOOK_EVERY_MS = 500

/** Aborts when the caller may no longer, or when it cannot be told; never for the owner of the socket. */
export function whileMay(deps: RouteDeps, context: Context<ApiEnv>, right: Right, place: Place): AbortController {
  const lost = new AbortController()
  const caller = context.get('caller')
  if (caller.kind !== 'local') void watch(deps, caller, right, place, lost)
  return lost
}

async function watch(
  deps: RouteDeps,
  caller: Caller,
  right: Right,
  place: Place,
  lost: AbortController,
): Promise<void> {
  const over = AbortSignal.any([lost.signal, deps.closing])
  while (!lost.signal.aborted) {
    await deps.clock.sleep(LOOK_EVERY_MS, over)
    if (deps.closing.aborted) return
    if (!lost.signal.aborted && !(await stillMay(deps, caller, right, place).catch(() => false))) lost.abort()
  }
}

async function stillMay(deps: RouteDeps, caller: Caller, right: Right, place: Place): Promise<boolean> {
  if (caller.kind === 'nobody' || caller.kind === 'local') return caller.kind === 'local'
  const state = await deps.directory.current()
  if (!isActive(state, caller.id) || !callerMay(state, caller, right, place)) return false
  if (caller.token !== null) {
    const token = state.tokens.get(caller.token.id)
    return token !== undefined && !token.isRevoked && token.expires > deps.clock.now()
  }
  if (caller.kind !== 'person' || caller.session === null) return false
  return (await deps.accounts.openSessions()).has(caller.session.key)
}

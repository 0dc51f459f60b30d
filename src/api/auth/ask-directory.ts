/** A request that changes the directory: who asks is whoever sent it. */
import type { Context } from 'hono'
import type { AccessCommand } from '../../core/access/commands.ts'
import type { RouteDeps } from '../deps.ts'
import type { ApiEnv } from '../env.ts'
import { RouteRefusal } from '../wire/problem.ts'
import { askerOf, everywhere } from './caller.ts'
import { actorOf } from './guard.ts'

/** A refusal becomes an answer; what was accepted is in the log when this resolves. */
export async function askDirectory(deps: RouteDeps, context: Context<ApiEnv>, command: AccessCommand): Promise<void> {
  const caller = context.get('caller')
  if (caller.kind === 'nobody') throw new RouteRefusal('not-signed-in', caller.why)
  const answer = await deps.directory.ask(command, actorOf(context, everywhere), askerOf(caller))
  if (answer.kind === 'refused') throw new RouteRefusal(answer.code, answer.reason)
}

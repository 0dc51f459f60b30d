/** Who may see a record, and where one may be written. */
import type { Context } from 'hono'
import type { Place } from '../core/access/access.ts'
import type { LedgerRecord } from '../core/ports/store.ts'
import { callerMay, everywhere } from './auth/caller.ts'
import type { ApiEnv } from './env.ts'

/** A record without a project is local: over the network only those see it whose roles hold everywhere. */
export function placeOfRecord(context: Context<ApiEnv>, project: string | undefined): Place {
  const found = project === undefined ? undefined : context.get('access').projects.get(project)
  return found === undefined ? everywhere : { organisation: found.organisation, project: found.id, environment: null }
}

export function mayReadRecord(context: Context<ApiEnv>, { project }: Pick<LedgerRecord, 'project'>): boolean {
  return callerMay(context.get('access'), context.get('caller'), 'record.read', placeOfRecord(context, project))
}

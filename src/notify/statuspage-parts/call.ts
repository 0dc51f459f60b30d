/** Calls of a Statuspage-shaped API: an entry made, changed, found again; faults in words. */
import { z } from 'zod'
import { NotifyFault } from '../../core/ports/notify.ts'
import { askPatiently, hostOf, isRetryableStatus, type PostPowers } from '../http/post.ts'
import { oneLine, shortened } from '../http/text.ts'

export interface StatuspageAccount {
  readonly token: string
  readonly page: string
  readonly url: string
}

const entry = z.object({ id: z.string().min(1), status: z.string(), metadata: z.unknown().optional() })
export type FoundEntry = z.infer<typeof entry>

/** The entry as it stands then; null = there is none of that id (any more). */
export async function changeEntry(
  id: string | null,
  incident: object,
  account: StatuspageAccount,
  powers: PostPowers,
): Promise<FoundEntry | null> {
  const place = id === null ? '' : `/${encodeURIComponent(id)}`
  const said = await asked(id === null ? 'POST' : 'PATCH', `/incidents${place}`, { incident }, account, powers)
  return said === gone ? null : read(entry, said, account)
}

/** The newest entries of the page, open or not. */
export async function entriesOf(account: StatuspageAccount, powers: PostPowers): Promise<readonly FoundEntry[]> {
  const said = await asked('GET', '/incidents?limit=100', undefined, account, powers)
  return read(z.array(entry), said, account)
}

const gone = Symbol('there is no such entry')

async function asked(
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body: object | undefined,
  { token, page, url }: StatuspageAccount,
  powers: PostPowers,
): Promise<unknown> {
  const address = `${url.replace(/\/$/, '')}/pages/${encodeURIComponent(page)}${path}`
  const headers = {
    authorization: `OAuth ${token}`,
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  const answer = await askPatiently(method, address, headers, body && JSON.stringify(body), powers)
  if (answer.status === 404 && method === 'PATCH') return gone
  const said: unknown = await answer.json().catch(() => null)
  if (answer.status >= 200 && answer.status < 300) return said
  throw new NotifyFault(`${hostOf(url)} ${meaningOf(answer.status)}${reasonIn(said)}`, {
    retryable: isRetryableStatus(answer.status),
  })
}

function meaningOf(status: number): string {
  if (status === 401) return 'does not know the token (401)'
  if (status === 403) return 'gives this token no right to the page (403)'
  if (status === 404) return 'has no such page (404)'
  if (status === 422) return 'does not accept the entry (422)'
  return `answered ${status}`
}

const faultOf = z.object({ error: z.union([z.string(), z.array(z.string())]) })

function reasonIn(said: unknown): string {
  const fault = faultOf.safeParse(said).data
  return fault === undefined ? '' : `: ${shortened(oneLine([fault.error].flat().join('; ')), 300)}`
}

function read<T>(shape: z.ZodType<T>, said: unknown, { url }: StatuspageAccount): T {
  const parsed = shape.safeParse(said)
  if (parsed.success) return parsed.data
  throw new NotifyFault(`${hostOf(url)} did not answer as Statuspage does`, { retryable: false })
}

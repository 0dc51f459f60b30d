/** The pages of PagerDuty's `GET /oncalls`, read whole: a page that is missing would be somebody who is missing. */
import { z } from 'zod'
import type { AskedRoster } from '../../core/plan/plan.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { type OutboundAnswer, OutboundFault } from '../../core/ports/outbound.ts'

/** As much of an entry as says who, where and until when; times are ISO 8601, null = without an end. */
const entryShape = z.object({
  user: z.object({
    id: z.string().min(1),
    summary: z.string().nullish(),
    name: z.string().nullish(),
    email: z.string().nullish(),
  }),
  escalation_policy: z.object({ id: z.string() }),
  schedule: z.object({ id: z.string() }).nullish(),
  escalation_level: z.int().min(1),
  start: z.iso.datetime({ offset: true }).nullish(),
  end: z.iso.datetime({ offset: true }).nullish(),
})
export type OnCallEntry = z.infer<typeof entryShape>

const pageShape = z.object({ oncalls: z.array(entryShape), more: z.boolean(), offset: z.int(), limit: z.int() })
const faultShape = z.object({ error: z.object({ message: z.string(), errors: z.array(z.string()).optional() }) })

/** The most that one page holds. */
const pageSize = 100
const mostPages = 20
const tries = 3
const pauseMs = 500
/** Whoever asks to wait for longer has not answered. */
const mostPauseMs = 3_000

/** Who is on call cannot be read; the words say why. */
export class RosterFault extends Error {
  override name = 'RosterFault'
}

export interface AskingPowers {
  readonly http: (
    url: string,
    init: {
      readonly method: string
      readonly headers: Readonly<Record<string, string>>
      readonly signal: AbortSignal
      readonly redirect: 'manual'
    },
  ) => Promise<OutboundAnswer>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Every entry that is valid now. Throws RosterFault. */
export async function readOnCalls(
  asked: AskedRoster,
  token: string,
  powers: AskingPowers,
): Promise<readonly OnCallEntry[]> {
  const entries: OnCallEntry[] = []
  for (let page = 0; page < mostPages; page += 1) {
    const { oncalls, more } = await pageAt(asked, page * pageSize, token, powers)
    entries.push(...oncalls)
    if (!more) return entries
  }
  throw new RosterFault(`${hostOf(asked)} names more than ${mostPages * pageSize} people on call`)
}

async function pageAt(asked: AskedRoster, offset: number, token: string, powers: AskingPowers) {
  const query = new URLSearchParams({ 'include[]': 'users', limit: String(pageSize), offset: String(offset) })
  if (asked.policy !== null) query.append('escalation_policy_ids[]', asked.policy)
  for (const id of Object.values(asked.schedules)) query.append('schedule_ids[]', id)
  const answer = await patiently(`${asked.url}/oncalls?${query.toString()}`, token, hostOf(asked), powers)
  const body = await answer.json().catch(() => null)
  if (answer.status !== 200) throw new RosterFault(refusalOf(hostOf(asked), answer.status, body))
  const page = pageShape.safeParse(body)
  if (!page.success) {
    const { path, message } = page.error.issues[0] ?? { path: [], message: 'no answer' }
    throw new RosterFault(`${hostOf(asked)} answered what is no list of people on call: ${path.join('.')}: ${message}`)
  }
  if (page.data.offset !== offset)
    throw new RosterFault(`${hostOf(asked)} answered from ${page.data.offset} on, asked for ${offset}`)
  return page.data
}

/** Reading may be tried again; the last answer counts. Throws RosterFault where there is none. */
async function patiently(url: string, token: string, host: string, powers: AskingPowers): Promise<OutboundAnswer> {
  const headers = {
    authorization: `Token token=${token}`,
    accept: 'application/vnd.pagerduty+json;version=2',
    'content-type': 'application/json',
  }
  const request = { method: 'GET', headers, signal: powers.signal, redirect: 'manual' } as const
  for (let left = tries - 1; ; left -= 1) {
    const answer = await powers.http(url, request).catch((cause: unknown) => {
      if (cause instanceof OutboundFault && cause.retryable && left > 0 && !powers.signal.aborted) return null
      throw new RosterFault(cause instanceof Error ? cause.message : String(cause), { cause })
    })
    const isFinal = answer !== null && answer.status !== 429 && answer.status < 500
    if (answer !== null && (isFinal || left <= 0)) return answer
    const wished = answer === null ? null : secondsOf(answer)
    if (wished !== null && wished * 1_000 > mostPauseMs)
      throw new RosterFault(`${host} answered ${answer?.status} and asks to wait ${wished} s`)
    await powers.clock.sleep(wished === null ? pauseMs : Math.max(pauseMs, wished * 1_000), powers.signal)
  }
}

/** How long it asks to wait. */
function secondsOf({ headers }: OutboundAnswer): number | null {
  const text = headers.get('ratelimit-reset') ?? headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) : null
}

const hints: Readonly<Record<number, string>> = {
  401: 'it does not take this token; it wants a REST API key that may read',
  403: 'this token may not read who is on call',
  404: 'it knows no such escalation policy or schedule',
}

function refusalOf(host: string, status: number, body: unknown): string {
  const said = faultShape.safeParse(body).data?.error
  const words = [said?.message, ...(said?.errors ?? []), hints[status]].filter((each) => each !== undefined)
  return `${host} answered ${status}${words.length === 0 ? '' : `: ${words.join('; ').slice(0, 500)}`}`
}

export function hostOf({ url }: Pick<AskedRoster, 'url'>): string {
  return new URL(url).host
}

/** `GET /oncalls` of PagerDuty's REST API v2 as it describes it: a key that it knows, its version, known ids, pages of 100. */
import { type Posted, type PostedAnswer, type PostedServer, startPostedServer } from './posted-server.ts'

export interface PagerUser {
  readonly id: string
  readonly name: string
  readonly email: string
}

export interface PagerOnCall {
  readonly user: PagerUser
  readonly policy: string
  /** null = the policy names the user itself. */
  readonly schedule: string | null
  readonly level: number
  /** ISO 8601; null = for good. */
  readonly end: string | null
  /** Absent = since a day ago. */
  readonly start?: string | null
}

export interface OnCallServer extends PostedServer {
  /** Entries from now on. */
  say(onCalls: readonly PagerOnCall[]): void
  /** 429 so many times, with the seconds that it asks to wait. */
  limit(times: number, seconds: string): void
  /** What it answers from now on, whatever it knows; null = as it knows. */
  break(answer: ((request: Posted) => PostedAnswer | null) | null): void
}

export const readKey = 'u+OnlyReads_0123456789'
const policies = ['PPOLICY', 'POTHER1']
const schedules = ['PSCHED1', 'PSCHED2']
const mediaType = 'application/vnd.pagerduty+json;version=2'

export async function startOnCallServer(first: readonly PagerOnCall[] = []): Promise<OnCallServer> {
  let onCalls = first
  let limited: { times: number; readonly seconds: string } = { times: 0, seconds: '0' }
  let broken: ((request: Posted) => PostedAnswer | null) | null = null
  const server = await startPostedServer((request) => {
    const instead = broken?.(request)
    if (instead) return instead
    if (limited.times > 0) {
      limited.times -= 1
      return {
        status: 429,
        headers: { 'content-type': 'application/json', 'ratelimit-limit': '960', 'ratelimit-reset': limited.seconds },
        body: JSON.stringify({ error: { message: 'Rate Limit Exceeded', code: 2020 } }),
      }
    }
    return answered(request, onCalls)
  })
  return {
    ...server,
    say: (entries) => {
      onCalls = entries
    },
    limit: (times, seconds) => {
      limited = { times, seconds }
    },
    break: (answer) => {
      broken = answer
    },
  }
}

function answered(request: Posted, onCalls: readonly PagerOnCall[]): PostedAnswer {
  const url = new URL(request.path, 'http://pagerduty')
  if (request.headers.accept?.replaceAll(' ', '') !== mediaType)
    return said(406, { error: { message: 'Invalid Accept header', code: 2100, errors: [`Expected ${mediaType}`] } })
  const { authorization } = request.headers
  // The service says this in plain text.
  if (authorization !== `Token token=${readKey}`)
    return { status: 401, headers: { 'content-type': 'text/plain' }, body: 'Unauthorized' }
  if (request.method !== 'GET' || url.pathname !== '/oncalls')
    return said(404, { error: { message: 'Not Found', code: 2100 } })
  return listed(url.searchParams, onCalls)
}

function listed(query: URLSearchParams, onCalls: readonly PagerOnCall[]): PostedAnswer {
  const [ofPolicies, ofSchedules] = [query.getAll('escalation_policy_ids[]'), query.getAll('schedule_ids[]')]
  const unknown = [
    ...ofPolicies.filter((id) => !policies.includes(id)),
    ...ofSchedules.filter((id) => !schedules.includes(id)),
  ]
  if (unknown.length > 0) return invalid(404, 'Not Found', [`${unknown.join(', ')} could not be found`])
  const [limit, offset] = [Number(query.get('limit') ?? '25'), Number(query.get('offset') ?? '0')]
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return invalid(400, 'Limit must be at most 100', [])
  if (!Number.isInteger(offset) || offset < 0) return invalid(400, 'Offset is invalid', [])
  const found = onCalls.filter(
    ({ policy, schedule }) =>
      (ofPolicies.length === 0 || ofPolicies.includes(policy)) &&
      (ofSchedules.length === 0 || (schedule !== null && ofSchedules.includes(schedule))),
  )
  const withUsers = query.getAll('include[]').includes('users')
  return said(200, {
    oncalls: found.slice(offset, offset + limit).map((one) => entryOf(one, withUsers)),
    limit,
    offset,
    more: found.length > offset + limit,
    total: null,
  })
}

function entryOf({ user, policy, schedule, level, start, end }: PagerOnCall, withUsers: boolean): object {
  const reference = (id: string, type: string) => ({
    id,
    type: `${type}_reference`,
    summary: `${type} ${id}`,
    self: `https://api.pagerduty.com/${type}s/${id}`,
    html_url: null,
  })
  const { id, name, email } = user
  const whole = { id, type: 'user', summary: name, name, email, time_zone: 'UTC', role: 'user', teams: [] }
  return {
    escalation_policy: reference(policy, 'escalation_policy'),
    escalation_level: level,
    schedule: schedule === null ? null : reference(schedule, 'schedule'),
    user: withUsers ? whole : { ...reference(id, 'user'), summary: name },
    start: end === null ? null : (start ?? new Date(Date.now() - 86_400_000).toISOString()),
    end,
  }
}

function invalid(status: number, message: string, errors: readonly string[]): PostedAnswer {
  return said(status, { error: { message, code: 2001, errors } })
}

function said(status: number, answer: object): PostedAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) }
}

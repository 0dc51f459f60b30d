/** How the API of GitHub is asked: pages, limits, questions of GraphQL, refusals in words. Whoever calls brings the requests and the waiting. */
import type { OutboundAnswer } from '../ports/outbound.ts'
import type { Json, Millis } from '../units.ts'
import { dataOf, graphqlAt } from './graphql.ts'
import { GithubFault, messageOf } from './refusal.ts'

export { GithubFault } from './refusal.ts'

/** Where github.com answers; a server of GitHub Enterprise answers at `https://HOST/api/v3`. */
export const githubApi = 'https://api.github.com'

export interface GithubPlace {
  /** Without a slash at its end. */
  readonly base: string
  /** `owner/name`. */
  readonly repository: string
  readonly token: string
}

export interface GithubPowers {
  readonly ask: (
    url: string,
    init: {
      readonly method: string
      readonly headers: Readonly<Record<string, string>>
      readonly body?: string | Uint8Array
    },
  ) => Promise<OutboundAnswer>
  readonly sleep: (ms: Millis) => Promise<void>
}

export interface Github {
  /** `owner/name`. */
  readonly repository: string
  /** What is at a path of the repository, such as `/releases/5`; null = 404: it is not there, or not for this token. */
  readonly get: (path: string) => Promise<Json | null>
  /** A list over all its pages; of an answer that is a map, the list under `name`. Null as for `get`. */
  readonly all: (path: string, name?: string) => Promise<readonly Json[] | null>
  /** Changes something, and is never asked twice where it may have been done. Null = an answer without a text. */
  readonly send: (method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body: Json) => Promise<Json | null>
  /** What GraphQL answers; an answer with an error in it is refused whole, as half a picture is none. */
  readonly graphql: (query: string, variables: Readonly<Record<string, Json>>) => Promise<Json>
  /** Puts the bytes of a file to an address that GitHub gave for it, on a server of the same GitHub only. */
  readonly upload: (address: string, bytes: Uint8Array, type: string) => Promise<Json>
}

const longestWaitMs = 90_000
const attempts = 3
const mostPages = 50

interface Seen {
  readonly tag: string
  readonly body: Json
}

export function githubAt(place: GithubPlace, powers: GithubPowers): Github {
  const seen = new Map<string, Seen>()
  const root = `${place.base}/repos/${place.repository}`
  const get = async (path: string): Promise<Json | null> => {
    const known = seen.get(path)
    const answer = await patiently('GET', root + path, undefined, known?.tag, place, powers)
    if (known !== undefined && answer.status === 304) return known.body
    if (answer.status === 404) return null
    const body = readBody(await answer.text(), path)
    const tag = answer.headers.get('etag')
    if (tag !== null) seen.set(path, { tag, body })
    return body
  }
  const all = async (path: string, name?: string): Promise<readonly Json[] | null> => {
    const rows: Json[] = []
    let url: string | null = `${root}${path}${path.includes('?') ? '&' : '?'}per_page=100`
    for (let page = 0; url !== null; page += 1) {
      if (page === mostPages) throw new GithubFault(`${path} has more than ${mostPages} pages`, 200)
      const answer: OutboundAnswer = await patiently('GET', url, undefined, undefined, place, powers)
      if (answer.status === 404) return null
      rows.push(...rowsOf(readBody(await answer.text(), path), name, path))
      url = nextPage(answer, place)
    }
    return rows
  }
  const send: Github['send'] = async (method, path, body) => {
    const answer = await patiently(method, root + path, JSON.stringify(body), undefined, place, powers)
    if (answer.status === 404)
      throw new GithubFault(`${place.repository}${path} is not there, or the token may not change it (404)`, 404)
    const text = await answer.text()
    return text === '' ? null : readBody(text, path)
  }
  const graphql: Github['graphql'] = async (query, variables) => {
    const asked = JSON.stringify({ query, variables })
    const answer = await patiently('POST', graphqlAt(place.base), asked, undefined, place, powers)
    if (answer.status === 404) throw new GithubFault('there is no GraphQL at this GitHub (404)', 404)
    return dataOf(readBody(await answer.text(), '/graphql'))
  }
  const upload: Github['upload'] = async (address, bytes, type) => {
    const { origin } = new URL(address)
    if (origin !== new URL(place.base).origin && origin !== uploadsOf(place.base))
      throw new GithubFault(`files are to be put to ${origin}, where the token is not sent`, 0)
    const answer = await patiently('POST', address, bytes, undefined, place, powers, type)
    if (answer.status === 404) throw new GithubFault('what the file belongs to is not there any more (404)', 404)
    return readBody(await answer.text(), 'a file')
  }
  return { repository: place.repository, get, all, send, graphql, upload }
}

/** Where files are put: `https://uploads.github.com` for `https://api.github.com`, else the server itself. */
export function uploadsOf(base: string): string {
  const { origin, protocol, host } = new URL(base)
  return host.startsWith('api.') ? `${protocol}//uploads.${host.slice('api.'.length)}` : origin
}

/** Asked again after a limit, which means that nothing was done; after an outage only where nothing is changed. */
async function patiently(
  method: string,
  url: string,
  body: string | Uint8Array | undefined,
  tag: string | undefined,
  place: GithubPlace,
  powers: GithubPowers,
  type = 'application/json',
): Promise<OutboundAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await powers.ask(url, {
      method,
      headers: headersOf(place, tag, body === undefined ? null : type),
      ...(body === undefined ? {} : { body }),
    })
    if (answer.status < 400 || answer.status === 404) return answer
    const said = messageOf(await answer.text())
    const waitMs = method === 'GET' && answer.status >= 500 ? attempt * 1_000 : limitOf(answer, said)
    if (waitMs === null || attempt === attempts) throw faultOf(answer.status, said)
    if (waitMs > longestWaitMs)
      throw new GithubFault(`GitHub asks to wait ${Math.ceil(waitMs / 1_000)} s: too many requests`, answer.status)
    await powers.sleep(waitMs)
  }
}

function headersOf({ token }: GithubPlace, tag: string | undefined, type: string | null): Record<string, string> {
  return {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'user-agent': 'holdpoint',
    'x-github-api-version': '2022-11-28',
    ...(tag === undefined ? {} : { 'if-none-match': tag }),
    ...(type === null ? {} : { 'content-type': type }),
  }
}

/** How long a limit lasts, by the clock of GitHub; null = it is no limit. */
function limitOf(answer: OutboundAnswer, said: string): Millis | null {
  if (answer.status !== 403 && answer.status !== 429) return null
  const after = answer.headers.get('retry-after')
  if (after !== null && /^\d{1,6}$/.test(after)) return Number(after) * 1_000
  const reset = Number(answer.headers.get('x-ratelimit-reset') ?? Number.NaN) * 1_000
  const now = Date.parse(answer.headers.get('date') ?? '')
  if (answer.headers.get('x-ratelimit-remaining') === '0')
    return Number.isNaN(reset - now) ? 60_000 : Math.max(1_000, reset - now + 1_000)
  return answer.status === 429 || /secondary rate limit/i.test(said) ? 60_000 : null
}

function faultOf(status: number, said: string): GithubFault {
  const what =
    status === 401
      ? 'GitHub does not accept the token'
      : status >= 500
        ? 'GitHub has an outage'
        : status === 403
          ? `GitHub refuses: ${said}`
          : `GitHub does not accept it: ${said}`
  return new GithubFault(`${what} (${status})`, status)
}

function readBody(text: string, path: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new GithubFault(`the answer to ${path} is no JSON`, 0)
  }
}

function rowsOf(body: Json, name: string | undefined, path: string): readonly Json[] {
  const rows = name === undefined ? body : typeof body === 'object' && body !== null ? (body as never)[name] : null
  if (!Array.isArray(rows)) throw new GithubFault(`the answer to ${path} is not as GitHub's`, 0)
  return rows
}

/** A link that leads elsewhere would take the token along. */
function nextPage(answer: OutboundAnswer, { base }: GithubPlace): string | null {
  const links = (answer.headers.get('link') ?? '').split(',')
  const next = links.find((link) => /;\s*rel="?next"?/.test(link))
  const url = /<([^>]+)>/.exec(next ?? '')?.[1] ?? null
  if (url !== null && !url.startsWith(`${base}/`))
    throw new GithubFault('the next page lies at another place, where the token is not sent', 0)
  return url
}

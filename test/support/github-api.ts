/**
 * The part of GitHub's API that checks and actions ask, from its public description: tokens and rights, pages by `Link`,
 * limits, entity tags, validation. What GitHub refuses is refused here.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { actionRoutes } from './github-actions.ts'
import { graphqlAnswer } from './github-graphql.ts'
import { issueRoutes } from './github-issues.ts'
import { releaseRoutes } from './github-releases.ts'
import { emptyRepository, type GithubAnswer, type GithubRepository, routed } from './github-repository.ts'

export interface GithubApi {
  readonly base: string
  readonly token: string
  readonly repository: GithubRepository
  /** `GET /repos/acme/shop/releases 200`, in order. */
  readonly asked: readonly string[]
  /** The next so many requests are answered like this instead. */
  instead(times: number, status: number, headers?: Readonly<Record<string, string>>, message?: string): void
  /** The token may only read. */
  readOnly(): void
  close(): Promise<void>
}

const token = 'github_pat_11AAAAAAA0example'

export async function startGithubApi(): Promise<GithubApi> {
  const repository = emptyRepository()
  const asked: string[] = []
  let planned: { times: number; answer: GithubAnswer } = { times: 0, answer: { status: 500 } }
  let isReadOnly = false

  const answerTo = (request: IncomingMessage, body: Buffer, base: string): GithubAnswer => {
    const { headers, method = 'GET' } = request
    const url = new URL(request.url ?? '/', base)
    if (!headers['user-agent']) return refuse(403, 'Request forbidden by administrative rules.')
    if (planned.times > 0) {
      planned = { ...planned, times: planned.times - 1 }
      return planned.answer
    }
    if (headers['x-github-api-version'] !== '2022-11-28') return refuse(400, 'Unsupported API version')
    if (headers.authorization !== `Bearer ${token}`) return refuse(401, 'Bad credentials')
    if (url.pathname === '/graphql' && method === 'POST') return graphqlAnswer(repository, body, isReadOnly)
    const path = /^\/(?:uploads\/)?repos\/acme\/shop(\/.*)?$/.exec(url.pathname)
    if (!path) return refuse(404, 'Not Found')
    if (isReadOnly && method !== 'GET') return refuse(403, 'Resource not accessible by personal access token')
    const { searchParams: query } = url
    const isUpload = url.pathname.startsWith('/uploads/')
    const given = { method, path: path[1] ?? '', query, body, base, type: headers['content-type'], isUpload }
    return routed(repository, given, [...actionRoutes, ...releaseRoutes, ...issueRoutes])
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const answer = answerTo(request, Buffer.concat(chunks), base)
      const sent = tagged(request, paged(new URL(request.url ?? '/', base), answer))
      asked.push(`${request.method} ${request.url} ${sent.status}`)
      response.writeHead(sent.status, { 'content-type': 'application/json; charset=utf-8', ...sent.headers })
      response.end(sent.body === undefined || sent.status === 304 ? undefined : JSON.stringify(sent.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    repository,
    asked,
    instead: (times, status, headers = {}, message = 'told to') => {
      planned = { times, answer: { status, headers, body: { message } } }
    },
    readOnly: () => {
      isReadOnly = true
      repository.permissions.push = false
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refuse(status: number, message: string): GithubAnswer {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest' } }
}

/** Thirty to a page, a hundred at most; the next page by its address. */
function paged(url: URL, answer: GithubAnswer): GithubAnswer {
  const { list, body } = answer
  if (list === undefined) return answer
  const size = Math.min(Number(url.searchParams.get('per_page') ?? 30), 100)
  const page = Number(url.searchParams.get('page') ?? 1)
  const rows = list.rows.slice((page - 1) * size, page * size)
  const next = new URL(url)
  next.searchParams.set('page', String(page + 1))
  const hasMore = list.rows.length > page * size
  return {
    status: answer.status,
    body: list.name === null ? rows : { ...(body as object), [list.name]: rows },
    headers: hasMore ? { link: `<${next.href}>; rel="next", <${next.href}>; rel="last"` } : {},
  }
}

function tagged(request: IncomingMessage, answer: GithubAnswer): GithubAnswer {
  if (request.method !== 'GET' || answer.status !== 200) return answer
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`
  const status = request.headers['if-none-match'] === etag ? 304 : 200
  return { ...answer, status, headers: { ...answer.headers, etag } }
}

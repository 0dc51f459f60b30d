/** A small shop that defends itself as it should, or, weakness by weakness, does not: what security probes are tried on. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'

export type Weakness =
  | 'any-token'
  | 'unsigned-token'
  | 'signature-unread'
  | 'expired-token'
  | 'member-deletes'
  | 'foreign-order'
  | 'foreign-list'
  | 'sql-error'
  | 'sql-silent'
  | 'script'
  | 'size'
  | 'bytes'
  | 'headers'
  | 'inline-scripts'
  | 'any-origin'
  | 'origin-suffix'
  | 'no-csrf'
  | 'link-expiry-unsigned'
  | 'link-for-ever'
  | 'uploads-unscanned'
  | 'no-limit'
  | 'forwarded'
  | 'limit-for-all'

export interface ProbedService {
  readonly base: string
  /** Requests that were not marked as ours. */
  readonly unmarked: () => number
  readonly asked: () => number
  readonly orders: () => number
  readonly token: (claims: { readonly tenant: string; readonly role: string; readonly expired?: boolean }) => string
  readonly link: (lifeMs: number) => string
  readonly close: () => Promise<void>
}

const key = 'key of a service that exists for a test'
export const session = 'session=of-a-browser'
export const csrfToken = 'token-of-the-page'
const own = 'https://shop.example'
const mostBytes = 64 * 1024

export async function probedService(weaknesses: readonly Weakness[] = []): Promise<ProbedService> {
  const shop = new Shop(new Set(weaknesses))
  const server = createServer((request, response) => void shop.answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    base,
    unmarked: () => shop.unmarked,
    asked: () => shop.asked,
    orders: () => shop.orders(),
    token: ({ tenant, role, expired = false }) => signedToken(tenant, role, expired),
    link: (lifeMs) => {
      const expires = String(Date.now() + lifeMs)
      return `${base}/files/1?expires=${expires}&signature=${signed(`1 ${expires}`)}`
    },
    close: () => closed(server),
  }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

interface Claims {
  readonly tenant: string
  readonly role: string
  readonly exp: number
}

class Refusal extends Error {
  readonly status: number
  constructor(status: number) {
    super(`refused with ${status}`)
    this.status = status
  }
}

class Shop {
  unmarked = 0
  asked = 0
  private readonly weak: ReadonlySet<Weakness>
  private readonly database = new DatabaseSync(':memory:')
  private readonly counts = new Map<string, number>()

  constructor(weak: ReadonlySet<Weakness>) {
    this.weak = weak
    this.database.exec(`CREATE TABLE orders (id TEXT, tenant TEXT, item TEXT);
      INSERT INTO orders VALUES ('a-1', 'a', 'chair'), ('a-2', 'a', 'table'), ('b-1', 'b', 'lamp')`)
  }

  orders(): number {
    return Number(this.database.prepare('SELECT count(*) AS n FROM orders').get()?.['n'])
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.asked += 1
    if (request.headers['x-synthetic'] === undefined) this.unmarked += 1
    const url = new URL(request.url ?? '/', 'http://shop.test')
    this.protect(request, response)
    try {
      const body = await this.bodyOf(request)
      this.route(request, url, body, response)
    } catch (fault) {
      const status = fault instanceof Refusal ? fault.status : 500
      response.writeHead(status, { 'content-type': 'text/plain', connection: status === 413 ? 'close' : 'keep-alive' })
      response.end(status === 500 ? String(fault) : 'refused')
    }
  }

  private protect(request: IncomingMessage, response: ServerResponse): void {
    if (this.weak.has('headers')) response.setHeader('x-powered-by', 'Shop 1.2')
    else {
      const scripts = this.weak.has('inline-scripts') ? "'self' 'unsafe-inline'" : "'self'"
      response.setHeader('content-security-policy', `default-src ${scripts}; frame-ancestors 'none'`)
      response.setHeader('x-content-type-options', 'nosniff')
      response.setHeader('referrer-policy', 'no-referrer')
    }
    const { origin } = request.headers
    if (origin === undefined || !this.mayRead(origin)) return
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-allow-credentials', 'true')
  }

  private mayRead(origin: string): boolean {
    if (this.weak.has('any-origin')) return true
    return this.weak.has('origin-suffix') ? origin.startsWith(own) : origin === own
  }

  private async bodyOf(request: IncomingMessage): Promise<string> {
    const pieces: Buffer[] = []
    let size = 0
    for await (const piece of request as AsyncIterable<Buffer>) {
      size += piece.length
      if (size <= mostBytes || this.weak.has('size')) pieces.push(piece)
    }
    if (size > mostBytes && !this.weak.has('size')) throw new Refusal(413)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces))
    } catch (fault) {
      if (this.weak.has('bytes')) throw fault
      throw new Refusal(400)
    }
  }

  private route(request: IncomingMessage, url: URL, body: string, response: ServerResponse): void {
    const order = /^\/orders\/([\w-]+)$/.exec(url.pathname)?.[1]
    if (request.method === 'OPTIONS') return send(response, 204, '')
    if (url.pathname === '/') return send(response, 200, '<h1>Shop</h1>', 'text/html')
    if (url.pathname === '/orders') return send(response, 200, JSON.stringify(this.list(this.claimsOf(request))))
    if (order !== undefined) return this.oneOrder(request, order, response)
    if (url.pathname === '/search') return this.search(url.searchParams.get('q') ?? '', response)
    if (url.pathname === '/notes') return this.note(body, response)
    if (url.pathname === '/profile') return this.profile(request, response)
    if (url.pathname === '/files/1') return this.file(url.searchParams, response)
    if (url.pathname === '/uploads') return this.upload(body, response)
    if (url.pathname === '/limited') return this.limited(`address ${this.addressOf(request)}`, response)
    if (url.pathname === '/mine') {
      const { tenant } = this.claimsOf(request)
      return this.limited(this.weak.has('limit-for-all') ? 'all' : `user ${tenant}`, response)
    }
    throw new Refusal(404)
  }

  private claimsOf({ headers }: IncomingMessage): Claims {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if (token === undefined) throw new Refusal(401)
    const [head = '', content = '', signature = ''] = token.split('.')
    const isUnsigned = this.weak.has('unsigned-token') && read(head)?.['alg'] === 'none'
    const isTrusted = isUnsigned || this.weak.has('signature-unread') || same(signature, signed(`${head}.${content}`))
    const claims = read(content) as Claims | null
    if (this.weak.has('any-token')) return claims ?? { tenant: 'a', role: 'owner', exp: 0 }
    if (!isTrusted || claims === null) throw new Refusal(401)
    if (claims.exp * 1_000 < Date.now() && !this.weak.has('expired-token')) throw new Refusal(401)
    return claims
  }

  private list({ tenant }: Claims): readonly unknown[] {
    if (this.weak.has('foreign-list')) return this.database.prepare('SELECT * FROM orders').all()
    return this.database.prepare('SELECT * FROM orders WHERE tenant = ?').all(tenant)
  }

  private oneOrder(request: IncomingMessage, id: string, response: ServerResponse): void {
    const claims = this.claimsOf(request)
    const tenant = this.weak.has('foreign-order') ? '%' : claims.tenant
    const row = this.database.prepare('SELECT * FROM orders WHERE id = ? AND tenant LIKE ?').get(id, tenant)
    const mayDelete = claims.role === 'owner' || this.weak.has('member-deletes')
    if (request.method === 'DELETE' && !mayDelete) throw new Refusal(403)
    if (row === undefined) throw new Refusal(404)
    if (request.method === 'DELETE') this.database.prepare('DELETE FROM orders WHERE id = ?').run(id)
    send(response, 200, JSON.stringify(row))
  }

  private search(words: string, response: ServerResponse): void {
    const rows = this.found(words)
    const shown = this.weak.has('script')
      ? words
      : words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&#39;')
    const items = rows.map((row) => `<li>${String(row['item'])}</li>`).join('')
    send(response, 200, `<p>You looked for ${shown}</p><ul>${items}</ul>`, 'text/html')
  }

  private found(words: string): readonly Record<string, unknown>[] {
    if (!this.weak.has('sql-error') && !this.weak.has('sql-silent'))
      return this.database.prepare('SELECT item FROM orders WHERE item = ?').all(words)
    try {
      return this.database.prepare(`SELECT item FROM orders WHERE item = '${words}'`).all()
    } catch (fault) {
      if (this.weak.has('sql-error')) throw fault
      return []
    }
  }

  private note(body: string, response: ServerResponse): void {
    const text = read(Buffer.from(body).toString('base64url'))?.['text']
    if (typeof text !== 'string') throw new Refusal(400)
    send(response, 201, JSON.stringify({ text }))
  }

  private profile({ headers }: IncomingMessage, response: ServerResponse): void {
    if (headers.cookie !== session) throw new Refusal(401)
    if (headers['x-csrf-token'] !== csrfToken && !this.weak.has('no-csrf')) throw new Refusal(403)
    send(response, 200, '{}')
  }

  private file(query: URLSearchParams, response: ServerResponse): void {
    const expires = query.get('expires') ?? ''
    const isSigned = same(query.get('signature') ?? '', signed(`1 ${expires}`))
    if (!isSigned && !(this.weak.has('link-expiry-unsigned') && query.has('signature'))) throw new Refusal(403)
    if (Number(expires) < Date.now() && !this.weak.has('link-for-ever')) throw new Refusal(410)
    send(response, 200, 'a file', 'text/plain')
  }

  private upload(body: string, response: ServerResponse): void {
    if (body.includes('ANTIVIRUS-TEST-FILE') && !this.weak.has('uploads-unscanned')) throw new Refusal(422)
    send(response, 201, '{}')
  }

  private addressOf(request: IncomingMessage): string {
    const told = this.weak.has('forwarded') ? request.headers['x-forwarded-for'] : undefined
    return String(told ?? request.socket.remoteAddress)
  }

  private limited(who: string, response: ServerResponse): void {
    const count = (this.counts.get(who) ?? 0) + 1
    this.counts.set(who, count)
    if (count > 5 && !this.weak.has('no-limit')) throw new Refusal(429)
    send(response, 200, '{}')
  }
}

function send(response: ServerResponse, status: number, text: string, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(text)
}

function signedToken(tenant: string, role: string, expired: boolean): string {
  const iat = Math.floor(Date.now() / 1_000) - (expired ? 7_200 : 0)
  const content = `${written({ alg: 'HS256', typ: 'JWT' })}.${written({ tenant, role, iat, exp: iat + 3_600 })}`
  return `${content}.${signed(content)}`
}

function written(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function read(part: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>
  } catch {
    return null
  }
}

function signed(text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

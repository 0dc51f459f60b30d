/** Somebody who asks a server over HTTP: sees every status, and asks the next replica when one does not answer. */
import http from 'node:http'

export interface Answer {
  /** 0 = nobody answered, or the answer broke off. */
  readonly status: number
  readonly type: string
  readonly body: Readonly<Record<string, unknown>>
}

/** What any server of a test has ever answered: the suite looks at it in the end. */
export class Seen {
  readonly statuses = new Map<number, number>()
  /** Answers that no fault of the surroundings excuses. */
  readonly wrong: string[] = []

  note(call: string, { status, type, body }: Answer): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    const isProblem = type.startsWith('application/problem+json')
    if (status === 500 || (status >= 400 && !isProblem)) this.wrong.push(`${call}: ${status} ${JSON.stringify(body)}`)
    if (status === 507 && body['code'] !== 'store-full') this.wrong.push(`${call}: 507 ${JSON.stringify(body)}`)
    if (status === 503 && body['code'] !== 'store-fault' && body['code'] !== 'stopping')
      this.wrong.push(`${call}: 503 ${JSON.stringify(body)}`)
  }
}

export interface Call {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

const answerWithinMs = 40_000

export class Caller {
  readonly #seen: Seen
  readonly #urls: () => readonly string[]
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  secret: string | null
  #next = 0

  constructor(seen: Seen, urls: () => readonly string[], secret: string | null = null) {
    this.#seen = seen
    this.#urls = urls
    this.secret = secret
  }

  /** The same addresses, as somebody else. */
  as(secret: string): Caller {
    return new Caller(this.#seen, this.#urls, secret)
  }

  get(path: string, call: Call = {}): Promise<Answer> {
    return this.#ask('GET', this.#choose(), path, call)
  }

  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#ask('POST', this.#choose(), path, { body, headers })
  }

  /** Of one replica only. */
  at(url: string): {
    get(path: string, call?: Call): Promise<Answer>
    post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  } {
    return {
      get: (path, call = {}) => this.#ask('GET', url, path, call),
      post: (path, body, headers = {}) => this.#ask('POST', url, path, { body, headers }),
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  #choose(): string {
    const urls = this.#urls()
    this.#next += 1
    return urls[this.#next % urls.length] ?? ''
  }

  async #ask(method: 'GET' | 'POST', url: string, path: string, call: Call): Promise<Answer> {
    const answer = await this.#send(method, url, path, call)
    this.#seen.note(`${method} ${path}`, answer)
    return answer
  }

  #send(method: 'GET' | 'POST', url: string, path: string, { body, headers = {}, timeoutMs }: Call): Promise<Answer> {
    const nobody = (why: unknown): Answer => ({ status: 0, type: '', body: { why: String(why) } })
    if (url === '') return Promise.resolve(nobody('nobody is running'))
    const text = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve) => {
      const request = http.request(
        `${url}${path}`,
        {
          method,
          agent: this.#agent,
          timeout: timeoutMs ?? answerWithinMs,
          headers: {
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
            ...(this.secret === null ? {} : { authorization: `Bearer ${this.secret}` }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', (why) => resolve(nobody(why)))
          response.on('aborted', () => resolve(nobody('it broke off')))
          response.on('end', () => {
            const type = response.headers['content-type'] ?? ''
            resolve({ status: response.statusCode ?? 0, type, body: jsonIn(Buffer.concat(chunks).toString('utf8')) })
          })
        },
      )
      request.on('timeout', () => request.destroy(new Error('no answer in time')))
      request.on('error', (why: NodeJS.ErrnoException) => {
        // A server closes what was idle in the very moment in which it is used again: asked once more, as any client does.
        const wasIdle = request.reusedSocket && (why.code === 'ECONNRESET' || why.code === 'EPIPE')
        resolve(
          wasIdle ? this.#send(method, url, path, { body, headers, ...(timeoutMs && { timeoutMs }) }) : nobody(why),
        )
      })
      request.end(text)
    })
  }
}

function jsonIn(text: string): Answer['body'] {
  try {
    return JSON.parse(text) as Answer['body']
  } catch {
    return { text }
  }
}

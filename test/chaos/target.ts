/** What releases of the chaos suite act upon: counts every effect, keeps a fence per release, refuses whoever is behind it. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request that wanted to change something. */
export interface Effect {
  readonly at: number
  readonly what: 'apply' | 'undo' | 'weight'
  readonly release: string
  readonly step: string
  readonly attempt: string
  readonly epoch: number
  readonly percent: number | null
  readonly accepted: boolean
}

export interface Delivered {
  readonly at: number
  readonly release: string
  readonly message: string
  readonly on: string
}

export class Target {
  readonly effects: Effect[] = []
  readonly delivered: Delivered[] = []
  /** What no log can excuse. */
  readonly outrages: string[] = []
  readonly weights = new Map<string, { percent: number; epoch: number }>()
  /** Steps whose effect stands, as `release step`. */
  readonly applied = new Set<string>()
  /** Failures that the metrics page shows. */
  failures = 0
  /** Answers of the message channel: what a receiver that is down says. */
  hookStatus = 200
  /** How long an action takes before it is counted and answered. */
  actionMs = 0
  /** Actions that have come and are not counted yet. */
  waiting = 0
  readonly #fences = new Map<string, number>()
  readonly #server: http.Server

  private constructor() {
    this.#server = http.createServer((request, response) => void this.#answer(request, response))
  }

  static async start(): Promise<Target> {
    const target = new Target()
    target.#server.listen(0, '127.0.0.1')
    await once(target.#server, 'listening')
    return target
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  isApplied(release: string, step: string): boolean {
    return this.applied.has(`${release} ${step}`)
  }

  /** The newest epoch that anybody has shown. */
  fence(release: string): number {
    return this.#fences.get(release) ?? 0
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://target')
    const given = url.searchParams
    const text = (name: string): string => given.get(name) ?? ''
    const reply = (status: number, body = ''): void => void response.writeHead(status).end(`${body}\n`)
    const release = text('release')
    const key = `${release} ${text('step')}`
    if (url.pathname === '/metrics') return reply(200, this.#page())
    if (url.pathname === '/hook') return this.#take(request, reply)
    if (url.pathname === '/read') return reply(200, String(this.weights.get(key)?.percent ?? 0))
    const epoch = Number(text('epoch'))
    const isBehind = !this.#passes(release, epoch)
    if (url.pathname === '/probe')
      return isBehind ? reply(409, 'stale epoch') : reply(this.applied.has(key) ? 200 : 404)
    const what = url.pathname.slice(1) as Effect['what']
    const percent = given.has('percent') ? Number(text('percent')) : null
    if (what === 'apply') await this.#work()
    // The wait above gave a newer one time to come.
    const accepted = this.#passes(release, epoch)
    const effect = {
      at: Date.now(),
      what,
      release,
      step: text('step'),
      attempt: text('attempt'),
      epoch,
      percent,
      accepted,
    }
    this.effects.push(effect)
    if (!accepted) return reply(409, 'stale epoch')
    this.#change(effect, key)
    return reply(200, 'done')
  }

  /** Ends early when `actionMs` is lowered. */
  async #work(): Promise<void> {
    this.waiting += 1
    const endsAt = () => startedAt + this.actionMs
    const startedAt = performance.now()
    while (performance.now() < endsAt()) await new Promise((resolve) => setTimeout(resolve, 20))
    this.waiting -= 1
  }

  /** Whoever shows a newer epoch shuts out all before. */
  #passes(release: string, epoch: number): boolean {
    const fence = this.#fences.get(release) ?? 0
    if (!Number.isInteger(epoch) || epoch < fence) return false
    this.#fences.set(release, epoch)
    return true
  }

  #change({ what, release, step, attempt, epoch, percent }: Effect, key: string): void {
    if (what === 'weight') return void this.weights.set(key, { percent: percent ?? 0, epoch })
    if (what === 'undo') return void this.applied.delete(key)
    if (this.applied.has(key)) this.outrages.push(`${attempt}: ${step} of ${release} was changed twice`)
    this.applied.add(key)
  }

  async #take(request: http.IncomingMessage, reply: (status: number, body?: string) => void): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (this.hookStatus !== 200) return reply(this.hookStatus)
    const { id, release, on } = JSON.parse(Buffer.concat(chunks).toString()) as {
      id: string
      release: string
      on: string
    }
    this.delivered.push({ at: Date.now(), release, message: id, on })
    return reply(200)
  }

  #page(): string {
    return `# TYPE shop_failures gauge\nshop_failures ${this.failures}`
  }
}

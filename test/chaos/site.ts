/** A whole installation for a test: a target, a database or a folder, replicas, and people who have signed in. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kinds } from '../../src/app/app.ts'
import { compile } from '../../src/core/plan/compile.ts'
import type { Plan } from '../../src/core/plan/plan.ts'
import { type PostgresCluster, startCluster } from '../support/postgres.ts'
import { type Answer, Caller, Seen } from './caller.ts'
import { targetScript } from './checklists.ts'
import { Replica, type ReplicaGiven } from './replica.ts'
import { Target } from './target.ts'
import { until } from './until.ts'
import { Worker } from './worker.ts'

const password = 'a long password of somebody'

export const people = ['ana', 'ben', 'cleo', 'dan'] as const
export type Person = (typeof people)[number]

export interface SiteGiven {
  /** Folder of PostgreSQL's programs; null = one server on the embedded store. */
  readonly postgres: string | null
  readonly replicas: number
  /** Workers in processes of their own, which then run all commands; absent = the replicas run them. */
  readonly workers?: number
  readonly environment?: Readonly<Record<string, string>>
  readonly options?: readonly string[]
  /** Instead of the product's own server: the same with faults in it. */
  readonly program?: string
  /** Where the servers keep everything; absent = a temporary folder of its own. It is emptied in any case. */
  readonly folder?: string
}

let schemas = 0

export class Site {
  readonly folder: string
  readonly target: Target
  readonly cluster: PostgresCluster | null
  readonly schema: string
  readonly replicas: readonly Replica[]
  readonly workers: readonly Worker[]
  readonly seen = new Seen()
  /** ana starts releases, ben and cleo sign, dan signs until he is disabled. */
  readonly callers = new Map<Person, Caller>()
  /** Has not signed in. */
  readonly stranger: Caller
  readonly #ownsCluster: boolean
  readonly #ownsFolder: boolean

  private constructor(
    folder: string,
    target: Target,
    database: { cluster: PostgresCluster | null; schema: string },
    owns: { cluster: boolean; folder: boolean },
    { replicas, workers }: { replicas: readonly Replica[]; workers: readonly Worker[] },
  ) {
    this.folder = folder
    this.target = target
    this.cluster = database.cluster
    this.schema = database.schema
    this.replicas = replicas
    this.workers = workers
    this.#ownsCluster = owns.cluster
    this.#ownsFolder = owns.folder
    this.stranger = new Caller(this.seen, () => replicas.filter(({ isRunning }) => isRunning).map(({ url }) => url))
  }

  /** `shared` = a cluster of the caller's, who also ends it. */
  static async open(given: SiteGiven, shared: PostgresCluster | null = null): Promise<Site> {
    const folder = given.folder ?? mkdtempSync(join(tmpdir(), 'hp-chaos-'))
    const cluster = shared ?? (given.postgres === null ? null : await startCluster(given.postgres))
    const schema = `chaos_${process.pid}_${(schemas += 1)}`
    const of = (index: number): ReplicaGiven => ({
      home: join(folder, `replica-${index}`),
      workspace: join(folder, 'workspace'),
      database: cluster?.url(schema) ?? null,
      environment: given.environment ?? {},
      options: [...(given.workers === undefined ? [] : ['--no-local-worker']), ...(given.options ?? [])],
      ...(given.program === undefined ? {} : { program: given.program }),
    })
    const replicas = await Promise.all(Array.from({ length: given.replicas }, (_, index) => Replica.of(of(index))))
    const owns = { cluster: shared === null, folder: given.folder === undefined }
    const workers = await Promise.all(
      Array.from({ length: given.workers ?? 0 }, (_, index) =>
        Worker.of({
          name: `worker-${index}`,
          home: join(folder, `worker-${index}`),
          workspace: join(folder, 'workspace'),
          towards: () => replicas[index % replicas.length]!.port,
        }),
      ),
    )
    const site = new Site(folder, await Target.start(), { cluster, schema }, owns, { replicas, workers })
    try {
      writeFileSync(join(folder, 'workspace', 'target.sh'), targetScript(site.target.port))
      const [first, ...others] = replicas
      await first?.start()
      await Promise.all(others.map((replica) => replica.start()))
      await site.#signIn()
      for (const worker of workers) await site.#admit(worker)
    } catch (cause) {
      await site.close()
      throw cause
    }
    return site
  }

  get address(): string {
    return this.cluster?.url(this.schema) ?? this.replicas[0]!.home
  }

  caller(person: Person): Caller {
    return this.callers.get(person)!
  }

  async close(): Promise<void> {
    for (const caller of [this.stranger, ...this.callers.values()]) caller.close()
    await Promise.all(this.workers.map((worker) => worker.close()))
    await Promise.all(this.replicas.map((replica) => replica.end('SIGKILL')))
    await this.target.stop()
    if (this.#ownsCluster) await this.cluster?.dispose()
    // Its entries one by one: the folder itself may be a disk of its own.
    for (const name of readdirSync(this.folder))
      rmSync(join(this.folder, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    if (this.#ownsFolder) rmSync(this.folder, { recursive: true })
  }

  /** Makes it a machine of this server, and starts it. */
  async #admit(worker: Worker): Promise<void> {
    const ana = this.caller('ana')
    const place = { organisation: 'acme', project: 'shop', environment: 'staging' }
    await must(ana.post('/v1/machines', { machine: worker.name, about: worker.name, place }))
    await must(ana.post('/v1/grants', { holder: worker.name, role: 'worker', place }))
    const scope = { place, rights: null, labels: [] }
    const expires = Date.now() + 86_400_000
    const issued = await must(ana.post('/v1/tokens', { holder: worker.name, name: 'chaos', scope, expires }))
    worker.keepToken(String(issued['secret']))
    worker.start()
  }

  async #signIn(): Promise<void> {
    const { stranger } = this
    const body = {
      organisation: 'acme',
      project: 'shop',
      person: 'ana',
      name: 'Ana',
      email: null,
      password,
      as: 'token',
    }
    // Each start makes the link before worthless; of those at once nobody knows which was the last.
    const links = this.replicas.flatMap(({ setup }) => setup ?? [])
    const answers = []
    for (const link of links)
      answers.push(await stranger.post('/v1/setup', { key: new URL(link).hash.slice(1), ...body }))
    const setUp = answers.find(({ status }) => status === 201)
    if (!setUp) throw new Error(`no link worked: ${JSON.stringify(answers)}`)
    const ana = stranger.as(String(setUp.body['session']))
    this.callers.set('ana', ana)
    const everywhere = { organisation: null, project: null, environment: null }
    const grant = (holder: string, role: string) => must(ana.post('/v1/grants', { holder, role, place: everywhere }))
    await grant('ana', 'release-engineer')
    for (const person of people.slice(1)) {
      const place = { organisation: 'acme', project: null, environment: null }
      const added = await must(ana.post('/v1/people', { person, name: person, email: null, place }))
      await grant(person, 'approver')
      const came = await must(
        stranger.post('/v1/welcome', { key: added['invitation'], password: `${password} ${person}`, as: 'token' }),
      )
      this.callers.set(person, stranger.as(String(came['session'])))
    }
  }
}

async function must(answer: Promise<{ status: number; body: Readonly<Record<string, unknown>> }>) {
  const { status, body } = await answer
  if (status >= 300 || status === 0) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}

export function planOf(text: string): Plan {
  const bytes = new TextEncoder().encode(text)
  const { plan, problems } = compile({ file: 'release.md', bytes, shared: null }, kinds())
  if (!plan) throw new Error(JSON.stringify(problems, null, 2))
  return plan
}

/** The body of `POST /v1/releases` for a checklist's text. */
export function startBody(text: string, key: string, version = '2.0') {
  const { digest } = planOf(text)
  return {
    document: { file: 'release.md', base64: Buffer.from(text).toString('base64'), shared: null, digest },
    version,
    previous: '1.0',
    environment: 'staging',
    inputs: {},
    workspace: { root: '/', commit: null, dirty: false },
    artefact: null,
    supersede: false,
    rehearsal: false,
    idempotencyKey: key,
    project: 'shop',
  }
}

/** Asks until the server has an answer of its own, or one of `answers`: through kills, restarts and a database that is away. */
export function persist(ask: () => Promise<Answer>, answers: readonly number[] = []): Promise<Answer> {
  let last: Answer | null = null
  return until(
    'an answer of the server',
    async () => {
      last = await ask()
      return answers.includes(last.status) || ![0, 500, 503, 507].includes(last.status) ? last : null
    },
    { everyMs: 100, tell: () => JSON.stringify(last) },
  )
}

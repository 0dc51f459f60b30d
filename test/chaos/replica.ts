/** A real `holdpoint serve` in a process of its own, on an address that stays, to be killed, stopped and started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'

export const program = join(import.meta.dirname, '..', '..', 'bin', 'holdpoint.js')

export interface ReplicaGiven {
  /** Its own folder: the embedded store, or what a replica keeps beside the database. */
  readonly home: string
  readonly workspace: string
  readonly database: string | null
  readonly environment?: Readonly<Record<string, string>>
  readonly options?: readonly string[]
  /** Instead of the product's own: the same with faults in it. */
  readonly program?: string
}

export class Replica {
  readonly home: string
  readonly port: number
  /** Everything it ever said on stderr. */
  log = ''
  /** The one-time link of the newest start; null once there is an administrator. */
  setup: string | null = null
  readonly #given: ReplicaGiven
  #child: ChildProcess | null = null

  private constructor(given: ReplicaGiven, port: number) {
    this.#given = given
    this.home = given.home
    this.port = port
  }

  static async of(given: ReplicaGiven): Promise<Replica> {
    mkdirSync(given.home, { recursive: true })
    mkdirSync(given.workspace, { recursive: true })
    return new Replica(given, await freePort())
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Another program on the same store; to be refused. */
  twin(): Promise<Replica> {
    return Replica.of(this.#given)
  }

  /** Resolves when it serves; rejects with what it said when it ends before. */
  async start(): Promise<void> {
    const { home, workspace, database, environment = {}, options = [] } = this.#given
    const child = spawn(
      process.execPath,
      [
        this.#given.program ?? program,
        'serve',
        '--json',
        '--port',
        String(this.port),
        ...(database === null ? [] : ['--database', database]),
        ...(database === null || options.includes('--no-local-worker') ? [] : ['--local-worker', 'staging']),
        ...options,
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...bare, HOLDPOINT_HOME: home, HOLDPOINT_WORKSPACE: workspace, HOLDPOINT_LEASE: '2s', ...environment },
      },
    )
    this.#child = child
    const from = this.log.length
    let out = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.log += text))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      const told = documentIn(out)
      if (told === null) return
      this.setup = told.setup
      resolve()
    })
    child.once('close', () => reject(new Error(`it ended before it served:\n${this.log.slice(from)}`)))
    await promise
  }

  kill(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child?.kill(signal)
  }

  /** Resolves with its exit code, or the signal that ended it. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | NodeJS.Signals | null> {
    const child = this.#child
    if (child === null || !this.isRunning) return child?.exitCode ?? child?.signalCode ?? null
    const closed = once(child, 'close')
    child.kill(signal)
    if (signal === 'SIGKILL') child.kill('SIGCONT')
    await closed
    return child.exitCode ?? child.signalCode
  }

  /** What it said besides which requests came: the end of it. */
  get story(): string {
    const lines = this.log.split('\n').filter((line) => !line.includes(' request id='))
    return lines.slice(-60).join('\n')
  }

  /** What it called a bug. */
  get bugs(): readonly string[] {
    return this.log.split('\n').filter((line) => /\bbug\b/.test(line))
  }
}

/** null = not all of it is there yet. */
function documentIn(text: string): { readonly setup: string | null } | null {
  try {
    return JSON.parse(text) as { setup: string | null }
  } catch {
    return null
  }
}

/** What a terminal on this machine lends must not decide what a test sees. */
export const bare = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDPOINT_') && !name.startsWith('PG')),
)

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

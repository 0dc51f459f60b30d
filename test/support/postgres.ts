/** A PostgreSQL of its own for a test file: a private cluster with fsync, stopped, killed and started again at will. */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'

export interface PostgresCluster {
  readonly port: number
  /** Address of the store in a schema of that name. */
  url(schema: string): string
  /** One statement on a connection of its own, as the owner of everything. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
  connect(): Promise<Client>
  /** `fast` hangs up on everybody and shuts down in order; `SIGKILL` ends the postmaster where it stands. */
  stop(how: 'fast' | 'SIGKILL'): Promise<void>
  start(): Promise<void>
  dispose(): Promise<void>
}

/** Folder with the programs of the newest PostgreSQL installed. Null, said aloud, where there is none; an error in CI. */
export function postgresPrograms(): string | null {
  const base = '/usr/lib/postgresql'
  const versions = existsSync(base) ? readdirSync(base).toSorted((a, b) => Number(b) - Number(a)) : []
  const folder = versions.map((version) => join(base, version, 'bin')).find((bin) => existsSync(join(bin, 'postgres')))
  if (folder !== undefined) return folder
  if (process.env['CI'] === 'true') throw new Error('PostgreSQL is needed in CI and is not installed')
  console.warn('PostgreSQL is not installed: these tests are skipped')
  return null
}

export async function startCluster(programs: string): Promise<PostgresCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-postgres-'))
  const user = systemUser()
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'holdpoint', '-A', 'trust', '--no-sync', '-E', 'UTF8'], {
    stdio: 'ignore',
    ...user,
  })
  const cluster = new Cluster(programs, folder, await freePort(), user)
  await cluster.start()
  return cluster
}

/** A test that is killed leaves no server behind, where the system knows how. */
const endsWithUs = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'INT'] : []

type SystemUser = { readonly uid: number; readonly gid: number } | null

class Cluster implements PostgresCluster {
  readonly port: number
  readonly #programs: string
  readonly #folder: string
  readonly #user: SystemUser
  #server: ChildProcess | null = null

  constructor(programs: string, folder: string, port: number, user: SystemUser) {
    this.#programs = programs
    this.#folder = folder
    this.port = port
    this.#user = user
  }

  url(schema: string): string {
    return `postgres://holdpoint@127.0.0.1:${this.port}/postgres?schema=${schema}`
  }

  async connect(): Promise<Client> {
    const client = new Client({ connectionString: `postgres://holdpoint@127.0.0.1:${this.port}/postgres` })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  async query<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const client = await this.connect()
    try {
      return (await client.query(sql, [...values])).rows as Row[]
    } finally {
      await client.end()
    }
  }

  async start(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', 'fsync=on', 'max_connections=100', 'autovacuum_naptime=5s']
    const given = [...settings, `unix_socket_directories=${this.#folder}`].flatMap((one) => ['-c', one])
    // After a SIGKILL of the postmaster its children let go of the shared memory a moment later.
    for (let tries = 0; tries < 100; tries += 1) {
      const line = [
        join(this.#programs, 'postgres'),
        '-D',
        join(this.#folder, 'data'),
        '-p',
        String(this.port),
        ...given,
      ]
      const [program = '', ...rest] = [...endsWithUs, ...line]
      const server = spawn(program, rest, { stdio: 'ignore', ...this.#user })
      if (await this.#answers(server)) {
        this.#server = server
        return
      }
      await pause(100)
    }
    throw new Error('PostgreSQL did not start')
  }

  async stop(how: 'fast' | 'SIGKILL'): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = null
    const ended = once(server, 'exit')
    server.kill(how === 'fast' ? 'SIGINT' : 'SIGKILL')
    await ended
  }

  async dispose(): Promise<void> {
    await this.stop('fast')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }

  async #answers(server: ChildProcess): Promise<boolean> {
    while (server.exitCode === null && server.signalCode === null) {
      const client = await this.connect().catch(() => null)
      if (client) {
        await client.end()
        return true
      }
      await pause(50)
    }
    return false
  }
}

/** PostgreSQL refuses to run as root: then it runs as its own system user. */
function systemUser(): SystemUser {
  if (process.getuid?.() !== 0) return null
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A PostgreSQL of its own for tests, as the system user `postgres`, ended by its process id. */
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'

export interface TestPostgres {
  readonly url: string
  query(sql: string): Promise<readonly unknown[][]>
  stop(): void
}

/** Folder with `initdb` and `postgres`, or null where PostgreSQL is not installed. */
export function postgresPrograms(): string | null {
  const base = '/usr/lib/postgresql'
  if (!existsSync(base)) return null
  const version = readdirSync(base).toSorted((a, b) => Number(b) - Number(a))[0]
  const folder = join(base, version ?? '', 'bin')
  return existsSync(join(folder, 'postgres')) ? folder : null
}

export async function startPostgres(programs: string): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-pg-'))
  const data = join(folder, 'data')
  const user = userOf()
  if (user) chownSync(folder, user.uid, user.gid)
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'holdpoint', '-A', 'trust', '--no-sync', '-E', 'UTF8'], {
    stdio: 'ignore',
    ...user,
  })
  const port = await freePort()
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', `unix_socket_directories=${folder}`]
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), ...settings], {
    stdio: 'ignore',
    ...user,
  })
  const url = `postgres://holdpoint@127.0.0.1:${port}/postgres`
  await untilReady(url)
  return {
    url,
    query: async (sql) =>
      withClient(url, async (client) => (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows),
    stop: () => {
      server.kill('SIGQUIT')
      server.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    },
  }
}

/** PostgreSQL refuses to run as root. */
function userOf(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answered = await withClient(url, async (client) => client.query('select 1')).catch(() => null)
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('PostgreSQL did not start')
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

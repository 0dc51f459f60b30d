/**
 * A PostgreSQL primary with a streaming replica behind HAProxy, and what watches over them: it promotes the replica when the
 * primary is gone, and tells HAProxy who takes writes. Two scripts, as an operator would have them, stop the primary and make
 * the pair whole again.
 */
import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { freePort, type Running, startProgram, until } from './programs.ts'

export interface PostgresPair {
  /** Port of HAProxy: whoever takes writes. */
  readonly port: number
  /** Stops the primary of the moment at once, as a machine that fails. */
  readonly stopPrimary: string
  /** Makes a stopped one a replica of the other, and does nothing where both run. Where nobody took over it is started as it was. */
  readonly mend: string
  /** Exit 0 where one is primary and the other streams from it. */
  readonly isWhole: string
  /** Which of both takes writes now; null = none. */
  primary(): 'a' | 'b' | null
  /** Nobody takes over any more, or again. */
  watch(isOn: boolean): void
  query(sql: string): Promise<readonly (readonly unknown[])[]>
  end(): Promise<void>
}

type Name = 'a' | 'b'
type Role = 'primary' | 'replica' | 'gone'

const names: readonly Name[] = ['a', 'b']

export async function startPostgresPair(programs: string, haproxy: string): Promise<PostgresPair> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-pair-'))
  const ports: Readonly<Record<Name, number>> = { a: await freePort(), b: await freePort() }
  const port = await freePort()
  own(folder)
  const run = (script: string): void => void execFileSync('bash', [script], { stdio: 'ignore' })
  const scripts = writeScripts(folder, programs, ports)
  run(scripts.init)
  run(scripts.mend)
  const watcher = await startWatcher(ports)
  const front = await startHaproxy(folder, haproxy, port, ports, watcher.ports)
  // Until its first looks it takes both for well.
  await until('HAProxy leads to the primary alone', async () => {
    for (const _ of [1, 2, 3, 4]) if ((await ask(port, 'select pg_is_in_recovery()'))[0]?.[0] !== false) return false
    return true
  })
  await until('the replica streams', () => succeeds(scripts.isWhole))
  return {
    port,
    ...scripts,
    primary: () => names.find((name) => watcher.roles[name] === 'primary') ?? null,
    watch: (isOn) => watcher.watch(isOn),
    query: (sql) => ask(port, sql),
    async end() {
      watcher.end()
      await front.stop()
      execFileSync('bash', [scripts.stopAll], { stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

function succeeds(script: string): boolean {
  try {
    execFileSync('bash', [script], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** PostgreSQL refuses to run as root: then it runs as its own system user. */
function own(path: string): void {
  if (process.getuid?.() !== 0) return
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  chownSync(path, id('-u'), id('-g'))
}

interface Scripts {
  readonly init: string
  readonly stopPrimary: string
  readonly mend: string
  readonly isWhole: string
  readonly stopAll: string
}

function writeScripts(folder: string, programs: string, ports: Readonly<Record<Name, number>>): Scripts {
  const as = process.getuid?.() === 0 ? 'runuser -u postgres -- ' : ''
  const common = `set -euo pipefail
cd ${folder}
export PGCONNECT_TIMEOUT=5
declare -A port=([a]=${ports.a} [b]=${ports.b})
other() { if [ "$1" = a ]; then echo b; else echo a; fi; }
ask() { ${programs}/psql -h 127.0.0.1 -p "\${port[$1]}" -U holdpoint -d postgres -Atqc "$2" 2>/dev/null; }
role() { case "$(ask "$1" 'select pg_is_in_recovery()' || true)" in t) echo replica;; f) echo primary;; *) echo gone;; esac; }
start() {
  ${as}${programs}/pg_ctl -D ${folder}/$1 -l ${folder}/$1.log -w -t 60 \\
    -o "-p \${port[$1]} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off -c wal_level=replica" start >/dev/null
}
copy() {
  rm -rf ${folder}/$1
  ${as}${programs}/pg_basebackup -h 127.0.0.1 -p "\${port[$2]}" -U holdpoint -D ${folder}/$1 -R -X stream -c fast
}
`
  const bodies = {
    init: `${as}${programs}/initdb -D ${folder}/a -U holdpoint -A trust --no-sync -E UTF8 >/dev/null
start a
`,
    stopPrimary: `for name in a b; do
  if [ "$(role $name)" = primary ]; then exec ${as}${programs}/pg_ctl -D ${folder}/$name -m immediate stop; fi
done
echo 'there is no primary' >&2
exit 1
`,
    mend: `for name in a b; do
  [ "$(role $name)" = gone ] || continue
  case "$(role "$(other $name)")" in
    primary) copy $name "$(other $name)"; start $name;;
    *) start $name;;
  esac
done
`,
    isWhole: `for name in a b; do
  if [ "$(role $name)" = primary ] && [ "$(role "$(other $name)")" = replica ]; then
    [ "$(ask $name "select count(*) from pg_stat_replication where state = 'streaming'")" = 1 ] && exit 0
  fi
done
exit 1
`,
    stopAll: `for name in a b; do ${as}${programs}/pg_ctl -D ${folder}/$name -m immediate stop >/dev/null 2>&1 || true; done
`,
  }
  const at = join(folder, 'scripts')
  mkdirSync(at)
  const written = Object.entries(bodies).map(([name, body]) => {
    const path = join(at, `${name}.sh`)
    writeFileSync(path, `${common}${body}`)
    return [name, path]
  })
  return Object.fromEntries(written) as Scripts
}

interface Watcher {
  readonly roles: Readonly<Record<Name, Role>>
  /** Where each says by its status whether it is the primary. */
  readonly ports: Readonly<Record<Name, number>>
  watch(isOn: boolean): void
  end(): void
}

/** Looks at both; a replica whose primary is gone three times in a row is promoted. */
async function startWatcher(ports: Readonly<Record<Name, number>>): Promise<Watcher> {
  const roles: Record<Name, Role> = { a: 'gone', b: 'gone' }
  let isOn = true
  let misses = 0
  const over = new AbortController()
  const servers = names.map((name) =>
    createServer((_, response) => response.writeHead(roles[name] === 'primary' ? 200 : 503).end()),
  )
  for (const server of servers) await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const look = async (): Promise<void> => {
    for (const name of names) roles[name] = await roleAt(ports[name])
    misses = names.some((name) => roles[name] === 'primary') ? 0 : misses + 1
    const replica = names.find((name) => roles[name] === 'replica')
    if (!isOn || misses < 3 || replica === undefined) return
    misses = 0
    await ask(ports[replica], 'select pg_promote(true, 30)').catch(() => [])
  }
  const looking = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await look()
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  }
  void looking()
  const [a = 0, b = 0] = servers.map((server) => (server.address() as AddressInfo).port)
  return {
    roles,
    ports: { a, b },
    watch: (on) => {
      isOn = on
    },
    end: () => {
      over.abort()
      for (const server of servers) server.closeAllConnections()
      for (const server of servers) server.close()
    },
  }
}

async function roleAt(port: number): Promise<Role> {
  try {
    const [[isReplica] = []] = await ask(port, 'select pg_is_in_recovery()')
    return isReplica === true ? 'replica' : 'primary'
  } catch {
    return 'gone'
  }
}

/** On a connection of its own. */
async function ask(port: number, text: string): Promise<readonly (readonly unknown[])[]> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'holdpoint',
    database: 'postgres',
    connectionTimeoutMillis: 2_000,
    query_timeout: 40_000,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function startHaproxy(
  folder: string,
  program: string,
  port: number,
  ports: Readonly<Record<Name, number>>,
  checks: Readonly<Record<Name, number>>,
): Promise<Running> {
  const file = join(folder, 'haproxy.cfg')
  const servers = names.map(
    (name) =>
      `  server ${name} 127.0.0.1:${ports[name]} check port ${checks[name]} inter 200ms fall 1 rise 1 on-marked-down shutdown-sessions`,
  )
  writeFileSync(
    file,
    `defaults
  mode tcp
  timeout connect 2s
  timeout client 1m
  timeout server 1m
listen database
  bind 127.0.0.1:${port}
  option httpchk GET /
${servers.join('\n')}
`,
  )
  return Promise.resolve(startProgram(program, ['-f', file, '-db']))
}

/** What the environment says, read once into one frozen value. Nothing else in the program reads process.env for settings. */
import { availableParallelism, homedir, tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'

export interface Config {
  /** Folder that holds the store, the socket, the engine's log and the launcher's spool. */
  readonly home: string
  /** Where the engine listens, mode 0600. */
  readonly socket: string
  readonly engineLog: string
  readonly launcherHome: string
  /** Folder under which commands of releases run that were started over the network. */
  readonly workspace: string
  /** `postgres://…` when several replicas share a store; null = the embedded one in `home`. */
  readonly database: string | null
  /** File outside the store that holds a signed checkpoint of the log; null = none is kept. */
  readonly checkpoint: string | null
  /** The server that commands ask instead of a local engine; null = a local engine. */
  readonly server: { readonly url: string; readonly secret: string | null } | null
  /** File with the servers this person has signed in to; mode 0600. */
  readonly loginsFile: string
  /** Environments whose commands this process runs itself, and hands to no worker; null = all of them. */
  readonly localEnvironments: readonly string[] | null
  /** How long a worker may be silent before what it runs counts as lost. */
  readonly workerLeaseMs: number
  /** Commands that run at once. */
  readonly jobs: number
  /** How long an engine with nothing to do stays for the next client. */
  readonly idleMs: number
  /** How long a release stays an engine's own without a sign of life; then another takes it over. */
  readonly leaseMs: number
  /** How a process writes its own log: lines for people, or JSON lines. */
  readonly log: 'plain' | 'json'
  /** The operating-system user: who a local person claims to be. */
  readonly user: string
}

export interface ConfigOverrides {
  /** `--store FOLDER`. */
  readonly store?: string
  /** `--local-worker` and `--no-local-worker` of `serve`. */
  readonly localEnvironments?: readonly string[] | null
  /** `--database URL` of `serve`. */
  readonly database?: string
  /** `--checkpoint FILE` of `serve`. */
  readonly checkpoint?: string
}

type Environment = Readonly<Record<string, string | undefined>>

const IDLE_MS = 5_000
const WORKER_LEASE_MS = 30_000
const LEASE_MS = 30_000
/** Below this a slow disk or a busy machine would lose releases that are attended well. */
const SHORTEST_LEASE_MS = 1_000
/** Commands mostly wait for others: even one core runs several. */
const FEWEST_JOBS = 4
/** sockaddr_un holds 108 bytes with the closing zero, on Linux; 104 on macOS. */
const LONGEST_SOCKET_PATH = 100

export function readConfig(environment: Environment = process.env, overrides: ConfigOverrides = {}): Config {
  const loginsFile = join(configFolder(environment), 'servers.json')
  const home = resolve(overrides.store ?? (environment['HOLDPOINT_HOME'] || stateFolder(environment)))
  return Object.freeze({
    home,
    socket: socketIn(home),
    engineLog: join(home, 'engine.log'),
    launcherHome: join(home, 'launcher'),
    workspace: resolve(environment['HOLDPOINT_WORKSPACE'] || join(home, 'workspace')),
    server: overrides.store === undefined ? serverOf(environment, loginsFile) : null,
    loginsFile,
    checkpoint: checkpointIn(overrides.checkpoint ?? environment['HOLDPOINT_CHECKPOINT']),
    database: databaseOf(environment, overrides),
    localEnvironments: localEnvironmentsOf(environment, overrides),
    workerLeaseMs: lengthOf(environment, 'HOLDPOINT_WORKER_LEASE') ?? WORKER_LEASE_MS,
    jobs: jobsOf(environment['HOLDPOINT_JOBS']),
    idleMs: lengthOf(environment, 'HOLDPOINT_ENGINE_IDLE') ?? IDLE_MS,
    leaseMs: leaseOf(environment),
    log: logOf(environment['HOLDPOINT_LOG']),
    user: userName(),
  })
}

/** A message for a setting that makes no sense; the CLI shows it as wrong usage. */
export class ConfigFault extends Error {
  override name = 'ConfigFault'
}

/** Several replicas are several machines: which of them a command would meet is nobody's choice, so none runs any unless told. */
function localEnvironmentsOf(environment: Environment, overrides: ConfigOverrides): readonly string[] | null {
  if (overrides.localEnvironments !== undefined) return overrides.localEnvironments
  const isShared = databaseOf(environment, overrides) !== null
  return isShared ? [] : null
}

/** Anything else would be taken for a folder, and an empty store made there. The text may hold a password: it is not repeated. */
function databaseOf(environment: Environment, overrides: ConfigOverrides): string | null {
  const [name, url] =
    overrides.database === undefined
      ? ['HOLDPOINT_DATABASE', environment['HOLDPOINT_DATABASE'] || null]
      : ['--database', overrides.database]
  if (url === null || /^postgres(ql)?:\/\//i.test(url)) return url
  throw new ConfigFault(
    `${name} is no address of a PostgreSQL, which begins with postgres://; for example holdpoint serve --database postgres://holdpoint@db.example.com/holdpoint (the embedded store is named by --store FOLDER)`,
  )
}

function checkpointIn(file: string | undefined): string | null {
  return file === undefined || file === '' ? null : resolve(file)
}

function stateFolder(environment: Environment): string {
  const state = environment['XDG_STATE_HOME']
  // The XDG specification: a relative path in the variable is invalid and to be ignored.
  const base = state?.startsWith('/') ? state : join(environment['HOME'] || homedir(), '.local', 'state')
  return join(base, 'holdpoint')
}

function configFolder(environment: Environment): string {
  const config = environment['XDG_CONFIG_HOME']
  const base = config?.startsWith('/') ? config : join(environment['HOME'] || homedir(), '.config')
  return join(base, 'holdpoint')
}

/** `HOLDPOINT_SERVER` and `HOLDPOINT_TOKEN`, as pipelines have them; else the server signed in to last; else none. A store that is named is local. */
function serverOf(environment: Environment, loginsFile: string): Config['server'] {
  const url = environment['HOLDPOINT_SERVER']
  const logins = readLogins(loginsFile)
  if (url !== undefined && url !== '') {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new ConfigFault(
        `HOLDPOINT_SERVER is "${url}"; expected an address, for example HOLDPOINT_SERVER=https://releases.example.com`,
      )
    const { origin } = new URL(url)
    return { url: origin, secret: environment['HOLDPOINT_TOKEN'] || (logins.servers[origin]?.session ?? null) }
  }
  if (environment['HOLDPOINT_HOME'] || logins.current === null) return null
  return { url: logins.current, secret: logins.servers[logins.current]?.session ?? null }
}

/** Which variable makes commands ask something else than the server that was just signed in to; null = none does. */
export function asksInstead(environment: Environment, origin: string): 'HOLDPOINT_SERVER' | 'HOLDPOINT_HOME' | null {
  const url = environment['HOLDPOINT_SERVER']
  if (url !== undefined && url !== '') return URL.parse(url)?.origin === origin ? null : 'HOLDPOINT_SERVER'
  return environment['HOLDPOINT_HOME'] ? 'HOLDPOINT_HOME' : null
}

/** Servers that a person has signed in to, and which of them commands ask. */
export interface Logins {
  readonly current: string | null
  readonly servers: Readonly<Record<string, { readonly person: string; readonly session: string }>>
}

/** A file that is not there, or not ours to read, holds no sign-in. */
export function readLogins(file: string): Logins {
  try {
    const { readFileSync } = process.getBuiltinModule('node:fs')
    const { current, servers } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Logins>
    return { current: current ?? null, servers: servers ?? {} }
  } catch {
    return { current: null, servers: {} }
  }
}

/** A folder too deep for a socket's address gets one in the temporary folder, named after it. */
function socketIn(home: string): string {
  const beside = join(home, 'engine.sock')
  if (Buffer.byteLength(beside) <= LONGEST_SOCKET_PATH) return beside
  // Not imported by name: loading all of node:crypto costs every short command several milliseconds.
  const { createHash } = process.getBuiltinModule('node:crypto')
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16)
  return join(tmpdir(), `holdpoint-${process.getuid?.() ?? 0}-${name}`, 'engine.sock')
}

/** Seconds, or a number with `ms`: `HOLDPOINT_ENGINE_IDLE=30` or `=200ms`. null = not set. */
function lengthOf(environment: Environment, name: string): number | null {
  const text = environment[name]
  if (text === undefined || text === '') return null
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text)
  if (!match)
    throw new ConfigFault(`${name} is "${text}"; expected seconds or a length such as 30s, for example ${name}=30`)
  return Number(match[1]) * { ms: 1, s: 1_000, m: 60_000 }[(match[2] ?? 's') as 'ms' | 's' | 'm']
}

function leaseOf(environment: Environment): number {
  const leaseMs = lengthOf(environment, 'HOLDPOINT_LEASE') ?? LEASE_MS
  if (leaseMs >= SHORTEST_LEASE_MS) return leaseMs
  throw new ConfigFault(
    `HOLDPOINT_LEASE is "${environment['HOLDPOINT_LEASE']}"; expected a second or more, for example HOLDPOINT_LEASE=30s`,
  )
}

function logOf(text: string | undefined): 'plain' | 'json' {
  if (text === undefined || text === '' || text === 'plain') return 'plain'
  if (text === 'json') return 'json'
  throw new ConfigFault(`HOLDPOINT_LOG is "${text}"; expected plain or json, for example HOLDPOINT_LOG=json`)
}

function jobsOf(text: string | undefined): number {
  if (text === undefined || text === '') return Math.max(FEWEST_JOBS, availableParallelism())
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new ConfigFault(`HOLDPOINT_JOBS is "${text}"; expected a whole number from 1, for example HOLDPOINT_JOBS=4`)
  return Number(text)
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A user id without an entry in the password file, as in many containers.
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

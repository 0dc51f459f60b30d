/** A real server without a local worker, and real worker processes: each can be killed, ended and started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, until } from './programs.ts'
import { type Ended, runCommand } from './team-server.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
const PASSWORD = 'seven lamps under the bridge'

/** A process of ours, ended by its id alone. */
export interface Process {
  readonly pid: number
  readonly said: () => string
  readonly code: () => number | null
  signal(name: NodeJS.Signals): void
  /** Resolves when it is gone. */
  gone(): Promise<void>
}

export interface WorkerWorld {
  readonly address: string
  /** Where the commands of workers run. */
  readonly workspace: string
  readonly server: () => Process
  startServer(): Promise<Process>
  /** `name` has a memory of its own that a second start finds again. */
  startWorker(name: string, token: string, flags?: readonly string[]): Process
  /** Of a new machine; the file with its secret. */
  token(machine: string, environment: string, labels?: readonly string[]): Promise<string>
  holdpoint(...args: readonly string[]): Promise<Ended>
  write(document: string): string
  /** Of a file in the workspace; '' when there is none. */
  read(file: string): string
  /** Process ids of the launchers of a worker, so that they can be killed with it. */
  launchersOf(name: string): readonly number[]
  /** Every file of the server's store, its evidence included. */
  storeFiles(): readonly string[]
  end(): Promise<void>
}

export async function workerWorld(lease = '2s', more: Readonly<Record<string, string>> = {}): Promise<WorkerWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-workers-'))
  const workspace = join(folder, 'workspace')
  const home = join(folder, 'root')
  for (const each of [workspace, home, join(folder, 'tokens')]) mkdirSync(each, { recursive: true })
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const base = { PATH: process.env['PATH'] ?? '', HOME: home, COLUMNS: '200', HOLDPOINT_ENGINE_IDLE: '1s' }
  const started: Process[] = []
  let server: Process | null = null

  const start = (args: readonly string[], env: Readonly<Record<string, string>>): Process => {
    const one = processOf(spawn(process.execPath, [bin, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] }))
    started.push(one)
    return one
  }
  const holdpoint = (...args: readonly string[]) => runCommand(args, base)
  const world: WorkerWorld = {
    address,
    workspace,
    server: () => server ?? unstarted(),
    async startServer() {
      const env = { ...base, HOLDPOINT_HOME: join(folder, 'store'), HOLDPOINT_WORKER_LEASE: lease }
      const one = start(['serve', '--port', String(port), '--json', '--no-local-worker'], env)
      await until('the server is up', () => one.said().includes('"address"') || one.code() !== null)
      if (one.code() !== null) throw new Error(`the server does not come up: ${one.said()}`)
      server = one
      return one
    },
    startWorker(name, token, flags = []) {
      const env = { ...base, ...more, HOLDPOINT_HOME: join(folder, 'workers', name) }
      const args = ['worker', '--server', address, '--token-file', token, '--workspace', workspace, ...flags]
      return start(args, env)
    },
    async token(machine, environment, labels = []) {
      const at = ['--at', `acme/shop/${environment}`]
      await good(holdpoint('machine', 'add', machine, '--role', 'worker', ...at))
      const labelled = labels.flatMap((label) => ['--label', label])
      const issued = await good(holdpoint('token', 'issue', machine, '--expires', '1d', ...at, ...labelled, '--json'))
      const file = join(folder, 'tokens', machine)
      writeFileSync(file, `${(JSON.parse(issued.out) as { secret: string }).secret}\n`, { mode: 0o600 })
      return file
    },
    holdpoint,
    write(document) {
      const file = join(folder, `${Math.random().toString(36).slice(2)}.md`)
      writeFileSync(file, document)
      return file
    },
    read(file) {
      try {
        return readFileSync(join(workspace, file), 'utf8')
      } catch {
        return ''
      }
    },
    storeFiles: () => filesIn(join(folder, 'store')),
    launchersOf: (name) => launchersIn(join(folder, 'workers', name)),
    async end() {
      for (const one of started.toReversed()) {
        if (one.code() === null) one.signal('SIGKILL')
        await one.gone()
      }
      for (const name of namesIn(join(folder, 'workers')))
        for (const pid of launchersIn(join(folder, 'workers', name))) killQuietly(pid)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 300 })
    },
  }
  try {
    await signIn(await world.startServer(), base)
    return world
  } catch (cause) {
    await world.end()
    throw cause
  }
}

async function signIn(first: Process, env: Readonly<Record<string, string>>): Promise<void> {
  const told =
    first
      .said()
      .split('\n')
      .find((line) => line.includes('"address"')) ?? '{}'
  const { setup } = JSON.parse(told) as { setup: string }
  const names = ['--person', 'root', '--organisation', 'acme', '--project', 'shop']
  await good(runCommand(['login', setup, ...names], env, `${PASSWORD}\n`))
}

async function good(command: Promise<Ended>): Promise<Ended> {
  const ended = await command
  if (ended.code !== 0) throw new Error(`a command of the set-up failed: ${ended.err}`)
  return ended
}

function processOf(child: ChildProcess): Process {
  let said = ''
  const note = (chunk: Buffer) => (said += chunk.toString())
  child.stdout?.on('data', note)
  child.stderr?.on('data', note)
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    pid: child.pid ?? 0,
    said: () => said,
    code: () => child.exitCode ?? (child.signalCode === null ? null : -1),
    signal: (name) => void child.kill(name),
    gone: () => gone,
  }
}

/** Found by the folder that they were started for. */
function launchersIn(home: string): readonly number[] {
  const folder = join(home, 'worker', 'launcher')
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      return words.includes(folder) && words.some((word) => word.includes('launcher/main')) ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone by itself.
  }
}

function unstarted(): never {
  throw new Error('no server was started')
}

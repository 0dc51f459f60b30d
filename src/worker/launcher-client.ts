/** The engine's end of the launcher: starts one when none answers, and finds its attempts again when it dies. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { getCompileCacheDir } from 'node:module'
import { homedir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { CommandRequest, CommandResult, Launcher } from '../core/ports/launcher.ts'
import { userText } from './launcher/command-user.ts'
import {
  type Confinement,
  confinedLine,
  confinementText,
  toolsHere,
  unconfined,
  userPart,
} from './launcher/confinement.ts'
import { fromWire, lineSplitter, PROTOCOL, SOCKET_NAME, writeTogether } from './launcher/protocol.ts'
import type { Answer, Call, Hello, WireResult } from './launcher/protocol.ts'
import { shortPath } from './launcher/socket-path.ts'

const START_PATIENCE_MS = 20_000
/** For one without commands to end, when it runs under other limits than are wanted. */
const LEAVE_PATIENCE_MS = 2_000
/** One that ends with a fault may have met a moment's trouble; three in a row have a reason. */
const FAILED_STARTS = 3
/** A small heap, and no threads that have their own: starting a process costs the more, the more memory the starter has. */
const NODE_FLAGS = [
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--heap-growing-percent=25',
  '--single-threaded',
  '--v8-pool-size=0',
  '--no-warnings',
]
const LOG_NAME = 'launcher.log'
/** What a command's environment adds: a launcher started from inside a command must not be taken for a part of it. */
const NOT_INHERITED = /^HOLDPOINT_(TMP|OUTPUT|ATTEMPT|EPOCH)$/

export interface LauncherOptions {
  /** Folder of the socket and the spool; one launcher for each. */
  readonly directory: string
  /** The Node that runs it. */
  readonly node: string
  /** How long it stays without clients and commands. */
  readonly idleMs?: number
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs?: number
  /** False leaves control groups unused, as on systems without them. */
  readonly controlGroups?: boolean
  /** What it is started under, and its commands with it; absent = nothing, and whoever answers is good. */
  readonly confinement?: Confinement
}

/** No launcher can be reached or started; commands cannot run until somebody mends that. */
export class LauncherFault extends Error {
  override name = 'LauncherFault'
  readonly retryable: boolean
  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.retryable = options.retryable
  }
}

export interface ConnectedLauncher extends Launcher {
  /** Process id of the launcher that answered last. */
  readonly pid: number
  /** Asks it to end as soon as no command runs. */
  shutdownWhenIdle(): Promise<void>
  /** Hangs up. Commands go on; pending calls reject. */
  close(): void
}

export async function connectLauncher(options: LauncherOptions): Promise<ConnectedLauncher> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 })
  const client = new LauncherClient(options)
  await client.connect()
  return client
}

interface Pending {
  readonly call: Call
  readonly resolve: (value: unknown) => void
  readonly reject: (cause: Error) => void
}

class LauncherClient implements ConnectedLauncher {
  readonly #options: LauncherOptions
  readonly #pending = new Map<number, Pending>()
  readonly #lent = new Map<string, string>()
  #socket: Socket | null = null
  #connecting: Promise<void> | null = null
  #lastId = 0
  #isClosed = false
  /** It attends commands that run as another user than ours are to, and starts none of ours. */
  #isOfOtherUser = false
  pid = 0

  constructor(options: LauncherOptions) {
    this.#options = options
  }

  async run(request: CommandRequest): Promise<CommandResult> {
    if (this.#socket === null) await this.connect()
    // It may have left since, and another may answer.
    if (this.#isOfOtherUser) await this.#ask({ op: 'ping' })
    if (this.#isOfOtherUser) return (await this.attach(request.attempt)) ?? otherUser()
    return fromWire((await this.#ask({ op: 'run', request })) as WireResult)
  }

  async attach(attempt: string): Promise<CommandResult | null> {
    const wire = (await this.#ask({ op: 'attach', attempt })) as WireResult | null
    return wire === null ? null : fromWire(wire)
  }

  async cancel(attempt: string): Promise<void> {
    await this.#ask({ op: 'cancel', attempt })
  }

  async forget(attempt: string): Promise<void> {
    await this.#ask({ op: 'forget', attempt })
  }

  async peek(attempt: string): Promise<string> {
    return (await this.#ask({ op: 'peek', attempt })) as string
  }

  /** Remembered here too: the next launcher does not know what this one was lent. */
  async lend(secrets: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(secrets)) this.#lent.set(name, value)
    await this.#ask({ op: 'lend', secrets })
  }

  async shutdownWhenIdle(): Promise<void> {
    await this.#ask({ op: 'shutdown-when-idle' })
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.destroy()
    this.#rejectAll(new LauncherFault('the connection to the launcher was closed', { retryable: false }))
  }

  /** One attempt at a time, whoever needs it. */
  connect(): Promise<void> {
    this.#connecting ??= this.#open().finally(() => (this.#connecting = null))
    return this.#connecting
  }

  #ask(call: Call): Promise<unknown> {
    if (this.#isClosed) throw new LauncherFault('the connection to the launcher was closed', { retryable: false })
    return new Promise((resolve, reject) => {
      this.#lastId += 1
      const id = this.#lastId
      this.#pending.set(id, { call, resolve, reject })
      if (this.#socket !== null) writeTogether(this.#socket, questionLine(id, call))
      else this.#reconnect()
    })
  }

  /** Calls that were waiting are asked again: a launcher that knows the attempt answers, and never starts it twice. */
  #reconnect(): void {
    this.connect().catch((cause: unknown) => this.#rejectAll(cause as Error))
  }

  async #open(): Promise<void> {
    const reached = await reachConfined(this.#options, (answer) => this.#settle(answer))
    const { socket, hello } = reached
    if (this.#isClosed) return void socket.destroy()
    if (hello.protocol !== PROTOCOL) {
      socket.end(questionLine(0, { op: 'shutdown-when-idle' }))
      throw otherVersion(hello)
    }
    this.pid = hello.pid
    this.#isOfOtherUser = isOfOtherUser(this.#options, hello)
    this.#socket = socket
    socket.on('close', () => this.#lostConnection(socket))
    if (this.#lent.size > 0) socket.write(questionLine(0, { op: 'lend', secrets: Object.fromEntries(this.#lent) }))
    for (const [id, { call }] of this.#pending) socket.write(questionLine(id, call))
    // It may have died between its greeting and our listening for its end.
    if (socket.destroyed) this.#lostConnection(socket)
  }

  #lostConnection(socket: Socket): void {
    if (this.#socket !== socket) return
    this.#socket = null
    if (!this.#isClosed && this.#pending.size > 0) this.#reconnect()
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id)
    if (pending === undefined) return
    this.#pending.delete(answer.id)
    if ('ok' in answer) pending.resolve(answer.ok)
    else pending.reject(new LauncherFault(`the launcher failed: ${answer.fault}`, { retryable: false }))
  }

  #rejectAll(cause: Error): void {
    const waiting = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of waiting) reject(cause)
  }
}

function questionLine(id: number, call: Call): string {
  return `${JSON.stringify({ id, ...call })}\n`
}

interface Reached {
  readonly socket: Socket
  readonly hello: Hello
}

function isOfOtherUser({ confinement }: LauncherOptions, hello: Hello): boolean {
  return confinement !== undefined && userPart(hello.confinement ?? '') !== userPart(confinementText(confinement))
}

/** Limits that come late do little harm; with the rights of another user nothing is begun. */
function otherUser(): CommandResult {
  const at = Date.now()
  const nothing = new Uint8Array(0)
  const why =
    'HOLDPOINT_COMMAND_USER was changed, and commands of the user before are still under way here; when they have ended, try again'
  return {
    ended: 'not-started',
    exitCode: null,
    signal: null,
    stdout: nothing,
    stderr: nothing,
    truncated: false,
    output: {},
    startedAt: at,
    endedAt: at,
    why,
  }
}

/** One that is confined otherwise gives way to a new one, unless commands run in it: they are attended to their end. */
async function reachConfined(options: LauncherOptions, onAnswer: (answer: Answer) => void): Promise<Reached> {
  const { confinement } = options
  const giveUpAt = performance.now() + LEAVE_PATIENCE_MS
  for (;;) {
    const reached = await reachLauncher(options, onAnswer)
    const { socket, hello } = reached
    if (confinement === undefined || (hello.confinement ?? '') === confinementText(confinement)) return reached
    const hasLeft = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)))
    socket.write(questionLine(0, { op: 'shutdown-when-idle' }))
    // The next may be one of another client again.
    const patience = pause(Math.max(0, giveUpAt - performance.now()), false, { ref: false })
    if (!(await Promise.race([hasLeft, patience]))) return reached
  }
}

/** Connects to the folder's launcher; starts one when nobody answers. Who starts too many does no harm: one gets the lock. */
async function reachLauncher(options: LauncherOptions, onAnswer: (answer: Answer) => void): Promise<Reached> {
  const giveUpAt = performance.now() + START_PATIENCE_MS
  let isStarting = false
  let failedStarts = 0
  for (;;) {
    const reached = await greet(shortPath(options.directory, SOCKET_NAME), onAnswer)
    if (reached !== null) return reached
    if (performance.now() > giveUpAt || failedStarts === FAILED_STARTS) throw noLauncher(options)
    if (!isStarting) {
      isStarting = true
      startLauncher(options, (hasFailed) => {
        isStarting = false
        if (hasFailed) failedStarts += 1
      })
    }
    await pause(10)
  }
}

/** Null when nobody listens, or hangs up before saying who it is. */
function greet(path: string, onAnswer: (answer: Answer) => void): Promise<Reached | null> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.setEncoding('utf8')
    let isGreeted = false
    const onLine = lineSplitter((line) => {
      const answer = JSON.parse(line) as Answer
      if (isGreeted) return onAnswer(answer)
      isGreeted = true
      if ('ok' in answer) resolve({ socket, hello: answer.ok as Hello })
    })
    socket.on('data', (text) => onLine(String(text)))
    socket.on('error', () => {})
    socket.on('close', () => resolve(null))
    socket.write(questionLine(0, { op: 'hello' }))
  })
}

function startLauncher(options: LauncherOptions, onEnd: (hasFailed: boolean) => void): void {
  const { directory, node, idleMs, graceMs, controlGroups, confinement } = options
  const main = join(import.meta.dirname, 'launcher', `main${extname(import.meta.filename)}`)
  const args = [...NODE_FLAGS, main, directory]
  if (idleMs !== undefined) args.push('--idle-ms', String(idleMs))
  if (graceMs !== undefined) args.push('--grace-ms', String(graceMs))
  if (controlGroups === false) args.push('--no-cgroup')
  if (confinement !== undefined) args.push('--confinement', confinementText(confinement))
  if (confinement !== undefined && confinement.user !== null) args.push('--user', userText(confinement.user))
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name))
  const env = { NODE_COMPILE_CACHE: compileCache(), ...Object.fromEntries(inherited) }
  const log = openSync(join(directory, LOG_NAME), 'a', 0o600)
  // Out of our session and folder: it outlives us, and keeps no file system busy.
  const [program = node, ...words] = confinedLine([node, ...args], confinement ?? unconfined, toolsHere())
  const child = spawn(program, words, { cwd: '/', env, detached: true, stdio: ['ignore', 'ignore', log] })
  closeSync(log)
  child.on('error', () => onEnd(true))
  // Code 0 is no fault: another launcher was quicker, or still has to leave.
  child.on('exit', (code) => onEnd(code !== 0))
  child.unref()
}

/** Compiled code from before: without it the launcher is twice as big, and starting commands half as fast. */
function compileCache(): string {
  const own = getCompileCacheDir()
  if (own !== undefined) return dirname(own)
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'holdpoint', 'compiled')
}

function noLauncher({ directory, node }: LauncherOptions): LauncherFault {
  const log = join(directory, LOG_NAME)
  const said = tailOf(log)
  const words = said === '' ? '' : ` It said: ${said}`
  return new LauncherFault(
    `no launcher for commands answers in ${directory} (started with ${node}; log ${log}).${words}`,
    {
      retryable: true,
    },
  )
}

function otherVersion(hello: Hello): LauncherFault {
  return new LauncherFault(
    `the launcher with process id ${hello.pid} is of another version (protocol ${hello.protocol}, this program speaks ${PROTOCOL}); it ends when its commands have ended, then try again`,
    { retryable: true },
  )
}

function tailOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim().slice(-600)
  } catch {
    return ''
  }
}

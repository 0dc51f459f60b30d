/** Everything the launcher can be asked about attempts: start, attach, cancel, forget, look. */
import type { CommandRequest, CommandResult } from '../../core/ports/launcher.ts'
import { parseCaptures, readOutputFile } from './captures.ts'
import { Command } from './command.ts'
import type { CommandEnd, CommandLine } from './command.ts'
import { type CommandUser, mayUse } from './command-user.ts'
import { environmentOf } from './environment.ts'
import type { Follower } from './follower.ts'
import { interpreterOf } from './interpreters.ts'
import type { PipePool } from './pipes.ts'
import { signalQuietly, livingProcesses } from './processes.ts'
import { toWire } from './protocol.ts'
import { compileSecrets, redactBytes } from './redaction.ts'
import type { SecretPatterns } from './redaction.ts'
import type { SecretProvider } from '../../core/ports/secret-provider.ts'
import { commandProvider } from './secret-command.ts'
import { secretFileReader } from './secret-files.ts'
import { resolveSecrets } from './secrets.ts'
import type { Folder, Memory, Spool } from './spool.ts'
import { membersOf } from './tree.ts'
import type { ControlGroups, TreeId } from './tree.ts'
import { holdFolder } from './working-folder.ts'

const SAVE_EVERY_MS = 1_000
const SWEEP_AFTER_MS = 500
const NO_BYTES = new Uint8Array(0)

export interface SupervisorParts {
  readonly spool: Spool
  readonly pipes: PipePool
  readonly groups: ControlGroups | null
  readonly graceMs: number
  readonly environment: NodeJS.ProcessEnv
  /** What commands run as; null = as this process. */
  readonly user: CommandUser | null
  readonly now: () => number
  /** Called when the last live command has ended. */
  readonly onIdle: () => void
}

interface Live {
  readonly command: Command
  /** The result as a line of JSON, as it lies in the spool. */
  readonly result: Promise<string>
}

/** Remembered this many at most: an engine that was stopped for long enough to be overtaken brings one or two. */
const MOST_GIVEN_UP = 10_000
const ENTERED_FOR_MS = 10_000
const MOST_FOLDERS = 1_000

export class Supervisor {
  readonly #parts: SupervisorParts
  readonly #live = new Map<string, Live>()
  readonly #lent = new Map<string, string>()
  /** Made when it is first needed. */
  #vault: SecretProvider | null = null
  /** Folders that the user of commands got into, and until when that is not asked again. */
  readonly #entered = new Map<string, number>()
  readonly #toSweep = new Map<TreeId, Folder>()
  /** Given up by an engine that asked about them before they ever came here: whoever brings them now comes too late. */
  readonly #givenUp = new Set<string>()
  /** Loaded when something is first followed. */
  #follower: typeof Follower | null = null

  constructor(parts: SupervisorParts) {
    this.#parts = parts
  }

  get isIdle(): boolean {
    return this.#live.size === 0
  }

  /** Starts the attempt, or answers with what became of it. Never starts it a second time. */
  run(request: CommandRequest): Promise<string> {
    const known = this.#known(request.attempt, this.#parts.spool.rememberAs(request))
    if (known !== null) return known
    if (this.#givenUp.has(request.attempt)) {
      return Promise.resolve(this.#notStarted('it comes too late: another engine has given this attempt up'))
    }
    if (request.follow !== undefined && this.#follower === null) return this.#runWithFollower(request)
    try {
      return this.#start(request)
    } catch (cause) {
      return Promise.resolve(this.#notStarted(`could not be started: ${(cause as Error).message}`))
    }
  }

  /** Patterns are only read in where something is followed. */
  async #runWithFollower(request: CommandRequest): Promise<string> {
    this.#follower = (await import('./follower.ts')).Follower
    return this.run(request)
  }

  /** Null = never heard of it, and it will not be started any more: the asker takes it for lost. */
  attach(attempt: string): Promise<string> | null {
    const known = this.#known(attempt, this.#parts.spool.remember(attempt))
    if (known === null) this.#giveUp(attempt)
    return known
  }

  #giveUp(attempt: string): void {
    this.#givenUp.add(attempt)
    const [oldest] = this.#givenUp
    if (this.#givenUp.size > MOST_GIVEN_UP && oldest !== undefined) this.#givenUp.delete(oldest)
  }

  #known(attempt: string, memory: Memory): Promise<string> | null {
    const live = this.#live.get(attempt)
    if (live !== undefined) return live.result
    const { spool } = this.#parts
    switch (memory) {
      case 'new':
        return null
      case 'finished':
        return Promise.resolve(
          soundResult(spool.result(attempt)) ?? lostResult('its result cannot be read', this.#parts.now()),
        )
      case 'unfinished':
        return Promise.resolve(lostResult('its result could not be kept', this.#parts.now()))
      case 'forgotten':
        return Promise.resolve(
          lostResult('it ran before, and its result was handed over and forgotten', this.#parts.now()),
        )
    }
  }

  async cancel(attempt: string): Promise<void> {
    const live = this.#live.get(attempt)
    if (live === undefined) return this.#giveUp(attempt)
    live.command.stop('cancelled')
    await live.command.ended
  }

  /** A live attempt is not forgotten: its result is not there yet. */
  forget(attempt: string): void {
    if (!this.#live.has(attempt)) this.#parts.spool.forget(attempt)
  }

  peek(attempt: string): string {
    return this.#live.get(attempt)?.command.recent() ?? ''
  }

  lend(secrets: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(secrets)) this.#lent.set(name, value)
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#live.keys()].map((attempt) => this.cancel(attempt)))
  }

  #start(request: CommandRequest): Promise<string> {
    const place = holdFolder(request.cwd)
    if (place.kind === 'refused') return Promise.resolve(this.#notStarted(place.why))
    const why = this.#whyClosed(request.cwd)
    if (why !== null) {
      place.release()
      return Promise.resolve(this.#notStarted(why))
    }
    try {
      return this.#startIn(place.cwd, request)
    } finally {
      // It stands in the folder by now, or nothing was started.
      place.release()
    }
  }

  /** Started by root in a folder that its user cannot enter, a command would find nothing there by its name. */
  #whyClosed(folder: string): string | null {
    const { user, now } = this.#parts
    if (user === null || (this.#entered.get(folder) ?? 0) > now()) return null
    if (!mayUse(user, folder))
      return `the working folder ${folder} is closed to user ${user.uid}, which commands run as; open it and the folders above to that user (x), or give commands another (HOLDPOINT_WORKSPACE of a server, --workspace of a worker)`
    if (this.#entered.size > MOST_FOLDERS) this.#entered.clear()
    this.#entered.set(folder, now() + ENTERED_FOR_MS)
    return null
  }

  #startIn(cwd: string, request: CommandRequest): Promise<string> {
    const { spool, pipes, groups, environment, user, now } = this.#parts
    const lookUp = (name: string) => this.#lent.get(name) ?? environment[name]
    this.#vault ??= commandProvider(environment, { asksAtOnce: true })
    const secrets = resolveSecrets(request.secrets, lookUp, this.#vault.value, secretFileReader(environment))
    if (secrets.kind === 'unavailable') return Promise.resolve(this.#notStarted(secrets.why))
    const search = request.env['PATH'] ?? environment['PATH'] ?? ''
    const interpreter = interpreterOf(request.shell, search, user)
    if (interpreter.kind === 'missing') return Promise.resolve(this.#notStarted(interpreter.why))

    const patterns = compileSecrets(Object.values(secrets.values))
    const folder = spool.claim(request)
    const startedAt = now()
    let command: Command
    try {
      const line = {
        program: interpreter.program,
        args: [...interpreter.words, folder.script],
        cwd,
        env: environmentOf(request, secrets.values, folder, environment, user),
        user,
        marker: markerOf(folder),
        timeoutMs: request.timeoutMs,
        graceMs: this.#parts.graceMs,
        outputCapBytes: request.outputCapBytes,
        patterns,
        look: request.effect === 'read' ? ('quick' as const) : ('thorough' as const),
        follow: this.#followOf(request),
      }
      command = new Command(line, pipes, groups)
    } catch (cause) {
      const result = this.#notStarted(`could not be started: ${withoutSecrets(patterns, (cause as Error).message)}`)
      spool.finish(folder, result)
      return Promise.resolve(result)
    }
    return this.#attend(request, folder, command, startedAt, patterns)
  }

  #followOf({ follow }: CommandRequest): CommandLine['follow'] {
    const Watcher = this.#follower
    if (follow === undefined || Watcher === null) return null
    return { forMs: follow.forMs, watch: (enough) => new Watcher(follow, enough) }
  }

  #attend(
    request: CommandRequest,
    folder: Folder,
    command: Command,
    startedAt: number,
    patterns: SecretPatterns | null,
  ): Promise<string> {
    const { spool, now, onIdle } = this.#parts
    if (command.tree !== null) spool.noteStarted(folder, { tree: command.tree.id, startedAt })
    if (command.tree?.isExact === false) spool.hold(folder)
    const saving = setInterval(() => saveOutput(spool, folder, command), SAVE_EVERY_MS)
    const finish = (end: CommandEnd): string => {
      clearInterval(saving)
      const result: CommandResult = {
        ...end,
        output: capturesIn(spool.outputOf(folder), patterns),
        startedAt,
        endedAt: now(),
      }
      const line = JSON.stringify(toWire(result))
      if (end.ended !== 'not-started' && end.why !== null) spool.spoil(folder)
      keepResult(spool, folder, line)
      this.#live.delete(request.attempt)
      if (command.tree !== null && !command.tree.isExact) this.#sweepLater(command.tree.id, folder)
      if (this.isIdle) onIdle()
      return line
    }
    const result = command.ended.then(finish)
    this.#live.set(request.attempt, { command, result })
    return result
  }

  #notStarted(why: string): string {
    const at = this.#parts.now()
    return JSON.stringify(toWire(resultWithout('not-started', why, at)))
  }

  /** Without control groups, one walk over all processes a while later ends what quick looks missed. */
  #sweepLater(id: TreeId, folder: Folder): void {
    if (this.#toSweep.size === 0) setTimeout(() => this.#sweep(), SWEEP_AFTER_MS)
    this.#toSweep.set(id, folder)
  }

  #sweep(): void {
    for (const member of membersOf([...this.#toSweep.keys()], livingProcesses())) signalQuietly(member.pid, 'SIGKILL')
    for (const folder of this.#toSweep.values()) this.#parts.spool.letGo(folder)
    this.#toSweep.clear()
  }
}

/** The private folder's path is in the environment of every process of the attempt, and in no other's. */
export function markerOf(folder: Folder): string {
  return `HOLDPOINT_TMP=${folder.tmp}`
}

export function lostResult(
  why: string,
  at: number,
  kept?: Pick<CommandResult, 'stdout' | 'stderr' | 'startedAt'>,
): string {
  return JSON.stringify(toWire({ ...resultWithout('lost', why, at), ...kept }))
}

function resultWithout(ended: CommandResult['ended'], why: string, at: number): CommandResult {
  return {
    ended,
    exitCode: null,
    signal: null,
    stdout: NO_BYTES,
    stderr: NO_BYTES,
    truncated: false,
    output: {},
    startedAt: at,
    endedAt: at,
    why,
  }
}

/** A file that something else cut short must not reach a client as an answer. */
function soundResult(line: string | null): string | null {
  try {
    return line === null ? null : JSON.stringify(JSON.parse(line))
  } catch {
    return null
  }
}

function withoutSecrets(patterns: SecretPatterns | null, text: string): string {
  return Buffer.from(redactBytes(patterns, Buffer.from(text))).toString('utf8')
}

function capturesIn(file: string | null, patterns: SecretPatterns | null): Record<string, string> {
  if (file === null) return {}
  return parseCaptures(Buffer.from(redactBytes(patterns, readOutputFile(file))).toString('utf8'))
}

/** A copy for the case that the launcher is lost; a full disk costs the copy, not the command. */
function saveOutput(spool: Spool, folder: Folder, command: Command): void {
  const fresh = command.unsaved()
  try {
    spool.appendOutput(folder, 'stdout', fresh.stdout)
    spool.appendOutput(folder, 'stderr', fresh.stderr)
  } catch (cause) {
    console.error(`output of ${folder.path} was not copied to disk: ${(cause as Error).message}`)
  }
}

/** The asker gets the result even when the disk refuses it; only a later re-attachment then finds it lost. */
function keepResult(spool: Spool, folder: Folder, line: string): void {
  try {
    spool.finish(folder, line)
  } catch (cause) {
    console.error(`the result in ${folder.path} could not be written: ${(cause as Error).message}`)
  }
}

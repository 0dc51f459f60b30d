/** One running command: its output on the way in, its deadline, and the end of everything it started. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { CommandResult } from '../../core/ports/launcher.ts'
import type { CommandUser } from './command-user.ts'
import type { Follower } from './follower.ts'
import { CappedOutput, Ring } from './output.ts'
import type { OutputPipe, PipePool } from './pipes.ts'
import { factsOf } from './processes.ts'
import { Redactor, redactText } from './redaction.ts'
import type { SecretPatterns } from './redaction.ts'
import { bootIdNow, treeOf } from './tree.ts'
import type { ControlGroups, Look, Tree } from './tree.ts'

/** How long children may go on after the command itself has ended: enough for `| tee` to write its last line. */
const LEFTOVER_PATIENCE_MS = 500
/** A killed process can only be alive for longer when the kernel itself is stuck. */
const KILL_PATIENCE_MS = 10_000
const LONGEST_TIMER_MS = 3_600_000
/** What ends sooner is read when it has ended: listening to each output costs more than a small command. */
const LISTEN_AFTER_MS = 30
const RECENT_BYTES = 16_384

export interface CommandLine {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** null = as the launcher. */
  readonly user: CommandUser | null
  readonly marker: string
  readonly timeoutMs: number
  readonly graceMs: number
  readonly outputCapBytes: number
  readonly patterns: SecretPatterns | null
  /** How sure it must be that nothing lives on before the result counts. */
  readonly look: Look
  /** null = it ends by itself. */
  readonly follow: { readonly forMs: number; readonly watch: (enough: () => void) => Follower } | null
}

export type CommandEnd = Pick<
  CommandResult,
  'ended' | 'exitCode' | 'signal' | 'stdout' | 'stderr' | 'truncated' | 'followed' | 'why'
>

type Stop = 'followed' | 'timeout' | 'cancelled'

export class Command {
  readonly ended: Promise<CommandEnd>
  /** Null when nothing was started. */
  readonly tree: Tree | null
  readonly #line: CommandLine
  readonly #streams: readonly [OutputStream, OutputStream]
  readonly #recent = new Ring(RECENT_BYTES)
  readonly #follower: Follower | null
  #stopped: Stop | null = null
  #killAt = 0
  /** First for the time limit, then for the end of the grace. */
  #deadline: NodeJS.Timeout | null = null
  #listening: NodeJS.Timeout | null = null

  constructor(line: CommandLine, pipes: PipePool, groups: ControlGroups | null) {
    this.#line = line
    this.#follower = line.follow?.watch(() => this.stop('followed')) ?? null
    this.#streams = openStreams(line, this.#recent, this.#follower, pipes)
    const { child, cgroup } = this.#spawn(groups)
    for (const stream of this.#streams) stream.pipe.handedOver()
    const { pid } = child
    if (pid === undefined) {
      if (cgroup !== null) groups?.giveBack(cgroup)
      this.tree = null
      this.ended = this.#notStarted(child)
      return
    }
    // Of a read in a control group, the group says all.
    const startTime = cgroup !== null && line.look === 'quick' ? '' : (factsOf(pid)?.startTime ?? '')
    const id = { pid, startTime, boot: bootIdNow(), marker: line.marker }
    this.tree = groups !== null && cgroup !== null ? groups.treeOf({ ...id, cgroup }) : treeOf({ ...id, cgroup })
    this.ended = this.#supervise(child, this.tree, groups)
    const forMs = line.follow?.forMs ?? Infinity
    const isFollowed = forMs <= line.timeoutMs
    this.#armDeadline(performance.now() + Math.min(forMs, line.timeoutMs), isFollowed ? 'followed' : 'timeout')
    this.#listening = setTimeout(() => this.#listen(), LISTEN_AFTER_MS)
  }

  /** SIGTERM to all of it, then a grace, then SIGKILL. `ended` resolves when nothing lives. */
  stop(reason: Stop): void {
    if (this.#stopped !== null || this.tree === null) return
    this.#follower?.stop()
    this.#stopped = reason
    this.#killAt = performance.now() + this.#line.graceMs
    const { tree } = this
    clearTimeout(this.#deadline ?? undefined)
    tree.signal('SIGTERM')
    this.#deadline = setTimeout(() => tree.signal('SIGKILL'), this.#line.graceMs)
  }

  recent(): string {
    return this.#recent.bytes().toString('utf8')
  }

  /** The beginning of both outputs, each byte given once. */
  unsaved(): { stdout: Uint8Array; stderr: Uint8Array } {
    return { stdout: this.#streams[0].kept.unsaved(), stderr: this.#streams[1].kept.unsaved() }
  }

  #spawn(groups: ControlGroups | null): { child: ChildProcess; cgroup: string | null } {
    const [stdout, stderr] = this.#streams
    let cgroup: string | null = null
    try {
      cgroup = groups?.enter() ?? null
      const { program, args, cwd, env, user } = this.#line
      // Before the program is read: nothing of the command's choice is ever run as the launcher's user.
      const identity = user === null ? {} : { uid: user.uid, gid: user.gid }
      // A session of its own: signals to our terminal or group never reach it, and ours to it reach all of it.
      const stdio = ['ignore' as const, stdout.pipe.writeEnd, stderr.pipe.writeEnd]
      const child = spawn(program, [...args], { cwd, env, stdio, detached: true, ...identity })
      groups?.leaveSoon()
      return { child, cgroup }
    } catch (cause) {
      for (const stream of this.#streams) stream.pipe.abandon()
      groups?.leaveSoon()
      if (cgroup !== null) groups?.giveBack(cgroup)
      throw cause
    }
  }

  async #notStarted(child: ChildProcess): Promise<CommandEnd> {
    const cause = await new Promise<Error>((resolve) => child.once('error', resolve))
    this.#readOut()
    await Promise.all(this.#streams.map((stream) => stream.pipe.drained))
    const why = redactText(this.#line.patterns, `could not be started: ${cause.message}`)
    return { ...this.#output(), ended: 'not-started', exitCode: null, signal: null, why }
  }

  async #supervise(child: ChildProcess, tree: Tree, groups: ControlGroups | null): Promise<CommandEnd> {
    child.on('error', () => {})
    const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once('exit', (code, signal) => resolve([code, signal])),
    )
    clearTimeout(this.#deadline ?? undefined)
    clearTimeout(this.#listening ?? undefined)
    this.#readOut()
    const survived = await this.#endTheRest(tree)
    if (!survived && tree.id.cgroup !== null) groups?.giveBack(tree.id.cgroup)
    const why = survived ? `processes of it are still alive although they were killed (first pid ${tree.id.pid})` : null
    return { ...this.#output(), ended: this.#stopped ?? 'exit', exitCode, signal, why }
  }

  /** Lets leftovers finish for a moment, then kills them; true when something cannot be killed. */
  async #endTheRest(tree: Tree): Promise<boolean> {
    const [stdout, stderr] = this.#streams
    const isOver = (look: Look) => stdout.pipe.isDrained && stderr.pipe.isDrained && !tree.isAlive(look)
    if (isOver(this.#line.look)) return false
    const drained = Promise.all(this.#streams.map((stream) => stream.pipe.drained))
    await Promise.race([drained, nextTurn()])
    const patience = this.#stopped === null ? LEFTOVER_PATIENCE_MS : this.#killAt - performance.now()
    if (await until(() => isOver(this.#line.look), patience, drained)) return false
    tree.signal('SIGKILL')
    if (await until(() => isOver('thorough') || (tree.signal('SIGKILL'), false), KILL_PATIENCE_MS, drained))
      return false
    for (const stream of this.#streams) stream.pipe.abandon()
    return tree.isAlive('thorough')
  }

  #listen(): void {
    for (const stream of this.#streams) stream.pipe.listen()
  }

  /** Nothing runs that should write: what comes still, from whoever was left behind, is listened to. */
  #readOut(): void {
    for (const stream of this.#streams) stream.pipe.readOut()
    this.#listen()
  }

  #output(): Pick<CommandEnd, 'stdout' | 'stderr' | 'truncated' | 'followed'> {
    for (const stream of this.#streams) stream.end()
    const [stdout, stderr] = this.#streams.map((stream) => stream.kept) as [CappedOutput, CappedOutput]
    const followed = this.#follower === null ? {} : { followed: this.#follower.result() }
    const truncated = stdout.truncated || stderr.truncated
    return { stdout: stdout.bytes(), stderr: stderr.bytes(), truncated, ...followed }
  }

  /** A timer is a hint only: one armed for more than 24 days would fire at once. */
  #armDeadline(at: number, reason: Stop): void {
    const left = at - performance.now()
    if (left <= 0) return this.stop(reason)
    this.#deadline = setTimeout(() => this.#armDeadline(at, reason), Math.min(Math.ceil(left), LONGEST_TIMER_MS))
  }
}

/** One of the two outputs: from the pipe through redaction into what is kept. */
class OutputStream {
  readonly kept: CappedOutput
  readonly pipe: OutputPipe
  readonly #redactor: Redactor
  readonly #keep: (bytes: Uint8Array) => void

  constructor(line: CommandLine, recent: Ring, follow: ((bytes: Uint8Array) => void) | null, pipes: PipePool) {
    this.kept = new CappedOutput(line.outputCapBytes)
    this.#redactor = new Redactor(line.patterns)
    this.#keep = (bytes) => {
      this.kept.add(bytes)
      recent.add(bytes)
      follow?.(bytes)
    }
    this.pipe = pipes.open((bytes) => this.#redactor.push(bytes, this.#keep))
  }

  end(): void {
    this.#redactor.end(this.#keep)
  }
}

function openStreams(
  line: CommandLine,
  recent: Ring,
  follower: Follower | null,
  pipes: PipePool,
): [OutputStream, OutputStream] {
  const follow = (output: 0 | 1) => follower && ((bytes: Uint8Array) => follower.add(output, bytes))
  const stdout = new OutputStream(line, recent, follow(0), pipes)
  try {
    return [stdout, new OutputStream(line, recent, follow(1), pipes)]
  } catch (cause) {
    stdout.pipe.abandon()
    throw cause
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Looks often at first and then every 50 ms; looks again at once when `sooner` settles. */
async function until(isTrue: () => boolean, patienceMs: number, sooner: Promise<unknown>): Promise<boolean> {
  const giveUpAt = performance.now() + patienceMs
  let settled: Promise<unknown> | null = sooner
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    if (isTrue()) return true
    const left = giveUpAt - performance.now()
    if (left <= 0) return false
    let timer: NodeJS.Timeout | undefined
    const pause = new Promise((resolve) => (timer = setTimeout(resolve, Math.min(pauseMs, left))))
    await Promise.race(settled === null ? [pause] : [pause, settled.then(() => (settled = null))])
    clearTimeout(timer)
  }
}

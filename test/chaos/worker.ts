/** A real `holdpoint worker` in a process of its own, behind a link that can be cut; what it starts belongs to its machine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launchersOf, signalAll, treeOf } from '../support/process-trees.ts'
import { Link } from './link.ts'
import { bare, program } from './replica.ts'

export interface WorkerGiven {
  readonly name: string
  /** What it remembers between its starts. */
  readonly home: string
  readonly workspace: string
  /** The port of the server as it is now. */
  readonly towards: () => number
}

export class Worker {
  readonly name: string
  readonly link: Link
  /** Everything it ever said. */
  log = ''
  readonly #given: WorkerGiven
  #child: ChildProcess | null = null

  private constructor(given: WorkerGiven, link: Link) {
    this.#given = given
    this.name = given.name
    this.link = link
  }

  static async of(given: WorkerGiven): Promise<Worker> {
    mkdirSync(given.home, { recursive: true })
    return new Worker(given, await Link.to(given.towards))
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  keepToken(secret: string): void {
    writeFileSync(join(this.#given.home, 'token'), `${secret}\n`, { mode: 0o600 })
  }

  start(): void {
    if (this.isRunning) return
    const { home, workspace } = this.#given
    const token = join(home, 'token')
    const args = ['worker', '--server', this.link.url, '--token-file', token, '--workspace', workspace]
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...bare, HOLDPOINT_HOME: home },
    })
    const hear = (text: string) => (this.log += text)
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    this.#child = child
  }

  /** To the worker alone: its commands go on. */
  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child?.kill(signal)
  }

  /** To the worker, its launcher, and every command that it has started. */
  signalMachine(signal: NodeJS.Signals): void {
    signalAll(launchersOf(this.#launcherFolder).flatMap(treeOf), signal)
    this.signal(signal)
  }

  /** The worker alone is gone. */
  async kill(): Promise<void> {
    if (!this.isRunning || this.#child === null) return
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await closed
  }

  /** The machine is gone: nothing of what it ran goes on. */
  async killMachine(): Promise<void> {
    await this.kill()
    for (let left = launchersOf(this.#launcherFolder); left.length > 0; left = launchersOf(this.#launcherFolder)) {
      signalAll(left.flatMap(treeOf), 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async close(): Promise<void> {
    await this.killMachine()
    await this.link.close()
  }

  get story(): string {
    return this.log.split('\n').slice(-30).join('\n')
  }

  get bugs(): readonly string[] {
    return this.log.split('\n').filter((line) => /\bbug\b/.test(line))
  }

  get #launcherFolder(): string {
    return join(this.#given.home, 'worker', 'launcher')
  }
}

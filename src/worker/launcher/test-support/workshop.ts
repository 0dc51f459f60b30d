/** Arrangements for tests of the launcher: folders that clean up, requests with defaults, a look at who lives. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { CommandRequest, CommandResult } from '../../../core/ports/launcher.ts'
import { connectLauncher } from '../../launcher-client.ts'
import { type CommandUser, CommandUserFault, tryUser } from '../command-user.ts'
import type { ConnectedLauncher, LauncherOptions } from '../../launcher-client.ts'

/** The second user that every machine has. */
export const nobody: CommandUser = { uid: 65_534, gid: 65_534, home: '/nonexistent' }

let counter = 0

export function freshAttempt(): string {
  counter += 1
  return `release-${process.pid}/step/${counter}`
}

export function command(script: string, more: Partial<CommandRequest> = {}): CommandRequest {
  return {
    attempt: freshAttempt(),
    shell: 'sh',
    script,
    cwd: tmpdir(),
    env: {},
    secrets: {},
    epoch: 7,
    timeoutMs: 60_000,
    outputCapBytes: 65_536,
    ...more,
  }
}

/** Launchers and folders of one test file; `clean` ends them all. */
export class Workshop {
  readonly #launchers: ConnectedLauncher[] = []
  readonly #folders: string[] = []

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-launcher-'))
    this.#folders.push(folder)
    return folder
  }

  async launcher(directory = this.folder(), more: Partial<LauncherOptions> = {}): Promise<ConnectedLauncher> {
    const launcher = await connectLauncher({ directory, node: process.execPath, graceMs: 300, idleMs: 3_000, ...more })
    this.#launchers.push(launcher)
    return launcher
  }

  async clean(): Promise<void> {
    for (const launcher of this.#launchers) {
      await launcher.shutdownWhenIdle().catch(() => {})
      launcher.close()
    }
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

export function text(result: CommandResult): { stdout: string; stderr: string } {
  return { stdout: Buffer.from(result.stdout).toString(), stderr: Buffer.from(result.stderr).toString() }
}

/** Processes whose command line contains `word`, without those that are only waiting to be collected. */
export function living(word: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => readOrEmpty(`/proc/${name}/cmdline`).includes(word))
    .map(Number)
}

export async function eventually(what: string, isTrue: () => boolean, patienceMs = 20_000): Promise<void> {
  const giveUpAt = performance.now() + patienceMs
  while (!isTrue()) {
    if (performance.now() > giveUpAt) throw new Error(`${what} did not happen in ${patienceMs} ms`)
    await pause(10)
  }
}

/** Why no process here can become `nobody`; null = it can. Root alone is not enough: containers take its rights away. */
export function whyNotNobody(): string | null {
  try {
    tryUser(nobody)
    return null
  } catch (fault) {
    if (fault instanceof CommandUserFault) return fault.message
    throw fault
  }
}

/** All bytes of all plain files below a folder. */
export function contentBelow(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readOrEmpty(join(entry.parentPath, entry.name)))
    .join('\n')
}

export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

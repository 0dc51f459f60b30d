/** Real programs for tests: found on this machine or the suite is skipped with a notice, started on loopback, ended by id. */
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { describe } from 'vitest'

/** The first of these paths that can be run; null = not on this machine. */
export function findProgram(...paths: readonly string[]): string | null {
  for (const path of paths) {
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not here: the next may be.
    }
  }
  return null
}

/** A suite that needs a program: skipped with a notice where it is missing, but never in CI. */
export function describeWith(
  programs: Readonly<Record<string, string | null>>,
  title: string,
  suite: () => void,
): void {
  const missing = Object.entries(programs).flatMap(([name, path]) => (path === null ? [name] : []))
  if (missing.length === 0) return void describe(title, suite)
  if (process.env['CI'] === 'true') throw new Error(`${title}: ${missing.join(', ')} must be installed in CI`)
  console.warn(`skipped, ${missing.join(', ')} is not installed: ${title}`)
  describe.skip(title, suite)
}

export const programs = {
  alertmanager: findProgram('/usr/bin/prometheus-alertmanager', '/usr/local/bin/alertmanager'),
  haproxy: findProgram('/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/usr/bin/haproxy'),
  nginx: findProgram('/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'),
  prometheus: findProgram('/usr/bin/prometheus', '/usr/local/bin/prometheus'),
}

export interface Running {
  readonly child: ChildProcess
  /** What it has said so far, for the message of a failing test. */
  readonly said: () => string
  /** SIGTERM, then SIGKILL; resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export function startProgram(path: string, args: readonly string[], options: { readonly cwd?: string } = {}): Running {
  const child = spawn(path, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const note = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-20_000)
  }
  child.stdout.on('data', note)
  child.stderr.on('data', note)
  child.on('error', (error) => note(Buffer.from(String(error))))
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    child,
    said: () => said,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      const kill = setTimeout(() => child.kill('SIGKILL'), 5000)
      await gone
      clearTimeout(kill)
    },
  }
}

/** A port nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Asks until the answer is true; what a slow machine needs longer for only takes longer. */
export async function until(what: string, ask: () => Promise<boolean> | boolean, mostMs = 60_000): Promise<void> {
  const end = Date.now() + mostMs
  for (;;) {
    if (await Promise.resolve(ask()).catch(() => false)) return
    if (Date.now() > end) throw new Error(`never came true: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A real `holdpoint serve` in a folder of its own, and the real command line as several people with homes of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
const UP_WITHIN_MS = 30_000

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface TeamServer {
  readonly folder: string
  readonly address: string
  /** Of the server itself, where `address` is that of something in front of it. */
  readonly local: string
  readonly pid: number
  readonly setupLink: string
  /** Everything the server wrote to its terminal so far. */
  printed(): string
  /** Home of somebody: made when it is first asked for. */
  person(name: string): string
  /** The command line of the person whose home that is. */
  holdpoint(
    home: string,
    args: readonly string[],
    stdin?: string,
    environment?: Readonly<Record<string, string>>,
    /** Where it is typed; absent = where the tests run. */
    cwd?: string,
  ): Promise<Ended>
  /** The command line of the owner of the store, on the machine of the server. */
  atSocket(args: readonly string[], stdin?: string): Promise<Ended>
  end(): Promise<void>
}

interface Told {
  readonly address: string
  readonly origins: readonly string[]
  readonly setup: string
}

export async function startTeamServer(
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<TeamServer> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-team-'))
  const store = join(folder, 'store')
  const env = { ...bareEnvironment(join(folder, 'owner')), ...environment, HOLDPOINT_HOME: store }
  const child = spawn(process.execPath, [bin, 'serve', '--port', '0', '--json', ...flags], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  child.stdout.on('data', (chunk) => (printed += String(chunk)))
  child.stderr.on('data', (chunk) => (printed += String(chunk)))
  const told = await firstLine(child)
  const { address, origins, setup } = JSON.parse(told) as Told
  return {
    folder,
    address,
    local: origins.find((origin) => new URL(origin).hostname === '127.0.0.1' && origin !== address) ?? address,
    pid: child.pid ?? 0,
    setupLink: setup,
    printed: () => printed,
    person(name) {
      const home = join(folder, 'people', name)
      mkdirSync(home, { recursive: true })
      return home
    },
    holdpoint: (home, args, stdin, more = {}, cwd) =>
      runCommand(args, { ...bareEnvironment(home), ...more }, stdin, cwd),
    atSocket: (args, stdin) => runCommand(args, env, stdin),
    async end() {
      await ended(child)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 300 })
    },
  }
}

/** What a shell has, without this machine's own sign-ins and settings. */
function bareEnvironment(home: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home, COLUMNS: '80', HOLDPOINT_ENGINE_IDLE: '1s' }
}

export function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stdin?: string,
  cwd?: string,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.stdin.on('error', () => {})
    child.stdin.end(stdin ?? '')
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = ''
    let err = ''
    const late = setTimeout(() => reject(new Error(`the server does not come up: ${err}`)), UP_WITHIN_MS)
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
      if (!out.includes('\n')) return
      clearTimeout(late)
      resolve(out.split('\n')[0] ?? '')
    })
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${err}`)))
  })
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000)
    child.once('exit', () => {
      clearTimeout(hard)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

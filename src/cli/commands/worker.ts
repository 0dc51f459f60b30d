/** `worker` and `worker list`: runs commands for a server, and shows who does. */
import { mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { KnownWorker } from '../../core/ports/work.ts'
import { printTable } from '../ask-server.ts'
import type { Run, Values } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault, type ExitCode } from '../faults.ts'
import { count, duration, list, text } from '../values.ts'

const JOBS = 4
const GRACE_MS = 5 * 60_000
/** Seen longer ago than this it is probably gone: it asks at least every 25 s. */
const AWAY_MS = 60_000
const NOW_MS = 30_000

export const worker: Run = async (context, _words, options) => {
  const url = serverIn(options)
  const token = tokenIn(options)
  const home = join(context.config.home, 'worker')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  // What this process knows of its own must not be within reach of what it runs.
  delete process.env['HOLDPOINT_TOKEN']
  const { runWorker } = await import('../../app/worker.ts')
  const code = await runWorker({
    url,
    token,
    home,
    environments: givenOrAll(list(options, 'environment')),
    labels: givenOrAll(list(options, 'label')),
    workspace: workspaceIn(text(options, 'workspace') ?? '.'),
    jobs: count(text(options, 'jobs') ?? String(JOBS), '--jobs'),
    graceMs: duration(text(options, 'grace') ?? `${GRACE_MS}ms`, '--grace'),
    log: (line) => context.err(`${new Date().toISOString()} ${line}`),
  })
  return code as ExitCode
}

function givenOrAll(given: readonly string[]): readonly string[] | null {
  return given.length === 0 ? null : given
}

function serverIn(options: Values): string {
  const given = text(options, 'server') ?? (process.env['HOLDPOINT_SERVER'] || null)
  if (given === null)
    throw new UsageFault('Which server? For example: holdpoint worker --server https://releases.example.com')
  const url = URL.canParse(given) ? new URL(given) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageFault(`--server "${given}": expected an address, for example --server https://releases.example.com`)
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (url.protocol === 'http:' && !isLoopback)
    throw new UsageFault(`${url.origin} has no TLS: the token would travel in clear. Use its https address.`)
  return url.origin
}

function tokenIn(options: Values): string {
  const file = text(options, 'tokenFile')
  const token = file === null ? (text(options, 'token') ?? process.env['HOLDPOINT_TOKEN']) : fileOf(file)
  if (token === undefined || token === '')
    throw new UsageFault(
      'A worker needs the token of a machine with the role worker. For example: --token-file worker.token, made with holdpoint token issue',
    )
  return token
}

function fileOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new UsageFault(
      `--token-file ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    )
  }
}

function workspaceIn(given: string): string {
  const path = resolve(given)
  try {
    if (statSync(path).isDirectory()) return realpathSync(path)
  } catch {
    // Told below.
  }
  throw new UsageFault(`--workspace "${given}" is no folder; for example --workspace /srv/shop`)
}

export const listWorkers: Run = async (context) => {
  const client = await context.client()
  const workers = await client.ask<readonly KnownWorker[]>('GET', '/v1/workers')
  if (context.json) {
    printJson(context, workers)
    return 0
  }
  if (workers.length === 0) {
    context.out('no worker was here in the last day; start one with holdpoint worker')
    return 0
  }
  const now = Date.now()
  printTable(
    context,
    ['worker', 'environments', 'labels', 'seen', 'runs'],
    workers.map(({ machine, name, environments, labels, lastSeen, running }) => ({
      cells: [
        `${machine} on ${name}`,
        environments?.join(', ') ?? 'all',
        labels.join(', ') || '-',
        seenWords(now - lastSeen),
        running.join(', ') || '-',
      ],
      tone: now - lastSeen < AWAY_MS ? 'plain' : 'dim',
    })),
  )
  return 0
}

/** A worker says that it lives every few seconds, and is given up after half a minute: "now" would hide that. */
export function seenWords(agoMs: number): string {
  if (agoMs < NOW_MS) return 'now'
  if (agoMs < AWAY_MS) return `${Math.round(agoMs / 1000)} s ago`
  const minutes = Math.round(agoMs / 60_000)
  return minutes < 60 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`
}

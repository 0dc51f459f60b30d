/** Finds the local engine, or starts it. The only place that knows how the engine process comes to be. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config/config.ts'
import { type ClientOptions, createClient } from './client.ts'
import { ApiFault } from './client-types.ts'
import type { Client } from './client-types.ts'
import { bytesOf, openLine, request } from './http-call.ts'

/** What the engine process exits with when another one has the store: the one who was quicker will answer. */
export const STORE_IS_TAKEN = 75

const START_PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 20
const ANSWER_WITHIN_MS = 10_000
const LOG_CAP_BYTES = 16 << 20

/** Connects to the engine of this store, or starts one. Throws ApiFault with the tail of the engine's log when it does not come up. */
export async function openClient(config: Config, options: Pick<ClientOptions, 'actor'> = {}): Promise<Client> {
  if (!(await isAnswering(config.socket))) await startEngine(config)
  return createClient({ ...options, socketPath: config.socket, revive: () => startEngine(config) })
}

/** Connects only if an engine is running; null = none is. */
export async function findClient(config: Config, options: Pick<ClientOptions, 'actor'> = {}): Promise<Client | null> {
  return (await isAnswering(config.socket)) ? createClient({ ...options, socketPath: config.socket }) : null
}

async function isAnswering(socketPath: string): Promise<boolean> {
  const line = openLine(socketPath)
  try {
    const answer = await request(line, { method: 'GET', path: '/healthz', timeoutMs: ANSWER_WITHIN_MS })
    await bytesOf(answer)
    return answer.statusCode === 200
  } catch {
    return false
  } finally {
    line.agent.destroy()
  }
}

/** Two that start at once make one engine: the store's lock decides, and the other one's client finds the winner. */
async function startEngine(config: Config): Promise<void> {
  const deadline = Date.now() + START_PATIENCE_MS
  let ended = spawnEngine(config)
  for (;;) {
    if (await isAnswering(config.socket)) return
    const code = await Promise.race([ended, sleep(LOOK_EVERY_MS, null)])
    if (code !== null && code !== STORE_IS_TAKEN) throw await startFault(config, `ended with code ${code}`)
    if (Date.now() > deadline) throw await startFault(config, `did not answer within ${START_PATIENCE_MS / 1_000} s`)
    if (code === null) continue
    // Whoever has the store is either about to answer or about to let go of it.
    await sleep(10 * LOOK_EVERY_MS)
    if (!(await isAnswering(config.socket))) ended = spawnEngine(config)
  }
}

/** Detached, so that the terminal's end and its Ctrl-C are none of the engine's business. Resolves with the exit code. */
function spawnEngine(config: Config): Promise<number> {
  mkdirSync(config.home, { recursive: true, mode: 0o700 })
  setAsideLongLog(config.engineLog)
  const log = openSync(config.engineLog, 'a', 0o600)
  try {
    const child = spawn(process.execPath, [engineEntry()], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, HOLDPOINT_HOME: config.home },
    })
    child.unref()
    return new Promise((resolve) => {
      child.once('error', () => resolve(-1))
      child.once('exit', (code) => resolve(code ?? -1))
    })
  } finally {
    closeSync(log)
  }
}

/** `engine-main.ts` beside the sources, `engine-main.js` in a build. */
function engineEntry(): string {
  const here = fileURLToPath(import.meta.url)
  return join(dirname(here), '..', `engine-main${extname(here)}`)
}

function setAsideLongLog(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > LOG_CAP_BYTES) renameSync(path, `${path}.1`)
}

async function startFault(config: Config, what: string): Promise<ApiFault> {
  const log = await readFile(config.engineLog, 'utf8').catch(() => '')
  const tail = log.trimEnd().split('\n').slice(-12).join('\n')
  return new ApiFault(`The engine ${what}. The end of ${config.engineLog}:\n${tail}`, {
    code: 'engine-did-not-start',
    status: null,
  })
}

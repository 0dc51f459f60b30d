/** Starts the local engine process. The only place that knows how it comes to be. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config/config.ts'
import { ApiFault } from './client-types.ts'
import { isAnswering } from './http-call.ts'

/** What the engine process exits with when another one has the store: the one who was quicker will answer. */
export const STORE_IS_TAKEN = 75

/** A small young generation: an engine at rest keeps 20 MiB less, and its garbage is short-lived anyway. */
const NODE_FLAGS = ['--max-semi-space-size=4']

const START_PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 20
const LOG_CAP_BYTES = 16 << 20

/** Two that start at once make one engine: the store's lock decides, and the other one's client finds the winner. */
export async function startEngine(config: Config): Promise<void> {
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
    const child = spawn(process.execPath, [...NODE_FLAGS, engineEntry()], {
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

/** `app/engine-main.ts` among the sources, `app/engine-main.js` in a build. */
function engineEntry(): string {
  const here = fileURLToPath(import.meta.url)
  return join(dirname(here), '..', 'app', `engine-main${extname(here)}`)
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

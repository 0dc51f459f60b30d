/** The life of the local engine process: takes the store, serves the socket, attends releases, ends when nobody needs it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createApi } from './api/api.ts'
import { listenOn, type Listening } from './api/listen.ts'
import { STORE_IS_TAKEN } from './api/engine-starter.ts'
import { type App, openApp } from './app.ts'
import { type Config, readConfig } from './config/config.ts'
import { programBuild, programVersion } from './config/version.ts'
import { StoreFault } from './core/ports/store.ts'

const FAILED = 4
/** A running answer must not be cut off by an end that hangs somewhere. */
const END_PATIENCE_MS = 15_000

export async function runEngineProcess(config: Config = readConfig()): Promise<number> {
  process.umask(0o077)
  // Before anything else: what is edited from here on is not what this process runs.
  const build = programBuild()
  const app = await openOrSayWhy(config)
  if (typeof app === 'number') return app
  const ending = new Ending()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.ask(signal))
  process.on('uncaughtException', (cause) => dieOf(cause))
  process.on('unhandledRejection', (cause) => dieOf(cause))
  const listening = await serve(config, app, ending, build)
  log(`engine ${programVersion()} (process ${process.pid}) serves ${config.home}`)
  const attending = app.engine.attend()
  attending.catch((cause: unknown) => dieOf(cause))
  void endWhenIdle(config, app, listening, ending)
  log(`ending: ${await ending.asked}`)
  setTimeout(() => process.exit(FAILED), END_PATIENCE_MS).unref()
  await listening.close()
  await app.engine.stop()
  await attending
  await app.close()
  log('ended')
  return 0
}

async function openOrSayWhy(config: Config): Promise<App | number> {
  try {
    return await openApp(config, log)
  } catch (cause) {
    log(`cannot start: ${cause instanceof Error ? cause.message : String(cause)}`)
    return cause instanceof StoreFault && cause.retryable ? STORE_IS_TAKEN : FAILED
  }
}

function serve(config: Config, app: App, ending: Ending, build: string): Promise<Listening> {
  const api = createApi(
    {
      ...app,
      stop: () => ending.ask('a client asked'),
      closing: ending.signal,
      about: {
        version: programVersion(),
        build,
        pid: process.pid,
        home: config.home,
        startedAt: app.clock.now(),
        user: config.user,
      },
    },
    log,
  )
  return listenOn(config.socket, api.fetch)
}

/** The last look at connections and the asking are in one turn: nobody can connect between them unnoticed. */
async function endWhenIdle(config: Config, app: App, listening: Listening, ending: Ending): Promise<void> {
  let idleSince = app.clock.now()
  while (!ending.signal.aborted) {
    await sleep(Math.max(10, Math.min(500, config.idleMs / 4)))
    // It holds the store, so nobody else could attend: whoever comes next starts an engine that can be reached.
    if (!(await listening.isFindable())) return ending.ask(`${config.socket} is gone, nobody can reach this engine`)
    const isNeeded = listening.connections() > 0 || (await app.engine.open()) > 0
    const now = app.clock.now()
    if (isNeeded || listening.connections() > 0) idleSince = now
    else if (now - idleSince >= config.idleMs) ending.ask('no release is open and no client is connected')
  }
}

/** The first reason to end is the one that counts. */
class Ending {
  readonly #controller = new AbortController()
  readonly asked: Promise<string>
  readonly #resolve: (why: string) => void

  constructor() {
    const { promise, resolve } = Promise.withResolvers<string>()
    this.asked = promise
    this.#resolve = resolve
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  ask(why: string): void {
    this.#controller.abort()
    this.#resolve(why)
  }
}

/** A bug: recording a wrong fact would be worse than stopping. What was recorded is safe, and the next engine goes on from it. */
function dieOf(cause: unknown): never {
  log(`bug, stopping at once: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
  process.exit(FAILED)
}

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`)
}

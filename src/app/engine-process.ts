/** The life of the engine process: takes the store, serves the socket (and the network), attends releases, ends when nobody needs it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { mkdirSync } from 'node:fs'
import { createApi } from '../api/api.ts'
import { Directory } from '../api/auth/directory.ts'
import { newSetupKey } from '../api/auth/setup.ts'
import type { ApiDeps, Web } from '../api/deps.ts'
import {
  exposureOf,
  isLoopback,
  listenOnNetwork,
  type NetworkListening,
  NetworkFault,
  type NetworkOptions,
  originsOf,
} from '../api/listen-network.ts'
import { listenOn, type Listening } from '../api/listen.ts'
import { STORE_IS_TAKEN } from '../api/engine-starter.ts'
import { attendDuties } from './duties.ts'
import { openLog, plainLog } from '../observe/log.ts'
import { listenForMetrics, type MetricsListening } from '../observe/listen-metrics.ts'
import type { Telemetry } from '../observe/telemetry.ts'
import type { RequestObserver } from '../api/observe.ts'
import { slackAnswers } from './slack-answers.ts'
import { serverDuties, webhookTrouble } from './server-duties.ts'
import { extrasOrSayWhy, type ServerExtras, settingsOrSayWhy } from './server-extras.ts'
import { type App, openApp } from './app.ts'
import { confinementFor, tellConfinement } from './command-confinement.ts'
import { type Config, readConfig } from '../config/config.ts'
import type { OpenIdSettings } from '../config/openid-settings.ts'
import { programBuild, programVersion } from '../config/version.ts'
import { StoreFault } from '../core/ports/store.ts'

const FAILED = 4
/** What it was started with cannot be: as any other wrong usage. */
const WRONG_SETTINGS = 2
/** A running answer must not be cut off by an end that hangs somewhere. */
const END_PATIENCE_MS = 15_000

/** What `serve` adds to the engine of a store. */
export interface Serving {
  readonly network: NetworkOptions
  readonly metricsPort?: number | null
  readonly retain?: string | null
  /** Folder of the web pages; null or absent = the API alone. */
  readonly pages?: string | null
  /** The provider that people may sign in through; null = passwords only. */
  readonly openid: OpenIdSettings | null
  /** Told once it answers: the addresses, and the set-up link as long as the server has no administrator. */
  readonly onReady: (told: { readonly origins: readonly string[]; readonly setupKey: string | null }) => void
  readonly onFault: (why: string) => void
}

/** With `serving` it stays until it is asked to end; without, it ends when no release is open and nobody is connected. */
export async function runEngineProcess(config: Config = readConfig(), serving: Serving | null = null): Promise<number> {
  process.umask(0o077)
  ownLog = await openLog(config.log)
  // Before anything else: what is edited from here on is not what this process runs.
  const build = programBuild()
  const settings = serving && settingsOrSayWhy(serving.onFault, serving.retain)
  if (settings === undefined) return WRONG_SETTINGS
  // Of a server only: an engine that a terminal waits for loads none of it.
  const telemetry = serving && (await import('../observe/telemetry.ts')).createTelemetry(ownLog, programVersion())
  const app = await openOrSayWhy(config, telemetry, serving)
  if (typeof app === 'number') return app
  const extras = settings && (await extrasOrSayWhy(app.store, settings, (why) => serving?.onFault(why)))
  if (extras === undefined) {
    await app.close()
    return WRONG_SETTINGS
  }
  telemetry?.registry.gauge('holdpoint_releases_open', 'Releases that have not ended', () => app.engine.open())
  const ending = new Ending()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.ask(signal))
  process.on('uncaughtException', (cause) => dieOf(cause))
  process.on('unhandledRejection', (cause) => dieOf(cause))
  const equipped = { ...watchedBy(app, telemetry), ...outwardOf(extras), openid: serving?.openid ?? null }
  const listening = await serve(config, equipped, ending, build, serving !== null)
  const network = serving && (await serveNetwork(config, equipped, ending, build, serving, telemetry?.requests))
  const giveUp = async (): Promise<number> => {
    await Promise.all([listening.close(), network?.close()])
    await app.close()
    telemetry?.close()
    return WRONG_SETTINGS
  }
  if (network === undefined) return giveUp()
  const metrics = await metricsOrSayWhy(telemetry, serving)
  if (metrics === undefined) return giveUp()
  const { shownStore } = await import('../store/open.ts')
  log(`engine ${programVersion()} (process ${process.pid}) serves ${shownStore(config.database ?? config.home)}`)
  const attending = app.engine.attend()
  attending.catch((cause: unknown) => dieOf(cause))
  const { duties, close: closeDuties } = serverDuties(app, extras, config.workspace, log)
  const onDuty = attendDuties(duties, ending.signal, log)
  if (serving === null) void endWhenIdle(config, app, listening, ending)
  log(`ending: ${await ending.asked}`)
  setTimeout(() => process.exit(FAILED), END_PATIENCE_MS).unref()
  await Promise.all([listening.close(), network?.close(), metrics?.close()])
  await app.engine.stop()
  closeDuties()
  await Promise.all([attending, onDuty])
  await app.close()
  telemetry?.close()
  log('ended')
  return 0
}

function watchedBy(app: App, telemetry: Telemetry | null): App & Pick<ApiDeps, 'metrics'> {
  return telemetry === null ? app : { ...app, metrics: () => telemetry.registry.text() }
}

/** The same through the socket and over the network. */
function outwardOf(extras: ServerExtras | null): Partial<ApiDeps> {
  if (extras === null) return {}
  const slack = slackAnswers(extras.slackApp, log)
  return { ...extras, webhookTrouble: (url) => webhookTrouble(extras.webhookHosts, url), ...(slack && { slack }) }
}

/** null = not asked for; undefined = it cannot be served, and why was told. */
async function metricsOrSayWhy(
  telemetry: Telemetry | null,
  serving: Serving | null,
): Promise<MetricsListening | null | undefined> {
  const port = serving?.metricsPort ?? null
  if (serving === null || telemetry === null || port === null) return null
  try {
    const listening = await listenForMetrics(telemetry.registry, port)
    log(`numbers for Prometheus: http://127.0.0.1:${listening.port}/metrics`)
    return listening
  } catch (cause) {
    serving.onFault(`port ${port} for --metrics-port: ${cause instanceof Error ? cause.message : String(cause)}`)
    return undefined
  }
}

async function openOrSayWhy(
  config: Config,
  telemetry: Telemetry | null,
  serving: Serving | null,
): Promise<App | number> {
  try {
    const confinement = confinementFor(serving === null ? 'person' : 'server', process.env, log)
    // With workers it may run no commands at all.
    if (serving !== null && config.localEnvironments?.length !== 0) tellConfinement(confinement, log)
    return await openApp(config, log, telemetry ?? undefined, confinement)
  } catch (cause) {
    log(`cannot start: ${cause instanceof Error ? cause.message : String(cause)}`)
    if (cause instanceof StoreFault) return cause.retryable ? STORE_IS_TAKEN : FAILED
    return isOfSettings(cause) ? WRONG_SETTINGS : FAILED
  }
}

function isOfSettings(cause: unknown): boolean {
  return cause instanceof Error && ['ConfigFault', 'CommandUserFault', 'SealFault'].includes(cause.name)
}

function serve(config: Config, app: App, ending: Ending, build: string, serving: boolean): Promise<Listening> {
  return listenOn(config.socket, createApi(apiDeps(config, app, ending, build, noWeb, serving), log).fetch)
}

/** Told to the owner of the socket, for the links that they send. */
let address: string | undefined

const noWeb: Web = { origins: [], isSecure: false }

function apiDeps(config: Config, app: App, ending: Ending, build: string, web: Web, serving: boolean): ApiDeps {
  return {
    ...app,
    stop: () => ending.ask('a client asked'),
    closing: ending.signal,
    workspace: config.workspace,
    web,
    about: {
      version: programVersion(),
      build,
      pid: process.pid,
      home: config.home,
      startedAt: app.clock.now(),
      user: config.user,
      serving,
      address: () => address,
    },
  }
}

/** undefined = it cannot be served, and why was told. */
async function serveNetwork(
  config: Config,
  app: App,
  ending: Ending,
  build: string,
  { network, pages, onReady, onFault }: Serving,
  requests: RequestObserver | undefined,
): Promise<NetworkListening | undefined> {
  const needsSetup = (await new Directory(app.store, app.clock).current()).people.size === 0
  const exposed = exposureOf(network)
  const setUpFirst =
    'This server has no administrator yet: serve on 127.0.0.1 first and open the set-up link on this machine, then serve on other addresses.'
  const refused = exposed ?? (needsSetup && !isLoopback(network.host) ? setUpFirst : null)
  if (refused !== null) {
    onFault(refused)
    return undefined
  }
  mkdirSync(config.workspace, { recursive: true, mode: 0o700 })
  try {
    const listening = await listenOnNetwork(network, (port) => {
      const origins = originsOf(network, port)
      const isSecure = origins[0]?.startsWith('https://') ?? false
      const deps = {
        ...apiDeps(config, app, ending, build, { origins, isSecure }, true),
        ...(requests && { requests }),
        pages,
      }
      return createApi(deps, log).fetch
    })
    const setupKey = needsSetup ? await newSetupKey(app.store, app.clock) : null
    const origins = originsOf(network, listening.port)
    address = origins[0]
    if (address !== undefined) app.servedAt(address)
    onReady({ origins, setupKey })
    return listening
  } catch (cause) {
    if (!(cause instanceof NetworkFault)) throw cause
    onFault(cause.message)
    return undefined
  }
}

/** The last look at connections and the asking are in one turn: nobody can connect between them unnoticed. */
async function endWhenIdle(config: Config, app: App, listening: Listening, ending: Ending): Promise<void> {
  let idleSince = app.clock.now()
  let visits = 0
  while (!ending.signal.aborted) {
    await sleep(Math.max(10, Math.min(500, config.idleMs / 4)))
    // It holds the store, so nobody else could attend: whoever comes next starts an engine that can be reached.
    if (!(await listening.isFindable())) return ending.ask(`${config.socket} is gone, nobody can reach this engine`)
    const isNeeded = listening.connections() > 0 || (await app.engine.open()) > 0
    const now = app.clock.now()
    // Who looked in between two looks of ours comes again in a moment with what they want.
    if (isNeeded || listening.connections() > 0 || listening.visits() !== visits) idleSince = now
    else if (now - idleSince >= config.idleMs) ending.ask('no release is open and no client is connected')
    visits = listening.visits()
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

let ownLog = plainLog()

function log(line: string): void {
  ownLog.line(line)
}

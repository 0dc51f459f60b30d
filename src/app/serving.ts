/** `serve`: takes the store over from a local engine, if one runs, and becomes the engine that serves the network too. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '../api/client.ts'
import { ApiFault } from '../api/client-types.ts'
import { answering } from '../api/http-call.ts'
import { type NetworkOptions, originsOf } from '../api/listen-network.ts'
import { type Config } from '../config/config.ts'
import type { OpenIdSettings } from '../config/openid-settings.ts'
import { runEngineProcess } from './engine-process.ts'
import { webPages } from './web-pages.ts'

export type { NetworkOptions }
export { originsOf }

export interface ServeOptions {
  readonly network: NetworkOptions
  /** Port on loopback for the process' numbers; null = on the main listener only, with the right to. */
  readonly metricsPort?: number | null
  /** How long evidence and samples of ended releases are kept, as written: `400d`. */
  readonly retain?: string | null
  readonly openid: OpenIdSettings | null
  /** `setupKey` stands in the link of the first administrator; null once there is one. */
  readonly onReady: (told: { readonly origins: readonly string[]; readonly setupKey: string | null }) => void
  readonly onFault: (why: string) => void
}

const TAKE_OVER_MS = 20_000
const FAILED = 4

/** Resolves with the exit code when the server has ended. */
export async function serve(config: Config, options: ServeOptions): Promise<number> {
  const refused = await takeOver(config)
  if (refused !== null) {
    options.onFault(refused)
    return FAILED
  }
  const { folder, trouble } = webPages()
  if (trouble !== null) options.onFault(trouble)
  return runEngineProcess(config, { ...options, pages: folder })
}

/** An engine that terminals started goes on here with all its releases; another server is left alone. */
async function takeOver(config: Config): Promise<string | null> {
  if ((await answering(config.socket)) === null) return null
  const client = createClient({ socketPath: config.socket })
  try {
    const health = await client.health()
    if (health.serving === true)
      return `a server (process ${health.pid}) serves ${config.home} already; end it with \`kill ${health.pid}\`, or give another store with --store`
    await client.stop()
  } catch (fault) {
    if (!(fault instanceof ApiFault)) throw fault
  } finally {
    client.close()
  }
  const deadline = Date.now() + TAKE_OVER_MS
  while ((await answering(config.socket)) !== null) {
    if (Date.now() > deadline) return `the engine that runs in ${config.home} does not end`
    await sleep(50)
  }
  return null
}

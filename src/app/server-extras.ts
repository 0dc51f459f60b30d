/** What a server may be given besides its store: a GitHub App, a key for stored secrets, hosts for webhooks. All of it is checked first. */
import { followingSealer, openSealer, SealFault, type Sealer } from '../api/auth/sealing.ts'
import { ConfigFault } from '../config/config.ts'
import {
  changedSealingKeys,
  type GithubSettings,
  githubSettings,
  retention,
  type SlackSettings,
  slackSettings,
  sealingKeys,
  webhookHosts,
} from '../config/settings.ts'
import type { Store } from '../core/ports/store.ts'
import { secretCommandOf } from '../worker/launcher/secret-command.ts'

export interface ServerSettings {
  readonly github: GithubSettings | null
  readonly slackApp: SlackSettings | null
  readonly keys: readonly Uint8Array[] | null
  readonly webhookHosts: readonly { readonly host: string; readonly port: number | null }[]
  /** How long evidence and samples of ended releases are kept; null = for ever. */
  readonly retainMs: number | null
}

export interface ServerExtras {
  readonly github: GithubSettings | null
  readonly slackApp: SlackSettings | null
  readonly sealer: Sealer | null
  readonly webhookHosts: ServerSettings['webhookHosts']
  readonly retainMs: number | null
}

/** undefined = they make no sense, and why was told. */
export function settingsOrSayWhy(
  onFault: (why: string) => void,
  retain: string | null = null,
): ServerSettings | undefined {
  try {
    const { env } = process
    mustBeCommand(env)
    return {
      github: githubSettings(env),
      slackApp: slackSettings(env),
      keys: sealingKeys(env),
      webhookHosts: webhookHosts(env),
      retainMs: retention(retain ?? env['HOLDPOINT_RETAIN']),
    }
  } catch (cause) {
    if (!(cause instanceof ConfigFault)) throw cause
    onFault(cause.message)
    return undefined
  }
}

/** Told at the start, not when the first release needs a secret. */
function mustBeCommand(env: NodeJS.ProcessEnv): void {
  try {
    secretCommandOf(env)
  } catch (cause) {
    throw new ConfigFault(cause instanceof Error ? cause.message : String(cause))
  }
}

/** undefined = the key does not fit the store, and that was told: nothing may start without its protection. */
export async function extrasOrSayWhy(
  store: Store,
  { github, slackApp, keys, webhookHosts: hosts, retainMs }: ServerSettings,
  onFault: (why: string) => void,
): Promise<ServerExtras | undefined> {
  try {
    const sealer = await openSealer(store, keys)
    return { github, slackApp, webhookHosts: hosts, retainMs, sealer: sealer && following(sealer, onFault) }
  } catch (cause) {
    if (!(cause instanceof SealFault)) throw cause
    onFault(cause.message)
    return undefined
  }
}

/** The key in a file may be changed while the server runs: no restart, and no release waits. */
function following(sealer: Sealer, onFault: (why: string) => void): Sealer {
  return followingSealer(sealer, changedSealingKeys(process.env), onFault)
}

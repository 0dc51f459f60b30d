/** Settings of a server that are secrets or belong together: from the environment or from files, and nothing by halves. */
import { ConfigFault } from './config.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A GitHub App whose protection rule this server answers. */
export interface GithubSettings {
  /** Id or client id of the App. */
  readonly app: string
  /** Its private key, PEM. */
  readonly key: string
  readonly webhookSecret: string
  /** `https://api.github.com`, or `https://HOST/api/v3` of an own GitHub. */
  readonly api: string
}

/** The app of Slack whose buttons this server answers. */
export interface SlackSettings {
  readonly signingSecret: string
  /** Where answers to whoever pressed go: `https://hooks.slack.com`. */
  readonly hooks: string
}

const SHORTEST_SECRET = 16
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

/** null = none of it is set. Throws ConfigFault when only some of it is, or a file cannot be read. */
export function githubSettings(environment: Environment): GithubSettings | null {
  const app = environment['HOLDPOINT_GITHUB_APP'] || null
  const key = secretSetting(environment, 'HOLDPOINT_GITHUB_KEY')
  const webhookSecret = secretSetting(environment, 'HOLDPOINT_GITHUB_WEBHOOK_SECRET')
  if (app === null && key === null && webhookSecret === null) return null
  if (app === null || key === null || webhookSecret === null)
    throw new ConfigFault(
      'A GitHub App takes all of HOLDPOINT_GITHUB_APP (its id), HOLDPOINT_GITHUB_KEY_FILE (its private key, PEM) and HOLDPOINT_GITHUB_WEBHOOK_SECRET_FILE',
    )
  if (webhookSecret.length < SHORTEST_SECRET)
    throw new ConfigFault(
      `HOLDPOINT_GITHUB_WEBHOOK_SECRET has fewer than ${SHORTEST_SECRET} characters: anyone could guess it. For example: openssl rand -hex 32`,
    )
  const api = (environment['HOLDPOINT_GITHUB_API'] || 'https://api.github.com').replace(/\/$/, '')
  const url = URL.canParse(api) ? new URL(api) : null
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && url.hostname === '127.0.0.1')
  if (!isSafe || url.username !== '' || url.search !== '')
    throw new ConfigFault(
      `HOLDPOINT_GITHUB_API is "${api}"; expected an https address, for example https://api.github.com`,
    )
  return { app, key, webhookSecret, api }
}

/** null = none is set. Throws ConfigFault. */
export function slackSettings(environment: Environment): SlackSettings | null {
  const signingSecret = secretSetting(environment, 'HOLDPOINT_SLACK_SIGNING_SECRET')
  if (signingSecret === null) return null
  if (signingSecret.length < SHORTEST_SECRET)
    throw new ConfigFault(
      `HOLDPOINT_SLACK_SIGNING_SECRET has fewer than ${SHORTEST_SECRET} characters; expected the signing secret of the app, from its page “Basic Information”`,
    )
  const hooks = (environment['HOLDPOINT_SLACK_HOOKS'] || 'https://hooks.slack.com').replace(/\/$/, '')
  const url = URL.canParse(hooks) ? new URL(hooks) : null
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1')))
    throw new ConfigFault(
      `HOLDPOINT_SLACK_HOOKS is "${hooks}"; expected an https address, for example https://hooks.slack.com`,
    )
  return { signingSecret, hooks }
}

/** How long what belongs to an ended release is kept, as written: `400d`. null = for ever. Throws ConfigFault. */
export function retention(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  const found = /^(\d{1,4})(d|w)$/.exec(text)
  const ms = Number(found?.[1]) * (found?.[2] === 'w' ? WEEK_MS : DAY_MS)
  if (found && ms >= DAY_MS) return ms
  throw new ConfigFault(`"${text}" for how long to retain; expected days or weeks, for example --retain 400d`)
}

/** `NAME`, or the content of the file that `NAME_FILE` names, without its last line break; null = neither. */
export function secretSetting(environment: Environment, name: string): string | null {
  const value = environment[name]
  if (value !== undefined && value !== '') return value
  const file = environment[`${name}_FILE`]
  if (file === undefined || file === '') return null
  try {
    const { readFileSync } = process.getBuiltinModule('node:fs')
    const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    if (text !== '') return text
  } catch (cause) {
    throw new ConfigFault(`${name}_FILE cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  throw new ConfigFault(`${name}_FILE names an empty file: ${file}`)
}

/** Keys of 32 bytes that seal stored secrets, the newest first; null = none. Throws ConfigFault. */
export function sealingKeys(environment: Environment): readonly Uint8Array[] | null {
  const text = secretSetting(environment, 'HOLDPOINT_SECRET_KEY')
  if (text === null) return null
  const keys = text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part) => (/^[0-9a-fA-F]{64}$/.test(part) ? Buffer.from(part, 'hex') : Buffer.from(part, 'base64')))
  if (keys.length > 0 && keys.every((key) => key.byteLength === 32)) return keys
  throw new ConfigFault(
    'HOLDPOINT_SECRET_KEY: expected 32 bytes in base64 or hex, one key a line, the newest first. For example: openssl rand -base64 32',
  )
}

/**
 * Asks whether the file of the keys is another than at the last look, and reads it then. Null = it is not, or the keys came
 * from a variable, which a running process cannot see changing. Throws ConfigFault for a file that cannot be read.
 */
export function changedSealingKeys(environment: Environment): () => readonly Uint8Array[] | null {
  const file = environment['HOLDPOINT_SECRET_KEY'] ? '' : (environment['HOLDPOINT_SECRET_KEY_FILE'] ?? '')
  if (file === '') return () => null
  const { statSync } = process.getBuiltinModule('node:fs')
  const look = (): string => {
    const stat = statSync(file, { throwIfNoEntry: false })
    return stat === undefined ? 'gone' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`
  }
  let seen = look()
  return () => {
    const now = look()
    if (now === seen) return null
    seen = now
    return sealingKeys(environment)
  }
}

/** `HOST` or `HOST:PORT`, comma-separated: hosts on the own network that webhooks of projects may reach. */
export function webhookHosts(environment: Environment): readonly { host: string; port: number | null }[] {
  return (environment['HOLDPOINT_WEBHOOK_HOSTS'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const url = URL.canParse(`http://${part}`) ? new URL(`http://${part}`) : null
      if (url === null || url.pathname !== '/' || url.hostname === '')
        throw new ConfigFault(`HOLDPOINT_WEBHOOK_HOSTS: "${part}" is no host, for example 10.0.0.7:8080`)
      return { host: url.hostname, port: /:\d+$/.test(part) ? Number(url.port || 80) : null }
    })
}

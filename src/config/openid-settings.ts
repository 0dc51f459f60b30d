/** Which OpenID provider a server lets people in through, from flags and the environment; nothing by halves. */
import { ConfigFault } from './config.ts'
import { secretSetting } from './settings.ts'

export interface OpenIdSettings {
  readonly issuer: string
  readonly clientId: string
  /** null = a public client: the code is protected by PKCE alone. */
  readonly clientSecret: string | null
  /** Whom the provider knows and this server does not becomes a viewer of this organisation; null = is turned away. */
  readonly joins: string | null
  /** Scopes to ask for beyond openid, profile and email: some providers tell groups by one of their own only. */
  readonly scopes: readonly string[]
  /** Of these claims one has to hold; empty = everyone of the provider may sign in. */
  readonly allow: readonly { readonly claim: string; readonly value: string }[]
}

/** As given on the command line; null = not given. */
export interface OpenIdFlags {
  readonly issuer: string | null
  readonly client: string | null
  readonly secretFile: string | null
  readonly join: string | null
  readonly allow: readonly string[]
  readonly scopes: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

const EXAMPLE =
  '--openid-issuer https://login.example.com --openid-client holdpoint --openid-secret-file /run/secrets/openid'

/** null = no provider. Throws ConfigFault. */
export function openIdSettings(environment: Environment, flags: OpenIdFlags): OpenIdSettings | null {
  const issuer = flags.issuer ?? (environment['HOLDPOINT_OPENID_ISSUER'] || null)
  const clientId = flags.client ?? (environment['HOLDPOINT_OPENID_CLIENT'] || null)
  const clientSecret = secretOf(environment, flags)
  const join = flags.join ?? (environment['HOLDPOINT_OPENID_JOIN'] || null)
  const allow = flags.allow.length > 0 ? flags.allow : wordsIn(environment['HOLDPOINT_OPENID_ALLOW'])
  const scopes = flags.scopes.length > 0 ? flags.scopes : wordsIn(environment['HOLDPOINT_OPENID_SCOPE'])
  const isSet = [issuer, clientId, clientSecret, join, ...allow, ...scopes].some((given) => given !== null)
  if (!isSet) return null
  if (issuer === null || clientId === null)
    throw new ConfigFault(`OpenID sign-on takes the issuer and the client id. For example: ${EXAMPLE}`)
  return {
    issuer: safeIssuer(issuer),
    clientId,
    clientSecret,
    joins: join === null ? null : organisationIn(join),
    scopes: scopes.map(scopeIn),
    allow: allow.map(claimIn),
  }
}

/** Over plain http anyone on the way could sign in as anyone; on this machine itself there is no way. */
function safeIssuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isHere = url?.protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (url === null || !(url.protocol === 'https:' || isHere) || url.search !== '' || url.hash !== '')
    throw new ConfigFault(
      `--openid-issuer is "${text}", expected the https address that the provider calls its issuer, for example --openid-issuer https://login.example.com`,
    )
  return text
}

function organisationIn(join: string): string {
  const found = /^viewer@(\S+)$/.exec(join)
  if (found?.[1] !== undefined) return found[1]
  throw new ConfigFault(
    `--openid-join is "${join}", expected viewer@organisation: more than that is granted by a person, for example --openid-join viewer@acme`,
  )
}

function wordsIn(text: string | undefined): readonly string[] {
  return (text ?? '').split(/[ ,]+/).filter((each) => each !== '')
}

function scopeIn(text: string): string {
  // What the standard lets a scope be made of.
  if (/^[\u0021\u0023-\u005b\u005d-\u007e]{1,200}$/.test(text)) return text
  throw new ConfigFault(
    `--openid-scope is "${text}", expected a scope of the provider, for example --openid-scope groups`,
  )
}

function claimIn(text: string): { claim: string; value: string } {
  const found = /^([\w.:/-]+)=(\S+)$/.exec(text)
  if (found?.[1] !== undefined && found[2] !== undefined) return { claim: found[1], value: found[2] }
  throw new ConfigFault(`--openid-allow is "${text}", expected claim=value, for example --openid-allow groups=releases`)
}

/** Never an argument: those are seen by every user of the machine. */
function secretOf(environment: Environment, { secretFile }: OpenIdFlags): string | null {
  const name = 'HOLDPOINT_OPENID_SECRET'
  return secretSetting(secretFile === null ? environment : { [`${name}_FILE`]: secretFile }, name)
}

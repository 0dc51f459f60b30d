/** The OpenID provider of a server: where people are sent to sign in, and who came back. The only place that knows the library. */
import type * as Library from 'openid-client'
import type { OpenIdSettings } from '../../config/openid-settings.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Instant, Millis } from '../../core/units.ts'

export interface Identity {
  /** Both together say who it is; an address or a name never does. */
  readonly issuer: string
  readonly subject: string
  /** When the person last proved who they are to the provider; null = it does not say. */
  readonly provenAt: Instant | null
  /** What the provider calls this sign-in (`sid`); null = it does not say. */
  readonly session: string | null
  /** Of what it told, by its own clock. */
  readonly issuedAt: Instant
  readonly claims: Readonly<Record<string, unknown>>
}

/** What was made for one sign-in and has to come back with it. */
export interface Proof {
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface OpenIdProvider {
  readonly settings: OpenIdSettings
  /** Throws OpenIdFault. `fresh` = the person has to prove anew who they are, whatever the provider remembers. */
  addressFor(proof: Proof, fresh: boolean): Promise<URL>
  /** Exchanges the code and checks all of the answer. `asksMore` = also for what stands at userinfo only. Throws OpenIdFault. */
  identityFrom(answer: URLSearchParams, proof: Proof, asksMore: boolean): Promise<Identity>
  /** Where the provider tells the keys that it signs with. Throws OpenIdFault. */
  keysAddress(): Promise<URL>
}

export class OpenIdFault extends Error {
  override name = 'OpenIdFault'
  /** `down` = the provider does not answer as one; `refused` = its answer lets nobody in. */
  readonly kind: 'down' | 'refused'
  constructor(kind: OpenIdFault['kind'], message: string, cause?: unknown) {
    super(message, { cause })
    this.kind = kind
  }
}

/** Signatures by a key that only the provider has. Never `none`, and never HS256: that key would be the client secret. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
export const ANSWER_WITHIN_S = 10
const DISCOVERED_FOR_MS: Millis = 60 * 60_000
/** As long as a session lasts at most; asking for it makes the provider say when the person signed in there. */
const LONGEST_S = 7 * 86_400

export function openProvider(settings: OpenIdSettings, clock: Clock): OpenIdProvider {
  let kept: { readonly at: Instant; readonly config: Promise<Library.Configuration> } | null = null
  const configuration = (): Promise<Library.Configuration> => {
    if (kept === null || clock.now() - kept.at > DISCOVERED_FOR_MS) {
      const config = discover(settings)
      kept = { at: clock.now(), config }
      // What failed is asked for again at once.
      config.catch(() => {
        if (kept?.config === config) kept = null
      })
    }
    return kept.config
  }
  return {
    settings,
    async addressFor(proof, fresh) {
      const [library, config] = await Promise.all([import('openid-client'), configuration()])
      return library.buildAuthorizationUrl(config, {
        redirect_uri: proof.redirectUri,
        scope: ['openid', 'profile', 'email', ...settings.scopes].join(' '),
        state: proof.state,
        nonce: proof.nonce,
        code_challenge: await library.calculatePKCECodeChallenge(proof.verifier),
        code_challenge_method: 'S256',
        max_age: String(fresh ? 0 : LONGEST_S),
        ...(fresh ? { prompt: 'login' } : {}),
      })
    },
    async identityFrom(answer, proof, asksMore) {
      const [library, config] = await Promise.all([import('openid-client'), configuration()])
      const url = new URL(proof.redirectUri)
      url.search = answer.toString()
      try {
        const tokens = await library.authorizationCodeGrant(config, url, {
          expectedState: proof.state,
          expectedNonce: proof.nonce,
          pkceCodeVerifier: proof.verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        // Many providers tell names and groups there only. It must speak of the same subject; the library checks that.
        const more =
          claims !== undefined && asksMore && config.serverMetadata().userinfo_endpoint !== undefined
            ? await library.fetchUserInfo(config, tokens.access_token, claims.sub)
            : {}
        return identityOf(claims, more)
      } catch (cause) {
        throw faultOf(cause, library)
      }
    },
    async keysAddress() {
      const { jwks_uri: address } = (await configuration()).serverMetadata()
      if (address === undefined) throw new OpenIdFault('down', `${settings.issuer} tells no keys.`)
      return new URL(address)
    },
  }
}

function identityOf(claims: Library.IDToken | undefined, more: Readonly<Record<string, unknown>>): Identity {
  if (claims === undefined) throw new OpenIdFault('refused', 'The provider sent no identity.')
  const provenAt = typeof claims.auth_time === 'number' ? claims.auth_time * 1_000 : null
  const session = typeof claims['sid'] === 'string' && claims['sid'] !== '' ? claims['sid'] : null
  return {
    issuer: claims.iss,
    subject: claims.sub,
    provenAt,
    session,
    issuedAt: claims.iat * 1_000,
    claims: { ...more, ...claims },
  }
}

async function discover(settings: OpenIdSettings): Promise<Library.Configuration> {
  const library = await import('openid-client')
  const issuer = new URL(settings.issuer)
  const execute = issuer.protocol === 'http:' ? [library.allowInsecureRequests] : []
  const authentication =
    settings.clientSecret === null ? library.None() : library.ClientSecretBasic(settings.clientSecret)
  try {
    const found = await library.discovery(issuer, settings.clientId, {}, authentication, {
      execute,
      timeout: ANSWER_WITHIN_S,
    })
    const config = withSafeAlgorithms(library, found, settings, authentication)
    config.timeout = ANSWER_WITHIN_S
    for (const each of execute) each(config)
    // The signature is checked although the token comes from the provider itself: one proof more costs nothing.
    library.enableNonRepudiationChecks(config)
    return config
  } catch (cause) {
    if (cause instanceof OpenIdFault) throw cause
    throw new OpenIdFault(
      'down',
      `The OpenID provider ${settings.issuer} cannot be asked now: ${reasonOf(cause)}.`,
      cause,
    )
  }
}

/** What a provider would also sign with, and is not accepted here, is struck from its list. */
function withSafeAlgorithms(
  library: typeof Library,
  found: Library.Configuration,
  settings: OpenIdSettings,
  authentication: Library.ClientAuth,
): Library.Configuration {
  // As it came: without the functions that the library adds to it.
  const metadata = JSON.parse(JSON.stringify(found.serverMetadata())) as Library.ServerMetadata
  const offered = metadata.id_token_signing_alg_values_supported
  if (offered === undefined || offered.every((each) => ALGORITHMS.includes(each))) return found
  const accepted = offered.filter((each) => ALGORITHMS.includes(each))
  if (accepted.length === 0)
    throw new OpenIdFault('down', `${settings.issuer} signs with nothing that is accepted here, such as RS256.`)
  const narrowed = { ...metadata, id_token_signing_alg_values_supported: accepted }
  return new library.Configuration(narrowed, settings.clientId, {}, authentication)
}

/** Whether the provider said no, or said nothing that makes sense. */
function faultOf(cause: unknown, library: typeof Library): OpenIdFault {
  if (cause instanceof OpenIdFault) return cause
  if (cause instanceof library.AuthorizationResponseError)
    return new OpenIdFault('refused', `The provider says: ${cause.error}${described(cause.error_description)}.`, cause)
  if (cause instanceof library.ResponseBodyError)
    return new OpenIdFault(
      'refused',
      `The provider refuses the code: ${cause.error}${described(cause.error_description)}.`,
      cause,
    )
  const isSilent =
    cause instanceof TypeError || (cause instanceof Error && 'code' in cause && cause.code === 'OAUTH_TIMEOUT')
  if (isSilent) return new OpenIdFault('down', `The OpenID provider does not answer: ${reasonOf(cause)}.`, cause)
  return new OpenIdFault('refused', `What the provider sent proves nothing: ${reasonOf(cause)}.`, cause)
}

function described(text: string | undefined): string {
  return text === undefined ? '' : ` (${text.slice(0, 200)})`
}

/** The innermost sentence says most. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause instanceof Error ? reasonOf(cause.cause) : ''
  return inner === '' || inner === cause.message ? cause.message : `${cause.message}: ${inner}`
}

/** Speaks to GitHub as an App: signs in for an installation, and tells a deployment protection rule what was decided. */
import { createPrivateKey, sign } from 'node:crypto'
import type { GithubSettings } from '../../config/settings.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { NotifyPowers } from '../../core/ports/notify.ts'

export interface Decision {
  readonly environment: string
  readonly state: 'approved' | 'rejected'
  readonly comment: string
}

/** What became of a call; `final` = asking again changes nothing. */
export interface Told {
  readonly kind: 'told' | 'again' | 'final'
  readonly say: string
}

export interface GithubClient {
  /** Never throws. */
  decide(callback: string, installation: number, decision: Decision): Promise<Told>
}

const CALL_MS = 15_000
/** GitHub takes App tokens of ten minutes at most, and clocks differ. */
const APP_TOKEN_S = 540
const CLOCK_SKEW_S = 60
const LONGEST_COMMENT = 1_000

export function createGithubClient(settings: GithubSettings, http: NotifyPowers['http'], clock: Clock): GithubClient {
  const key = createPrivateKey(settings.key)
  const tokens = new Map<number, { readonly value: string; readonly until: number }>()

  const call = (url: string, bearer: string, body: unknown) =>
    http(url, {
      method: 'POST',
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        'user-agent': 'holdpoint',
        'x-github-api-version': '2022-11-28',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_MS),
      redirect: 'manual',
    })

  const tokenOf = async (installation: number): Promise<string | Told> => {
    const kept = tokens.get(installation)
    if (kept && kept.until > clock.now() + CLOCK_SKEW_S * 1_000) return kept.value
    const seconds = Math.floor(clock.now() / 1_000)
    const claims = { iat: seconds - CLOCK_SKEW_S, exp: seconds + APP_TOKEN_S, iss: settings.app }
    const answer = await call(`${settings.api}/app/installations/${installation}/access_tokens`, jwt(claims, key), {})
    if (answer.status !== 201) return failed('signing in as the App', answer.status)
    const { token, expires_at: expires } = (await answer.json()) as { token?: unknown; expires_at?: unknown }
    const until = typeof expires === 'string' ? Date.parse(expires) : Number.NaN
    if (typeof token !== 'string' || !Number.isFinite(until))
      return { kind: 'again', say: 'GitHub answered a sign-in without a token' }
    tokens.set(installation, { value: token, until })
    return token
  }

  return {
    async decide(callback, installation, { environment, state, comment }) {
      try {
        const token = await tokenOf(installation)
        if (typeof token !== 'string') return token
        const body = { environment_name: environment, state, comment: comment.slice(0, LONGEST_COMMENT) }
        const answer = await call(callback, token, body)
        if (answer.status === 204 || answer.status === 200) return { kind: 'told', say: `${state}: ${comment}` }
        if (answer.status === 401) tokens.delete(installation)
        return failed('telling the decision', answer.status)
      } catch (cause) {
        return { kind: 'again', say: cause instanceof Error ? cause.message : String(cause) }
      }
    },
  }
}

/** 404 and 422: the run is gone, or was decided already. 401, 403 and 429 may pass. */
function failed(what: string, status: number): Told {
  const isFinal = status === 404 || status === 410 || status === 422
  return { kind: isFinal ? 'final' : 'again', say: `GitHub answered ${status} to ${what}` }
}

function jwt(claims: object, key: ReturnType<typeof createPrivateKey>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
}

/** A server that knows an OpenID provider, and a browser's way through a sign-in: for tests with a provider that obeys them. */
import type { OpenIdSettings } from '../../config/openid-settings.ts'
import { type AccessEvent, accessStream } from '../../core/access/access.ts'
import type { ApiDeps } from '../deps.ts'
import type { Claims, EvilProvider } from './evil-provider.ts'
import { examplePlan, world, type World } from './world.ts'

const door = { kind: 'tcp', from: '203.0.113.9' } as const
export const host = { host: 'holdpoint.test' }

export interface OpenIdWorld extends World {
  /** Signs in as the subject of ana, with these claims changed; the answer to the browser. */
  signIn(changes?: Claims, query?: string): Promise<Response>
  /** The secret of the session that an answer sets, or undefined. */
  sessionIn(answer: Response): string | undefined
  /** Who the session is, or the status of the refusal. */
  me(secret: string | undefined): Promise<Record<string, unknown>>
  happen(events: readonly AccessEvent[]): Promise<void>
  rights(): Promise<readonly AccessEvent[]>
}

/** ana is known by an identity of the provider, root is the administrator. */
export async function openIdWorld(
  provider: EvilProvider,
  settings: Partial<OpenIdSettings> = {},
  more: Partial<ApiDeps> = {},
): Promise<OpenIdWorld> {
  const openid: OpenIdSettings = {
    issuer: provider.issuer,
    clientId: 'holdpoint',
    clientSecret: 'client secret',
    joins: null,
    allow: [],
    scopes: [],
    ...settings,
  }
  const at = world(examplePlan(), {}, door, { openid, ...more })
  const happen = async (events: readonly AccessEvent[]): Promise<void> => {
    const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
    const expectedVersion = (await at.store.read(accessStream, 0)).length
    await at.store.append({
      streams: [{ stream: accessStream, expectedVersion, events: events.map((event) => ({ at: 1, by, event })) }],
    })
  }
  const everywhere = { organisation: null, project: null, environment: null }
  const identity = { kind: 'openid', issuer: provider.issuer, subject: 'subject-of-ana' } as const
  await happen([
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', organisation: 'acme', project: 'shop', name: 'Shop' },
    { kind: 'PersonAdded', person: 'root', name: 'Root', email: null, methods: [{ kind: 'password' }] },
    { kind: 'RoleGranted', holder: 'root', role: 'administrator', place: everywhere },
    { kind: 'PersonAdded', person: 'ana', name: 'Ana', email: null, methods: [identity] },
  ])
  return {
    ...at,
    happen,
    rights: async () => (await at.store.read(accessStream, 0)).map(({ event }) => event as AccessEvent),
    async signIn(changes = {}, query = '') {
      const begun = await at.request('GET', `/v1/openid/start${query}`, undefined, host)
      const there = new URL(begun.headers.get('location') ?? '')
      const cookie = (begun.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
      const nonce = there.searchParams.get('nonce') ?? ''
      provider.answer = { idToken: provider.sign({ ...goodClaims(provider, nonce), ...changes }) }
      const back = { code: 'c', state: there.searchParams.get('state') ?? '', iss: provider.issuer }
      const path = `/v1/openid/callback?${new URLSearchParams(back).toString()}`
      return at.request('GET', path, undefined, { ...host, cookie })
    },
    sessionIn: (answer) => /holdpoint=(hps_[^;]+)/.exec(answer.headers.getSetCookie().join('\n'))?.[1],
    async me(secret) {
      const answer = await at.request('GET', '/v1/me', undefined, { ...host, authorization: `Bearer ${secret}` })
      return (await answer.json()) as Record<string, unknown>
    },
  }
}

export function goodClaims(provider: EvilProvider, nonce: string): Claims {
  const now = Math.floor(Date.now() / 1_000)
  const who = { iss: provider.issuer, aud: 'holdpoint', sub: 'subject-of-ana' }
  return { ...who, nonce, iat: now, exp: now + 300, auth_time: now }
}

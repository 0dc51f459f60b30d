/** Roles that come from what an OpenID provider says: they come with a sign-in, go with the next, and touch nothing else. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accessStream } from '../core/access/access.ts'
import { Directory } from './auth/directory.ts'
import { lapseMappedRoles, MAPPED_FOR_MS } from './auth/mapped-roles.ts'
import { type EvilProvider, evilProvider } from './test-support/evil-provider.ts'
import { host, openIdWorld, type OpenIdWorld } from './test-support/openid-world.ts'

const shop = { organisation: 'acme', project: 'shop', environment: null }
const everywhere = { organisation: null, project: null, environment: null }

let provider: EvilProvider
let at: OpenIdWorld
let root: Record<string, string>

beforeEach(async () => {
  provider = await evilProvider()
  provider.userinfo = { sub: 'subject-of-ana' }
  await serve()
})
afterEach(async () => {
  provider.close()
  await at.end()
})

async function serve(settings: Parameters<typeof openIdWorld>[1] = {}): Promise<void> {
  await at?.end()
  at = await openIdWorld(provider, settings)
  const accounts = await import('./auth/accounts.ts')
  const { secret } = await accounts.createAccounts(at.store, at.deps.clock).openSession('root', 'password')
  root = { ...host, authorization: `Bearer ${secret}` }
}

const mapping = { claim: 'groups', value: 'releases', role: 'approver', place: shop }
const map = (body: object = mapping) => at.request('POST', '/v1/role-mappings', body, root)
const unmap = (body: object = mapping) => at.request('POST', '/v1/role-mappings/remove', body, root)

async function rolesOf(changes: Record<string, unknown>): Promise<unknown> {
  return (await at.me(at.sessionIn(await at.signIn(changes))))['grants']
}

describe('a mapped role', () => {
  test('comes with the first sign-in that has the claim, and goes with the first that has it not', async () => {
    expect((await map()).status).toBe(201)
    const from = { issuer: provider.issuer, claim: 'groups', value: 'releases' }
    expect(await rolesOf({ groups: ['all', 'releases'] })).toEqual([{ role: 'approver', place: shop, from }])
    // Once more changes nothing and writes nothing.
    const written = (await at.rights()).length
    expect(await rolesOf({ groups: 'releases' })).toHaveLength(1)
    expect(await at.rights()).toHaveLength(written)
    expect(await rolesOf({ groups: ['all'] })).toEqual([])
    expect((await at.rights()).slice(-2)).toEqual([
      { kind: 'RoleGranted', holder: 'ana', role: 'approver', place: shop, from },
      { kind: 'RoleRevoked', holder: 'ana', role: 'approver', place: shop, from },
    ])
  })

  test('is written down as the provider’s doing, and the mapping as the doing of whoever made it', async () => {
    await map()
    await at.signIn({ groups: ['releases'] })
    const [mapped, granted] = (await at.store.read(accessStream, 0)).slice(-2)
    expect(mapped).toMatchObject({ by: { id: 'root' }, event: { kind: 'RoleMapped', value: 'releases' } })
    expect(granted).toMatchObject({
      by: { id: 'openid', kind: 'engine' },
      event: { kind: 'RoleGranted', holder: 'ana' },
    })
  })

  test('stands beside the same role given by hand, and takes it along neither way', async () => {
    await map()
    const grant = { holder: 'ana', role: 'approver', place: shop }
    await at.signIn({ groups: ['releases'] })
    expect((await at.request('POST', '/v1/grants', grant, root)).status).toBe(201)
    expect(await rolesOf({ groups: ['releases'] })).toHaveLength(2)
    expect(await rolesOf({ groups: [] })).toEqual([{ role: 'approver', place: shop }])
    await at.signIn({ groups: ['releases'] })
    expect((await at.request('POST', '/v1/grants/revoke', grant, root)).status).toBe(200)
    expect(await rolesOf({ groups: ['releases'] })).toMatchObject([{ from: { claim: 'groups' } }])
  })

  test('is not taken away by hand: the refusal says where it comes from', async () => {
    await map()
    await at.signIn({ groups: ['releases'] })
    const refused = await at.request(
      'POST',
      '/v1/grants/revoke',
      { holder: 'ana', role: 'approver', place: shop },
      root,
    )
    expect(refused.status).toBe(409)
    expect(((await refused.json()) as { detail: string }).detail).toContain('groups=releases')
  })

  test('goes at once, from everyone, when the mapping is removed', async () => {
    await map()
    const secret = at.sessionIn(await at.signIn({ groups: ['releases'] }))
    expect((await unmap()).status).toBe(200)
    expect(await at.me(secret)).toMatchObject({ id: 'ana', grants: [] })
    expect((await unmap()).status).toBe(409)
    expect(await (await at.request('GET', '/v1/role-mappings', undefined, root)).json()).toEqual([])
  })

  test('is gone when the person has not come by the provider for a week: no token or password keeps it alive', async () => {
    await map()
    await at.happen([{ kind: 'RoleGranted', holder: 'ana', role: 'viewer', place: shop }])
    const secret = at.sessionIn(await at.signIn({ groups: ['releases'] }))
    const inMs = (ms: number) => {
      const clock = { ...at.deps.clock, now: () => at.deps.clock.now() + ms }
      return lapseMappedRoles({ store: at.store, clock, directory: new Directory(at.store, clock) })
    }
    expect(await inMs(MAPPED_FOR_MS - 60_000)).toEqual([])
    expect(await inMs(MAPPED_FOR_MS)).toEqual(['ana'])
    await expect.poll(async () => (await at.me(secret))['grants']).toEqual([{ role: 'viewer', place: shop }])
    expect(await inMs(MAPPED_FOR_MS)).toEqual([])
  })

  test('comes from userinfo too, where the provider tells groups there only', async () => {
    await map()
    provider.userinfo = { sub: 'subject-of-ana', groups: ['releases'] }
    expect(await rolesOf({})).toMatchObject([{ role: 'approver' }])
  })

  test('comes to somebody who joins with this very sign-in, beside being a viewer', async () => {
    await serve({ joins: 'acme' })
    await map()
    provider.userinfo = { sub: 's-1', preferred_username: 'carla' }
    const roles = await rolesOf({ sub: 's-1', groups: ['releases'] })
    expect(roles).toMatchObject([{ role: 'viewer' }, { role: 'approver', from: { value: 'releases' } }])
    expect((roles as object[])[0]).not.toHaveProperty('from')
  })
})

describe('what brings no role', () => {
  const shapes: readonly (readonly [string, Record<string, unknown>])[] = [
    ['no claim', {}],
    ['a longer value', { groups: ['releases-readonly'] }],
    ['another case', { groups: ['Releases'] }],
    ['a list within a list', { groups: [['releases']] }],
    ['an object', { groups: { releases: true } }],
    ['a text with several words', { groups: 'all releases' }],
    ['another claim', { roles: ['releases'] }],
  ]
  test.each(shapes)('%s', async (_name, claims) => {
    await map()
    expect(await rolesOf(claims)).toEqual([])
  })

  test('a claim whose name every object has', async () => {
    await map({ ...mapping, claim: 'constructor', value: 'Object' })
    await map({ ...mapping, claim: '__proto__', value: 'x' })
    expect(await rolesOf({})).toEqual([])
  })

  test('the mapping of another provider', async () => {
    await map({ ...mapping, issuer: 'https://login.example.com' })
    expect(await rolesOf({ groups: ['releases'] })).toEqual([])
  })

  test('a sign-in that is refused', async () => {
    await map()
    const written = (await at.rights()).length
    await at.signIn({ groups: ['releases'], aud: 'another-client' })
    await at.signIn({ groups: ['releases'], sub: 'somebody else' })
    expect(await at.rights()).toHaveLength(written)
  })

  test('a role that an earlier provider brought, once the person comes by another', async () => {
    const from = { issuer: 'https://old.example.com', claim: 'groups', value: 'releases' }
    await at.happen([{ kind: 'RoleGranted', holder: 'ana', role: 'approver', place: shop, from }])
    expect(await rolesOf({})).toEqual([])
  })
})

describe('who may map', () => {
  test('nobody maps what they could not grant, nor sees mappings of other places', async () => {
    await at.happen([{ kind: 'RoleGranted', holder: 'ana', role: 'administrator', place: shop }])
    await map({ ...mapping, place: everywhere })
    const ana = { ...host, authorization: `Bearer ${at.sessionIn(await at.signIn())}` }
    const asAna = (place: object) => at.request('POST', '/v1/role-mappings', { ...mapping, place }, ana)
    expect((await asAna(everywhere)).status).toBe(403)
    expect((await asAna({ ...shop, project: null })).status).toBe(403)
    expect((await asAna(shop)).status).toBe(201)
    const seen = (await (await at.request('GET', '/v1/role-mappings', undefined, ana)).json()) as object[]
    expect(seen).toMatchObject([{ place: shop }])
    const all = await at.request('POST', '/v1/role-mappings/remove', { ...mapping, place: everywhere }, ana)
    expect(all.status).toBe(403)
  })

  test('a role or a place that is not there, and the same mapping twice, are refused', async () => {
    expect((await map({ ...mapping, role: 'wizard' })).status).toBe(404)
    expect((await map({ ...mapping, place: { ...shop, project: 'nowhere' } })).status).toBe(404)
    expect((await map({ ...mapping, claim: 'a b' })).status).toBe(400)
    expect((await map()).status).toBe(201)
    expect((await map()).status).toBe(409)
  })

  test('an administrator by a claim does not count as the last one: the provider could take everybody away', async () => {
    await map({ claim: 'groups', value: 'admins', role: 'administrator', place: everywhere })
    await at.signIn({ groups: ['admins'] })
    const disable = await at.request('POST', '/v1/people/root/disable', { reason: 'left' }, root)
    expect(disable.status).toBe(409)
  })
})

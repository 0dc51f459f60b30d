/** Signing in through a real OpenID provider in a process of its own: in a browser, from a terminal, by invitation, anew. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Browser } from '../support/browser.ts'
import { loginThroughProvider } from '../support/provider-login.ts'
import { type ProviderProcess, startProvider } from '../support/provider-process.ts'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const PASSWORD = 'seven lamps under the bridge'

let provider: ProviderProcess
let server: TeamServer
let admin = ''

beforeAll(async () => {
  provider = await startProvider()
  provider.tellsOfLogouts(null)
  const { issuer } = provider
  server = await startTeamServer(
    ['--openid-issuer', issuer, '--openid-client', 'holdpoint', '--openid-join', 'viewer@acme'],
    { HOLDPOINT_OPENID_SECRET: 'a secret of the tests only' },
  )
  admin = server.person('root')
  await server.holdpoint(
    admin,
    ['login', server.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop'],
    `${PASSWORD}\n`,
  )
})
afterAll(async () => {
  provider?.end()
  await server?.end()
})

const never = () => false

test('a browser goes to the provider and comes back signed in, as a viewer named by the provider', async () => {
  const browser = new Browser()
  const seen = await browser.signIn(`${server.address}/v1/openid/start?then=/releases`, 'mia', never)
  expect(seen.status).toBe(200)
  expect(seen.text).toContain('You are signed in as mia.')
  expect(seen.text).toContain('url=/releases')
  const me = await fetch(`${server.address}/v1/me`, {
    headers: { cookie: browser.cookies(server.address), 'sec-fetch-site': 'same-origin' },
  })
  expect(await me.json()).toMatchObject({
    id: 'mia',
    name: 'mia of the provider',
    grants: [{ role: 'viewer', place: { organisation: 'acme', project: null } }],
  })
})

test('the answer of the provider counts once, and in the browser that asked for it', async () => {
  const browser = new Browser()
  const callback = (url: URL) => url.pathname === '/v1/openid/callback'
  const { url } = await browser.signIn(`${server.address}/v1/openid/start`, 'mia', callback)
  const other = await new Browser().open(url)
  expect(other.status).toBe(403)
  expect(other.text).toContain('begun in another browser')
  expect((await browser.open(url)).status).toBe(200)
  const again = await browser.open(url)
  expect(again.status).toBe(403)
  expect(again.text).not.toContain('signed in as')
})

test('a name of the provider never takes over a person who is here already', async () => {
  const seen = await new Browser().signIn(`${server.address}/v1/openid/start`, 'root', never)
  expect(seen.status).toBe(403)
  expect(seen.text).toContain('Somebody else is called &quot;root&quot; here')
  // Another subject with the same preferred name is not the person who joined before.
  const twin = await new Browser().signIn(`${server.address}/v1/openid/start`, 'mia.twin', never)
  expect(twin.status).toBe(403)
})

test('a terminal signs in through a browser, without any page of ours', async () => {
  const home = server.person('mia')
  const done = await loginThroughProvider(home, [server.address], 'mia')
  expect(done.code).toBe(0)
  expect(done.out).toContain(`signed in to ${server.address} as mia`)
  expect((await server.holdpoint(home, ['whoami'])).out).toContain('mia (mia of the provider)')
})

test('an invitation makes an identity of the provider that person', async () => {
  const added = await server.holdpoint(admin, ['people', 'add', 'noor', '--name', 'Noor', '--at', 'acme/shop'])
  const link = /holdpoint login '([^']+)'/.exec(added.out)?.[1] ?? ''
  const home = server.person('noor')
  const done = await loginThroughProvider(home, [link], 'u-4711')
  expect(done.code).toBe(0)
  expect((await server.holdpoint(home, ['whoami'])).out).toContain('noor (Noor)')
  // Next time without the link, and the link is used up.
  expect((await loginThroughProvider(home, [server.address], 'u-4711')).out).toContain('as noor')
  const again = await loginThroughProvider(server.person('eve'), [link], 'eve')
  expect(again.code).toBe(1)
  expect(again.err).toContain('invitation is not valid any more')
})

test('a disabled person does not come in through the provider either', async () => {
  expect((await server.holdpoint(admin, ['people', 'disable', 'noor', '--reason', 'left'])).code).toBe(0)
  const refused = await loginThroughProvider(server.person('noor'), [server.address], 'u-4711')
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('disabled')
})

test('what the provider remembers is no fresh sign-in; asked to, it makes the person prove it anew', async () => {
  const folder = join(server.folder, 'fresh')
  mkdirSync(folder)
  const list = join(folder, 'fresh.md')
  writeFileSync(
    list,
    '---\nholdpoint: 1\nservice: fresh\n---\n# Fresh\n## Gate\n- [ ] One signs\n  ```yaml approve\n  count: 1\n  ```\n',
  )
  expect((await server.holdpoint(admin, ['project', 'environment', 'shop', 'production', '--protected'])).code).toBe(0)
  expect((await server.holdpoint(admin, ['run', list, '--version', '1', '--project', 'shop', '--yes'])).code).toBe(3)
  const grant = ['people', 'grant', 'mia', 'approver', '--at', 'acme/shop/production']
  expect((await server.holdpoint(admin, grant)).code).toBe(0)

  const home = server.person('mia')
  const asked: string[] = []
  const done = await loginThroughProvider(home, [server.address, '--fresh'], 'mia', new Browser(), asked)
  expect(done.code).toBe(0)
  expect(asked.some((url) => url.includes('prompt=login') && url.includes('max_age=0'))).toBe(true)
  const signed = await server.holdpoint(home, ['release', 'approve', '--yes'])
  expect(signed.err).toBe('')
  expect(signed.code).toBe(0)
})

test('the client secret and codes stand in no answer and no log', async () => {
  const audit = await server.holdpoint(admin, ['audit', '--json'])
  expect(audit.out).not.toContain('a secret of the tests only')
  expect(audit.out).not.toMatch(/code=/)
  expect(audit.out).toContain('"how": "openid"')
})

test('with the provider down people are told so, and passwords still work', async () => {
  const alone = await startTeamServer(['--openid-issuer', 'http://127.0.0.1:9', '--openid-client', 'holdpoint'])
  try {
    const seen = await new Browser().open(`${alone.address}/v1/openid/start`)
    expect(seen.status).toBe(503)
    expect(seen.text).toContain('cannot be asked now')
    const home = alone.person('root')
    const set = ['login', alone.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop']
    expect((await alone.holdpoint(home, set, `${PASSWORD}\n`)).code).toBe(0)
  } finally {
    await alone.end()
  }
})

test('settings by halves are refused with one correct example', async () => {
  const half = await server.holdpoint(server.person('x'), ['serve', '--port', '0', '--openid-issuer', provider.issuer])
  expect(half.code).toBe(2)
  expect(half.err).toContain('--openid-client holdpoint')
  const plain = ['serve', '--port', '0', '--openid-client', 'x', '--openid-issuer', 'http://login.example.com']
  expect((await server.holdpoint(server.person('x'), plain)).err).toContain('expected the https address')
})

/** Groups of a real OpenID provider become roles, and its logouts end sign-ins: with the server and the commands as processes. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Browser } from '../support/browser.ts'
import { loginThroughProvider } from '../support/provider-login.ts'
import { type ProviderProcess, startProvider } from '../support/provider-process.ts'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const PASSWORD = 'seven lamps under the bridge'
const APPROVER = ['approver', '--at', 'acme/shop/production']

let provider: ProviderProcess
let server: TeamServer
let admin = ''
let mia = ''

beforeAll(async () => {
  provider = await startProvider()
  const openid = ['--openid-issuer', provider.issuer, '--openid-client', 'holdpoint', '--openid-scope', 'groups']
  server = await startTeamServer([...openid, '--openid-join', 'viewer@acme'], {
    HOLDPOINT_OPENID_SECRET: 'a secret of the tests only',
  })
  provider.tellsOfLogouts(server.address)
  admin = server.person('root')
  const set = ['login', server.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop']
  await server.holdpoint(admin, set, `${PASSWORD}\n`)
  mia = server.person('mia')
})
afterAll(async () => {
  provider?.end()
  await server?.end()
})

test('a group of the provider brings a role, and whoever asks sees by what', async () => {
  const mapped = await server.holdpoint(admin, ['role', 'map', 'groups=releases', ...APPROVER])
  expect([mapped.code, mapped.err]).toEqual([0, ''])
  await provider.puts('mia', ['all', 'releases'])
  expect((await loginThroughProvider(mia, [server.address], 'mia')).code).toBe(0)
  const who = await server.holdpoint(mia, ['whoami'])
  expect(who.out).toMatch(/viewer +acme +hand/)
  expect(who.out).toMatch(/approver +acme\/shop\/production +groups=releases/)
  const people = await server.holdpoint(admin, ['people', 'list'], '', { COLUMNS: '140' })
  expect(people.out).toMatch(/approver +acme\/shop\/production +groups=releases/)
  const all = await server.holdpoint(admin, ['role', 'mappings', '--json'])
  expect(JSON.parse(all.out)).toMatchObject([{ issuer: provider.issuer, claim: 'groups', value: 'releases' }])
})

test('it is not taken away by hand, and the record says whose doing it is', async () => {
  const refused = await server.holdpoint(admin, ['people', 'revoke', 'mia', ...APPROVER])
  expect(refused.code).toBe(1)
  expect(refused.err).toContain(`because ${provider.issuer} says groups=releases`)
  const told = JSON.parse((await server.holdpoint(admin, ['audit', '--rights', '--json'])).out) as {
    by: { id: string }
    event: { kind: string; role?: string }
  }[]
  const given = told.filter(({ event }) => event.role === 'approver').map(({ by, event }) => [by.id, event.kind])
  expect(given).toEqual(
    expect.arrayContaining([
      ['root', 'RoleMapped'],
      ['openid', 'RoleGranted'],
    ]),
  )
})

test('what the provider takes away is gone with the next sign-in, and what was given by hand stays', async () => {
  await provider.puts('mia', ['all'])
  expect((await loginThroughProvider(mia, [server.address], 'mia')).code).toBe(0)
  const who = await server.holdpoint(mia, ['whoami'])
  expect(who.out).toMatch(/viewer +acme +hand/)
  expect(who.out).not.toContain('approver')
})

test('who leaves at the provider is out here at once: the browser, and the terminal that came in by it', async () => {
  const browser = new Browser()
  expect((await loginThroughProvider(mia, [server.address], 'mia', browser)).code).toBe(0)
  const page = await browser.signIn(`${server.address}/v1/openid/start`, 'mia', () => false)
  expect(page.status).toBe(200)
  const me = () =>
    fetch(`${server.address}/v1/me`, {
      headers: { cookie: browser.cookies(server.address), 'sec-fetch-site': 'same-origin' },
    })
  expect((await me()).status).toBe(200)
  await provider.signsOut(browser)
  await expect.poll(async () => (await me()).status).toBe(401)
  const who = await server.holdpoint(mia, ['whoami'])
  expect(who.code).toBe(1)
  expect(who.err).toContain('This sign-in is over')
  const told = JSON.parse((await server.holdpoint(admin, ['audit', '--json'])).out) as { event: object }[]
  expect(told.map(({ event }) => event)).toContainEqual({
    kind: 'SignedOut',
    person: 'mia',
    sessions: 2,
    how: 'openid',
  })
})

test('a mapping that is removed takes the role from everyone at once', async () => {
  await provider.puts('noor', ['releases'])
  const noor = server.person('noor')
  expect((await loginThroughProvider(noor, [server.address], 'noor')).code).toBe(0)
  expect((await server.holdpoint(noor, ['whoami'])).out).toContain('groups=releases')
  expect((await server.holdpoint(admin, ['role', 'unmap', 'groups=releases', ...APPROVER])).code).toBe(0)
  expect((await server.holdpoint(noor, ['whoami'])).out).not.toContain('approver')
})

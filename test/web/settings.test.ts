/** The settings in real Chromium over a real server: what people manage there, and what they are refused and told. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openWindows, PASSWORD, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const ATTACK = '<img src=x onerror="window.ran=1">'
const parts = [
  '',
  '/people',
  '/roles',
  '/tokens',
  '/projects',
  '/status',
  '/workers',
  '/webhooks',
  '/outside',
  '/sources',
]

const checklist = [
  '---',
  'holdpoint: 1',
  'service: checkout',
  'environments: { staging: {} }',
  'sources: { prom: { kind: prometheus, url: "https://reader:k1tt3n@metrics.example/api?key=k1tt3n" } }',
  'channels: { team: { kind: webhook, url: "https://hooks.example/services/k1tt3n" } }',
  'windows: { office: { zone: UTC, allow: [{ weekdays: mon-tue, from: "09:00", to: "16:00" }] } }',
  '---',
  '# Checkout',
  '',
  '## Before',
  '',
  '- [ ] Somebody looked at it',
  '',
].join('\n')

describe.skipIf(!hasChromium())('the settings', () => {
  let team: WebTeam
  let windows: Windows
  let root: Page
  const at = (path: string) => `${team.server.address}${path}`
  const entry = (page: Page, words: string) => page.locator('.entries > li', { hasText: words })
  const closed = (page: Page) => page.locator('dialog').waitFor({ state: 'detached' })

  beforeAll(async () => {
    // Nobody signs in through this provider here: that it is named is enough to map what it says.
    team = await startWebTeam(['--openid-issuer', 'http://127.0.0.1:9/', '--openid-client', 'holdpoint'], undefined, {
      HOLDPOINT_SECRET_KEY: randomBytes(32).toString('base64'),
      HOLDPOINT_OPENID_SECRET: 'not asked for here',
    })
    windows = await openWindows()
    root = await windows.signedIn(team.server.address, 'root', { viewport: { width: 1440, height: 900 } })
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('the line above every page leads there, by pointer and by keys, and marks where one is', async () => {
    await root.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Settings' }).click()
    await root.getByRole('heading', { name: 'Your roles' }).waitFor()
    expect(await root.locator('.masthead [aria-current=page]').textContent()).toBe('Settings')
    await root.keyboard.press('g')
    await root.keyboard.press('r')
    await root.getByRole('heading', { name: 'Releases' }).waitFor()
    await root.keyboard.press('g')
    await root.keyboard.press('s')
    await root.getByRole('heading', { name: 'Your roles' }).waitFor()
    await root.keyboard.press('?')
    await root.getByText('go to Releases').waitFor()
    await root.keyboard.press('Escape')
    await closed(root)
  })

  test('a person is added, gets a role, loses it, and is let in no more; each asks where it happens', async () => {
    await root.goto(at('/settings/people'))
    await root.getByRole('button', { name: 'Add a person' }).click()
    await root.getByLabel('Name to sign in with').fill('Not A Name')
    await root.getByRole('button', { name: 'Add', exact: true }).click()
    await root.getByText('is no usable name').waitFor()
    await root.getByLabel('Name to sign in with').fill('cleo')
    await root.getByLabel('Full name').fill(`Cleo ${ATTACK}`)
    await root.getByLabel('Viewer of').selectOption('acme/shop')
    await root.getByRole('button', { name: 'Add', exact: true }).click()
    await root.getByText(`${team.server.address}/welcome#`).waitFor()
    await root.getByRole('button', { name: 'I have kept it' }).click()
    await root.getByRole('button', { name: `Cleo ${ATTACK}` }).click()
    await root.getByLabel('Give a role').selectOption('approver')
    await root.getByLabel('at', { exact: true }).selectOption('acme/shop')
    await root.getByRole('button', { name: 'Give it' }).click()
    await root.getByRole('button', { name: 'Take away approver at acme/shop' }).click()
    await root.getByRole('button', { name: 'Yes, take it away' }).click()
    await root.getByRole('button', { name: 'Take away approver at acme/shop' }).waitFor({ state: 'detached' })
    await root.getByRole('button', { name: 'Disable cleo' }).click()
    await root.getByText('Say why').waitFor()
    await root.getByLabel('Why').fill('left the team')
    await root.getByRole('button', { name: 'Disable cleo' }).click()
    await root.getByRole('button', { name: 'Enable cleo' }).waitFor()
    await root.keyboard.press('Escape')
    await entry(root, 'cleo, disabled').getByText('never here').waitFor()
    await root.getByLabel('Search people').fill('cleo')
    await entry(root, 'ben').waitFor({ state: 'detached' })
    expect(await root.evaluate('"ran" in window')).toBe(false)
  })

  test('the last administrator cannot be disabled, and is told why', async () => {
    await root.goto(at('/settings/people'))
    await root.getByRole('button', { name: 'root', exact: true }).click()
    await root.getByLabel('Why').fill('an experiment')
    await root.getByRole('button', { name: 'Disable root' }).click()
    await root.getByText('root is the last administrator').waitFor()
    await root.keyboard.press('Escape')
  })

  test('a role of the team is defined, and shows what it may do', async () => {
    await root.goto(at('/settings/roles'))
    await root.getByRole('button', { name: 'Define a role' }).click()
    await root.getByLabel('Name').fill('qa-lead')
    await root.getByRole('button', { name: 'Define it' }).click()
    await closed(root)
    await entry(root, 'qa-lead').getByText('sign and reject').waitFor()
  })

  test('a group of the provider brings a role, until somebody takes that back', async () => {
    await root.goto(at('/settings/roles'))
    await root.getByRole('button', { name: 'Map a group' }).click()
    await root.getByLabel('Value').fill('releases')
    await root.getByLabel('Brings the role').selectOption('approver')
    await root.getByLabel('at', { exact: true }).selectOption('acme/shop')
    await root.getByRole('button', { name: 'Map it' }).click()
    await closed(root)
    await entry(root, 'groups=releases').getByText('brings approver').waitFor()
    await root.getByRole('button', { name: 'Remove groups=releases for approver' }).click()
    await root.getByText('loses that at once').waitFor()
    await root.getByRole('button', { name: 'Remove it' }).click()
    await entry(root, 'groups=releases').waitFor({ state: 'detached' })
  })

  test('a machine gets a token whose secret is shown once; revoked, it works nowhere', async () => {
    await root.goto(at('/settings/tokens'))
    await root.getByRole('button', { name: 'Add a machine' }).click()
    await root.getByLabel('Name').fill('build-1')
    await root.getByLabel('Role').selectOption('pipeline')
    await root.getByLabel('Where').selectOption('acme/shop')
    await root.getByRole('button', { name: 'Add', exact: true }).click()
    await closed(root)
    await root.getByRole('button', { name: 'Issue a token' }).click()
    await root.getByLabel('Whose').selectOption('build-1')
    await root.getByLabel('What it is for').fill('deploys')
    await root.getByRole('button', { name: 'Issue it' }).click()
    const secret = (await root.locator('.secret').first().textContent())?.trim() ?? ''
    const works = () => fetch(at('/v1/me'), { headers: { authorization: `Bearer ${secret}` } })
    expect((await works()).status).toBe(200)
    await root.getByRole('button', { name: 'I have kept it' }).click()
    await root.reload()
    await entry(root, 'deploys').getByText('used').waitFor()
    expect(await root.content()).not.toContain(secret)
    await root.getByRole('button', { name: /^Revoke deploys/ }).click()
    await root.getByLabel('Why').fill('an experiment')
    await root.getByRole('button', { name: 'Revoke it' }).click()
    await closed(root)
    await entry(root, 'deploys').getByText('revoked').waitFor()
    expect((await works()).status).toBe(401)
  })

  test('an environment is protected and the status page made public, each after saying what it means', async () => {
    await root.goto(at('/settings/projects'))
    await root.getByRole('button', { name: 'Declare an environment' }).click()
    await root.getByLabel('Name').fill('production')
    await root.getByRole('button', { name: 'Declare it' }).click()
    await root.getByText('protected: a sign-in of the last 15 min').waitFor()
    await root.getByRole('button', { name: 'Unprotect production of shop' }).click()
    await root.getByRole('button', { name: 'Unprotect it' }).click()
    await closed(root)
    await root.getByRole('button', { name: 'Protect production of shop' }).waitFor()
    expect((await fetch(at('/status/acme'))).status).toBe(404)
    await root.getByRole('button', { name: 'Make it public' }).click()
    await root.getByText('No names, steps, reasons or numbers').waitFor()
    await root.locator('dialog').getByRole('button', { name: 'Make it public' }).click()
    await closed(root)
    await root.getByRole('link', { name: 'public' }).waitFor()
    const stranger = await (await windows.open({ javaScriptEnabled: false })).newPage()
    await stranger.goto(at('/status/acme'))
    await stranger.getByRole('heading', { name: 'Nothing is being released right now' }).waitFor()
    await stranger.context().close()
    const looking = await (await windows.open({ viewport: { width: 360, height: 740 }, bypassCSP: true })).newPage()
    await looking.goto(at('/status/acme'))
    await looking.evaluate(axe)
    for (const colorScheme of ['light', 'dark'] as const) {
      await looking.emulateMedia({ colorScheme })
      expect(await looking.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')).toEqual([])
    }
    expect(await looking.evaluate('document.documentElement.scrollWidth')).toBe(360)
    await looking.context().close()
  })

  test('a webhook and a result key are made, shown once, and removed', async () => {
    await root.goto(at('/settings/webhooks'))
    await root.getByRole('button', { name: 'Add a webhook' }).click()
    await root.getByLabel('Address').fill('http://plain.example.com/')
    await root.getByRole('button', { name: 'Add it' }).click()
    await root.getByText('expected an https address').waitFor()
    await root.getByLabel('Address').fill('https://hooks.example.com/releases?key=k1tt3n')
    await root.getByRole('button', { name: 'Add it' }).click()
    await root.locator('.secret', { hasText: 'whsec_' }).waitFor()
    await root.getByRole('button', { name: 'I have kept it' }).click()
    await entry(root, 'hooks.example.com/releases').waitFor()
    expect(await root.content()).not.toContain('k1tt3n')
    await root.getByRole('button', { name: /^Deliveries to/ }).click()
    await root.getByText('Nothing has happened since it was added').waitFor()
    await root.keyboard.press('Escape')
    await root.getByRole('button', { name: /^Remove https/ }).click()
    await root.getByRole('button', { name: 'Remove it' }).click()
    await root.getByText('Nobody hears of this project yet').waitFor()
    await root.goto(at('/settings/outside'))
    await root.getByRole('button', { name: 'Make a key' }).click()
    await root.getByLabel('Machine that signs').selectOption('build-1')
    await root.getByRole('button', { name: 'Make it' }).click()
    await root.locator('.secret', { hasText: 'whsec_' }).waitFor()
    await root.getByRole('button', { name: 'I have kept it' }).click()
    await root.getByRole('button', { name: /^Remove rk-/ }).click()
    await root.getByRole('button', { name: 'Remove it' }).click()
    await root.getByRole('button', { name: /^Remove rk-/ }).waitFor({ state: 'detached' })
  })

  test('sources and windows are read from what checklists say, without what could be a secret', async () => {
    await team.start(checklist)
    await root.goto(at('/settings/sources'))
    await entry(root, 'prom').getByText('https://metrics.example/api').waitFor()
    await entry(root, 'team').getByText('https://hooks.example').waitFor()
    await entry(root, 'office').getByText('Mon, Tue 09:00-16:00 (UTC)').waitFor()
    expect(await root.content()).not.toContain('k1tt3n')
  })

  test('who has signed in elsewhere sees it and ends it there', async () => {
    const other = await windows.signedIn(team.server.address, 'ben')
    const ben = await windows.signedIn(team.server.address, 'ben')
    await ben.goto(at('/settings'))
    await ben.getByText('This browser').waitFor()
    // The terminal in which the invitation was taken, and the other window.
    while ((await ben.getByRole('button', { name: /^End it/ }).count()) > 0) {
      const count = await ben.getByRole('button', { name: /^End it/ }).count()
      await ben
        .getByRole('button', { name: /^End it/ })
        .first()
        .click()
      await expect.poll(() => ben.getByRole('button', { name: /^End it/ }).count()).toBe(count - 1)
    }
    await other.goto(at('/settings'))
    await other.getByLabel('Password', { exact: true }).waitFor()
    await ben.getByLabel('Password you have now').fill('not this one')
    await ben.getByLabel('New password').fill(`ben's ${PASSWORD}`)
    await ben.getByRole('button', { name: 'Change the password' }).click()
    await ben.getByText('That is not the password you have now').waitFor()
    await ben.getByLabel('Password you have now').fill(PASSWORD)
    await ben.getByRole('button', { name: 'Change the password' }).click()
    await ben.getByText('Changed.').waitFor()
    await ben.context().close()
    await other.context().close()
  }, 60_000)

  test('what others change shows up by itself, when somebody comes back to the page at the latest', async () => {
    await root.goto(at('/settings/roles'))
    await entry(root, 'viewer').waitFor()
    const root2 = team.server.person('root')
    expect((await team.server.holdpoint(root2, ['role', 'define', 'sre', '--about', 'keeps it running'])).code).toBe(0)
    await root.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    await entry(root, 'keeps it running').waitFor()
  })

  test('who may not manage is offered less, and an address typed in by hand says what it takes', async () => {
    const ana = await windows.signedIn(team.server.address, 'ana')
    await ana.goto(at('/settings'))
    await ana.getByRole('heading', { name: 'Your roles' }).waitFor()
    const offered = await ana.getByRole('navigation', { name: 'Settings' }).getByRole('link').allTextContents()
    expect(offered).not.toContain('People')
    expect(offered).toContain('Workers')
    await ana.goto(at('/settings/people'))
    await ana.getByText('This page takes the right people.manage').waitFor()
    await ana.context().close()
  })

  test('axe finds nothing, and nothing is cut off at 360 px, in both themes', async () => {
    const page = await windows.signedIn(team.server.address, 'root', {
      viewport: { width: 360, height: 740 },
      bypassCSP: true,
    })
    for (const part of parts) {
      await page.goto(at(`/settings${part}`))
      await page.locator('.settings-part h1').waitFor()
      await page.waitForLoadState('networkidle')
      await page.evaluate(axe)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const found = await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')
        expect([part, colorScheme, found]).toEqual([part, colorScheme, []])
      }
      expect([part, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([part, 360])
    }
    await page.context().close()
  }, 60_000)
})

/** `holdpoint login --browser` in real Chromium: a terminal comes in by a passkey, by whoever is signed in, and by nobody else. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Ended } from '../support/team-server.ts'
import { hasChromium, openWindows, PASSWORD, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))

describe.skipIf(!hasChromium())('a terminal', () => {
  let team: WebTeam
  let windows: Windows
  let context: BrowserContext
  let page: Page
  let address: string
  let home: string

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    address = team.server.address.replace('127.0.0.1', 'localhost')
    home = team.server.person('ana-by-browser')
    context = await windows.open()
    page = await context.newPage()
    const browser = await context.newCDPSession(page)
    await browser.send('WebAuthn.enable')
    await browser.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await page.goto(`${address}/sign-in`)
    await page.getByLabel('Name').fill('ana')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByLabel('Name of a new one').fill('laptop')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('for localhost').waitFor()
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('comes in when whoever is signed in says yes, and both show the same sign', async () => {
    const login = await loginByBrowser([])
    await page.goto(login.address)
    await page.getByText(login.sign).waitFor()
    await page.getByRole('button', { name: 'Sign the terminal in as ana' }).click()
    await page.getByText('The terminal goes on').waitFor()
    const done = await login.ended
    expect([done.code, done.out]).toEqual([0, expect.stringContaining(`signed in to ${address} as ana`)])
    expect((await team.server.holdpoint(home, ['whoami'])).out).toContain('ana')
  }, 60_000)

  test('comes in by a passkey where nobody is signed in yet', async () => {
    await page.goto(`${address}/`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Password').waitFor()
    const login = await loginByBrowser([])
    await page.goto(login.address)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('button', { name: 'Sign the terminal in as ana' }).click()
    expect((await login.ended).code).toBe(0)
  }, 60_000)

  test('that asks for a fresh sign-in gets one, although somebody is signed in', async () => {
    await page.addInitScript(() => {
      // Ten minutes later, as far as the page knows.
      const now = Date.now
      let ahead = 600_000
      Date.now = () => now() + ahead
      ;(globalThis as unknown as { back: () => void }).back = () => (ahead = 0)
    })
    const login = await loginByBrowser(['--fresh'])
    await page.goto(login.address)
    await page.getByLabel('Password').waitFor()
    expect(await page.getByRole('button', { name: 'Sign the terminal in as ana' }).count()).toBe(0)
    await page.evaluate(() => (globalThis as unknown as { back: () => void }).back())
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('button', { name: 'Sign the terminal in as ana' }).click()
    expect((await login.ended).code).toBe(0)
  }, 60_000)

  test('is not let in by an address that was cut off, and a link for one person is no way for it', async () => {
    await page.goto(`${address}/terminal#port=4711`)
    await page.getByRole('heading', { name: 'No terminal waits here' }).waitFor()
    const link = await team.server.holdpoint(home, ['login', `${address}/welcome#x`, '--browser'])
    expect([link.code, link.err]).toEqual([2, expect.stringContaining('open it in the browser itself')])
  }, 60_000)

  interface Login {
    readonly address: string
    readonly sign: string
    readonly ended: Promise<Ended>
  }

  function loginByBrowser(flags: readonly string[]): Promise<Login> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [bin, 'login', address, '--browser', ...flags], {
        env: { PATH: process.env['PATH'] ?? '', HOME: home },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let out = ''
      let err = ''
      const ended = new Promise<Ended>((close) => child.on('close', (code) => close({ code, out, err })))
      void ended.then(() => reject(new Error(err)))
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        err += chunk
        const [, sign, found] = /shows (\S{4} \S{4}):\n {2}(http\S+)\n/.exec(err) ?? []
        if (sign !== undefined && found !== undefined) resolve({ address: found, sign, ended })
      })
    })
  }
})

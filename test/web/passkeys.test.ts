/** Passkeys in real Chromium, with an authenticator that the browser plays: added after signing in, used instead of it, removed. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openWindows, PASSWORD, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

describe.skipIf(!hasChromium())('a passkey', () => {
  let team: WebTeam
  let windows: Windows
  let context: BrowserContext
  let page: Page
  /** By its name: browsers bind no passkey to an address in numbers. */
  let address: string

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    address = team.server.address.replace('127.0.0.1', 'localhost')
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
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('is added by somebody who has signed in, and then is all that they need', async () => {
    await page.goto(`${address}/sign-in`)
    await page.getByLabel('Name').fill('ana')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByText('You have none yet.').waitFor()
    await page.getByLabel('Name of a new one').fill('laptop')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('for localhost').waitFor()
    // Where they were before there were settings.
    await page.goto(`${address}/passkeys`)
    await page.getByText('for localhost').waitFor()
    await signOut()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('heading', { name: 'Releases' }).waitFor()
    expect(await page.locator('.who').textContent()).toContain('ana')
  }, 60_000)

  test('is worthless when it is removed, and the page says that it lets nobody in', async () => {
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByText('last used').waitFor()
    await page.getByRole('button', { name: 'Remove laptop' }).click()
    await page.getByRole('button', { name: 'Remove it' }).click()
    await page.getByText('You have none yet.').waitFor()
    await signOut()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByText('This passkey lets nobody in here.').waitFor()
    expect(await page.getByLabel('Password').isVisible()).toBe(true)
  }, 60_000)

  test('is not offered where the server has no name', async () => {
    const other = await context.newPage()
    await other.goto(`${team.server.address}/sign-in`)
    await other.getByLabel('Password').waitFor()
    expect(await other.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0)
  }, 60_000)

  async function signOut(): Promise<void> {
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByLabel('Password', { exact: true }).waitFor()
  }
})

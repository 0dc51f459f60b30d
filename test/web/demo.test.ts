/** `holdpoint demo` on a terminal and in a browser at once: one link, one release that moves, and a page that stays. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DemoOnTerminal, demoOnTerminal, hasTerminals } from '../support/demo-on-terminal.ts'
import { hasChromium, openWindows, type Windows } from '../support/web-team.ts'

const PATIENCE_MS = 60_000

describe.skipIf(!hasChromium() || !hasTerminals())('the demo on a terminal', () => {
  let demo: DemoOnTerminal
  let windows: Windows

  beforeAll(async () => {
    windows = await openWindows()
    demo = await demoOnTerminal(['--fast', '--bad'])
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await demo?.end()
  })

  test('its link leads, signed in, to the release that moves; it goes back by itself; the page stays until Ctrl-C', async () => {
    const { link } = demo
    const page = await (await windows.open()).newPage()
    await page.goto(link)
    await page.getByRole('heading', { name: /^shop 1\.9\.0/ }).waitFor()
    expect(page.url()).toMatch(/\/releases\/shop-1\.9\.0-\w+$/)
    await page.locator('[data-step]', { hasText: 'Two engineers want' }).waitFor()

    const other = await (await windows.open()).newPage()
    await other.goto(link)
    await other.getByRole('alert').getByText('not valid any more').waitFor()
    await other.goto(new URL('/', link).href)
    await other.getByLabel('Password').waitFor()

    await demo.printed('until you press Ctrl-C')
    await page.locator('.bar', { hasText: /Rolled back/ }).waitFor({ timeout: PATIENCE_MS })
    await page.reload()
    await page.locator('.bar', { hasText: /Rolled back/ }).waitFor()
    expect(demo.code()).toBeNull()
    expect(await demo.interrupt()).toBe(1)
    await expect(fetch(new URL('/', link))).rejects.toThrow()
  }, 240_000)
})

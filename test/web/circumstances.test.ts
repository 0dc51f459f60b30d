/** The pages as others have them: on paper, in other time zones, with the system's own colours, without motion, enlarged. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOf } from '../support/axe.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const SOON = { timeout: 30_000 }

const checklist = [
  '---',
  'holdpoint: 1',
  'service: checkout',
  'environments: { staging: {} }',
  '---',
  '# Checkout release',
  '',
  'Every release goes through this page.',
  '',
  '## Before',
  '',
  '- [ ] The output is kept',
  '  ```sh check',
  '  echo forty-two',
  '  ```',
  '- [ ] Something runs for long',
  '  ```yaml wait',
  '  for: 1h',
  '  ```',
  '- [ ] Notes are written',
  '',
].join('\n')

/** What stands in a picture of paper. */
const PAPER = { media: 'print' } as const

describe.skipIf(!hasChromium())('the pages of somebody else', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  let release: string
  const address = () => team.server.address
  const here = () => `${address()}/releases/${release}`

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    release = await team.start(checklist)
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1280, height: 900 } })
    await opened(ana, here())
  })
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('on paper stands the document with its states, UTC and references to evidence, and nothing to press', async () => {
    await ana.emulateMedia({ ...PAPER, colorScheme: 'dark' })
    const step = ana.locator('[data-step]', { hasText: 'The output is kept' })
    await step.getByText(/^evidence stdout\.txt, 10 B, sha-256 [0-9a-f]{64}$/).waitFor()
    await ana.locator('.document').getByText('Every release goes through this page.').waitFor()
    for (const words of [/^passed$/, /^running$/])
      await ana.locator('.document .word', { hasText: words }).first().waitFor()
    const about = ana.locator('.about-print')
    await about.getByText(/holdpoint export .* --format bundle/).waitFor()
    expect(await ana.locator('button:visible, nav:visible, header.masthead:visible').count()).toBe(0)
    const times = await ana.evaluate<string[]>(PRINTED_TIMES)
    expect(times.length).toBeGreaterThan(3)
    for (const time of times) expect(time).toMatch(/^"(since )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"$/)
    expect(await ana.evaluate('getComputedStyle(document.body).color')).not.toMatch(/2\d\d, 2\d\d, 2\d\d/)
    const pdf = await ana.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await ana.emulateMedia({ media: null, colorScheme: null })
    expect(await ana.getByText(/^evidence stdout/).isVisible()).toBe(false)
  })

  test.each(['Asia/Kolkata', 'America/St_Johns'])(
    'times are those of %s, with UTC when the pointer rests on them',
    async (timezoneId) => {
      const page = await windows.signedIn(address(), 'ben', {
        timezoneId,
        locale: 'en-GB',
        viewport: { width: 1280, height: 900 },
      })
      await opened(page, here())
      const time = page.locator('.headline time').first()
      const at = new Date((await time.getAttribute('datetime')) ?? '')
      const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: timezoneId })
      expect(await time.innerText()).toContain(clock.format(at))
      expect(await time.getAttribute('title')).toBe(`${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`)
      await page.getByRole('button', { name: /^Timeline/ }).click()
      const line = page.locator('.timeline time').last()
      expect(new Date((await line.getAttribute('datetime')) ?? '').toISOString().slice(0, 19).replace('T', ' ')).toBe(
        (await line.getAttribute('title'))?.replace(' UTC', ''),
      )
      await page.context().close()
    },
  )

  test("with the system's own colours everything still stands there, and what is chosen is told apart", async () => {
    await ana.emulateMedia({ forcedColors: 'active' })
    // What axe knows of colours is from the style sheets, and none of them holds here.
    expect((await troublesOf(ana)).filter((trouble) => !trouble.startsWith('color-contrast'))).toEqual([])
    await ana.keyboard.press('j')
    const step = ana.locator('[data-step]:focus')
    await step.waitFor()
    expect(await step.evaluate((place) => place.ownerDocument.defaultView?.getComputedStyle(place).outlineStyle)).toBe(
      'solid',
    )
    await ana.goto(address())
    await ana.locator('.row').first().waitFor()
    await ana.keyboard.press('j')
    const chosen = ana.locator('.row.is-chosen')
    await chosen.waitFor()
    expect(
      await chosen.evaluate((place) => place.ownerDocument.defaultView?.getComputedStyle(place).outlineStyle),
    ).toBe('solid')
    await ana.emulateMedia({ forcedColors: null })
  })

  test('who wants no motion gets none', async () => {
    await opened(ana, here())
    await ana.emulateMedia({ reducedMotion: 'reduce' })
    expect(
      await ana.evaluate<number>('document.getAnimations().filter(({ playState }) => playState === "running").length'),
    ).toBe(0)
    await ana.emulateMedia({ reducedMotion: null })
  })

  test.each([
    ['200 %', 640],
    ['400 %', 320],
  ])('enlarged to %s nothing is cut off and nothing scrolls sideways', async (_, width) => {
    await ana.setViewportSize({ width, height: 450 })
    for (const [path, ready] of [
      [here(), '[data-step]'],
      [address(), '.row'],
      [`${address()}/start`, 'main h1'],
    ] as const) {
      await ana.goto(path)
      await ana.locator(ready).first().waitFor()
      await expect
        .poll(() => ana.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth'), SOON)
        .toBeLessThanOrEqual(0)
    }
    await opened(ana, here())
    await ana.keyboard.press('?')
    await ana.getByRole('dialog', { name: 'Keys' }).getByRole('button', { name: 'Close' }).waitFor()
    await ana.keyboard.press('Escape')
  })
})

async function opened(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.locator('[data-step]', { hasText: 'The output is kept' }).locator('.word', { hasText: 'passed' }).waitFor()
}

/** What CSS puts in the place of each time that is shown. */
const PRINTED_TIMES = `[...document.querySelectorAll('main time')]
  .filter((time) => time.checkVisibility())
  .map((time) => getComputedStyle(time, '::before').content)`

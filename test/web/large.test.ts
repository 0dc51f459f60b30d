/** Much of everything in real Chromium: a board of 10,000 releases, and a checklist of 600 steps. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fillStore } from '../support/many-releases.ts'
import { manySteps } from '../support/many-steps.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const ENDED = 9_700
const OPEN = 300
const SOON = { timeout: 30_000 }
/** Rows on a screen, and as many again above and below. */
const MOST_DRAWN = 80

describe.skipIf(!hasChromium())('large things', () => {
  let folder: string
  let team: WebTeam
  let windows: Windows
  let root: Page
  let ana: Page
  let long: string
  const address = () => team.server.address

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdpoint-large-'))
    await fillStore(folder, { ended: ENDED, open: OPEN })
    team = await startWebTeam(['--store', folder])
    windows = await openWindows()
    long = await team.start(manySteps(600))
    root = await windows.signedIn(address(), 'root', { viewport: { width: 1280, height: 900 } })
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1280, height: 900 } })
  })
  afterAll(async () => {
    await windows?.end()
    await team?.end()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const drawn = (page: Page) => page.locator('.row').count()
  const oldest = (page: Page) => page.locator('.row[href="/releases/checkout-1.0.0-0000"]')
  const filter = (page: Page, word: string) => page.locator('.filter', { hasText: word })

  test('10,000 releases are counted by what they wait for, and only those in sight are drawn', async () => {
    await root.goto(address())
    await root.locator('.row').first().waitFor()
    await filter(root, 'Ended').getByText(String(ENDED)).waitFor()
    expect(await filter(root, 'Waits for someone').innerText()).toContain(String(OPEN))
    expect(await drawn(root)).toBeLessThan(MOST_DRAWN)
  })

  test('what waits for the viewer comes first, whatever is newer', async () => {
    await ana.goto(address())
    await ana.locator('.row').first().waitFor()
    expect(await ana.locator('.group-row').first().innerText()).toMatch(/^Needs you/)
    expect(await ana.locator('.row').first().getAttribute('href')).toBe(`/releases/${long}`)
  })

  test('the oldest of them is found by its words, and a filter shows one kind alone', async () => {
    await root.keyboard.press('/')
    await root.keyboard.type('checkout 1.0.0')
    await oldest(root).waitFor()
    expect(await drawn(root)).toBeLessThan(10)
    await root.getByLabel('Search releases').fill('')
    await filter(root, 'Ended').click()
    await root.locator('.row.is-ended').first().waitFor()
    expect(await root.locator('.row:not(.is-ended)').count()).toBe(0)
    await filter(root, 'Ended').click()
    await root.locator('.row:not(.is-ended)').first().waitFor()
  })

  test('the list goes down to its end without drawing more than can be seen', async () => {
    await expect
      .poll(async () => {
        await root.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)')
        return oldest(root).count()
      }, SOON)
      .toBe(1)
    expect(await drawn(root)).toBeLessThan(MOST_DRAWN)
  })

  test('j and k walk through the list and bring the chosen one into sight', async () => {
    await root.goto(address())
    await root.locator('.row').first().waitFor()
    for (let at = 0; at < 40; at += 1) await root.keyboard.press('j')
    const chosen = root.locator('.row.is-chosen')
    await expect.poll(() => root.evaluate<number>('window.scrollY'), SOON).toBeGreaterThan(500)
    const there = await chosen.getAttribute('href')
    await root.keyboard.press('k')
    await expect.poll(() => chosen.getAttribute('href'), SOON).not.toBe(there)
    const box = await chosen.boundingBox()
    expect(box?.y).toBeGreaterThan(0)
    expect(box?.y).toBeLessThan(900)
  })

  test('600 steps stand there, the last is found by its words, and an answer redraws little', async () => {
    await ana.goto(`${address()}/releases/${long}`)
    await ana.locator('[data-step]').first().waitFor()
    expect(await ana.locator('[data-step]').count()).toBe(600)
    await ana.keyboard.press('/')
    await ana.getByRole('dialog').getByRole('textbox').fill('question 600')
    await ana.keyboard.press('Enter')
    const last = ana.locator('[data-step$="question-600"]')
    await expect.poll(() => last.evaluate((step) => step === step.ownerDocument.activeElement), SOON).toBe(true)
    await ana.evaluate(WATCH)
    const answered = await team.server.holdpoint(team.server.person('ben'), [
      'release',
      'answer',
      long,
      await id(ana, 'question-7'),
      'yes',
    ])
    expect(answered.err).toBe('')
    await ana.locator('[data-step$="question-7"][data-state="passed"]').waitFor({ state: 'attached' })
    const touched = await ana.evaluate<string[]>('[...window.touched]')
    expect(touched).toEqual([await id(ana, 'question-7')])
  })
})

async function id(page: Page, ending: string): Promise<string> {
  return (await page.locator(`[data-step$="${ending}"]`).getAttribute('data-step')) ?? ''
}

/** Notes down in which steps anything of the page was changed; the clocks in them go on and do not count. */
const WATCH = `
  window.touched = new Set()
  new MutationObserver((changes) => {
    for (const { target, type } of changes) {
      const step = (target.closest ? target : target.parentElement)?.closest('[data-step]')
      if (step !== null && step !== undefined && type !== 'characterData') window.touched.add(step.dataset.step)
    }
  }).observe(document.querySelector('.document'), { subtree: true, childList: true, attributes: true, characterData: true })
`

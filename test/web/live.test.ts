/** Pages that stay right: through sleep, without a network, and when the server is killed and another takes its place. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.ts'
import { manySteps } from '../support/many-steps.ts'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const STEPS = 12
const SOON = { timeout: 30_000 }

describe.skipIf(!hasChromium())('pages that are open all day', () => {
  let store: string
  let team: WebTeam
  let next: TeamServer | null = null
  let proxy: CuttableProxy
  let windows: Windows
  let ana: Page
  let ben: Page
  let release: string
  let answered = 0

  beforeAll(async () => {
    store = mkdtempSync(join(tmpdir(), 'holdpoint-live-'))
    proxy = await startCuttableProxy()
    team = await startWebTeam(['--store', store, '--url', proxy.address], (server) => proxy.to(server.local))
    windows = await openWindows()
    release = await team.start(manySteps(STEPS))
    ana = await windows.signedIn(proxy.address, 'ana', { viewport: { width: 1280, height: 900 } })
    ben = await windows.signedIn(proxy.address, 'ben', { viewport: { width: 1280, height: 900 } })
    for (const page of [ana, ben]) await page.goto(`${proxy.address}/releases/${release}`)
    for (const page of [ana, ben]) await step(page, STEPS).waitFor()
  })
  afterAll(async () => {
    await windows?.end()
    await next?.end()
    await team?.end()
    await proxy?.end()
    rmSync(store, { recursive: true, force: true, maxRetries: 5 })
  })

  const step = (page: Page, at: number) => page.locator(`[data-step$="question-${at}"]`)
  const passed = (page: Page, at: number) => page.locator(`[data-step$="question-${at}"][data-state="passed"]`)
  /** The next question, by a click of this person. */
  const answer = async (page: Page): Promise<number> => {
    answered += 1
    await step(page, answered).getByRole('button', { name: 'yes', exact: true }).click()
    await page.getByRole('dialog').locator('button[type=submit]').click()
    await passed(page, answered).waitFor()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    return answered
  }
  /** Every event of the log is a line of the timeline, once. */
  const hasNoGaps = async (page: Page): Promise<void> => {
    const lines = JSON.parse(
      await page.evaluate<string>(`fetch('/v1/releases/${release}/timeline').then((answer) => answer.text())`),
    ) as readonly unknown[]
    await page.getByRole('button', { name: `Timeline ${lines.length}`, exact: true }).click()
    expect(await page.locator('.timeline li').count()).toBe(lines.length)
    await page.getByRole('button', { name: 'Checklist', exact: true }).click()
  }

  test('what one person does is on the page of another at once', async () => {
    const times: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const at = answered + 1
      await step(ana, at).getByRole('button', { name: 'yes', exact: true }).click()
      await ana.evaluate(
        `document.querySelector('dialog form').addEventListener('submit', () => (window.sentAt = ${NOW}))`,
      )
      const seen = ben.evaluate<number>(`(${SEEN})(${at})`)
      await ana.getByRole('dialog').locator('button[type=submit]').click()
      times.push((await seen) - (await ana.evaluate<number>('window.sentAt')))
      await ana.getByRole('dialog').waitFor({ state: 'detached' })
      answered = at
    }
    console.log(`from a click to the other person's page: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`)
    expect(times).toHaveLength(3)
  })

  test('a page that slept is right when it wakes, with nothing missing and nothing twice', async () => {
    const session = await ben.context().newCDPSession(ben)
    await sleeps(session, true)
    // What was open is gone when a machine wakes.
    proxy.cut()
    proxy.to(team.server.local)
    const last = [await answer(ana), await answer(ana)].at(-1) ?? 0
    await sleeps(session, false)
    await passed(ben, last).waitFor()
    await ben.locator('.bar:not(.is-old)').waitFor()
    await hasNoGaps(ben)
  })

  test('a page without a network says since when, keeps what it has, and catches up', async () => {
    await ben.context().setOffline(true)
    await ben.locator('.lost-bar p', { hasText: /Reconnecting.*last seen .* ago/ }).waitFor()
    const last = [await answer(ana), await answer(ana)].at(-1) ?? 0
    expect(await passed(ben, last).count()).toBe(0)
    expect(await step(ben, STEPS).count()).toBe(1)
    await ben.context().setOffline(false)
    await passed(ben, last).waitFor()
    await ben.locator('.lost-bar p').waitFor({ state: 'detached' })
    await hasNoGaps(ben)
  })

  test('the list says so too, keeps its lines, and is right again by itself', async () => {
    const list = await ben.context().newPage()
    await list.goto(proxy.address)
    const line = list.locator(`.row[href="/releases/${release}"]`)
    await line.getByText(`${answered}/${STEPS}`).waitFor()
    await list.context().setOffline(true)
    await list.locator('.lost-bar p', { hasText: /Reconnecting.*ago/ }).waitFor()
    const last = await answer(ana)
    await line.getByText(`${last - 1}/${STEPS}`).waitFor()
    await list.context().setOffline(false)
    await line.getByText(`${last}/${STEPS}`).waitFor()
    await list.locator('.lost-bar p').waitFor({ state: 'detached' })
    await list.close()
    await passed(ben, last).waitFor()
  })

  test('a server that is killed is missed in words, nothing written is lost, and its successor is found', async () => {
    const at = answered + 1
    await step(ana, at).getByRole('button', { name: 'yes', exact: true }).click()
    await ana.getByRole('textbox', { name: 'Note' }).fill('written while the server was away')
    process.kill(team.server.pid, 'SIGKILL')
    proxy.cut()
    for (const page of [ana, ben]) await page.locator('.lost-bar p', { hasText: /last seen .* ago/ }).waitFor()
    await ana.getByRole('dialog').locator('button[type=submit]').click()
    await ana.getByRole('alert').getByText('cannot be reached').waitFor()
    expect(await ana.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('written while the server was away')

    next = await startTeamServer(['--store', store, '--url', proxy.address])
    proxy.to(next.local)
    await ana.locator('.lost-bar p').waitFor({ state: 'detached', ...SOON })
    await ana.getByRole('dialog').locator('button[type=submit]').click()
    await passed(ben, at).waitFor(SOON)
    expect(await step(ben, at).innerText()).toContain('written while the server was away')
    answered = at
    await hasNoGaps(ana)
    await hasNoGaps(ben)
  })
})

async function sleeps(session: CDPSession, isAsleep: boolean): Promise<void> {
  await session.send('Page.setWebLifecycleState', { state: isAsleep ? 'frozen' : 'active' })
}

/** The clock that all pages of a machine share. */
const NOW = 'performance.timeOrigin + performance.now()'

/** Runs in the page: when the step has passed. */
const SEEN = `(at) => new Promise((resolve) => {
  const step = document.querySelector('[data-step$="question-' + at + '"]')
  new MutationObserver((_, observer) => {
    if (step.dataset.state !== 'passed') return
    observer.disconnect()
    requestAnimationFrame(() => resolve(${NOW}))
  }).observe(step, { attributes: true })
})`

/** Schedules, their times in the calendar, and the history of a drill with its targets, in real Chromium over a real server. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOn, widthTooMuch } from '../support/look-at-page.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const HOUR = 3_600_000

/** Its time is within the hour, so it is due: its reminder has come two hours before. */
function drill(): string {
  const at = new Date(Date.now() + HOUR).toISOString().slice(11, 16)
  return [
    '---',
    'holdpoint: 1',
    'name: Restore drill',
    'service: restore-drill',
    'environments: { staging: {} }',
    `schedule: { every: "day ${at}", remind: [2h], due-within: 1h, record: restore-drill, owner: data team, start: { drill: try-it } }`,
    '---',
    '# Restore drill',
    '',
    '- [ ] A restore was tested',
    '  ```yaml record',
    '  name: restore-test',
    '  max-age: last calendar quarter',
    '  limits: { recovery: "<= 30m", data_age: "< 24h" }',
    '  ```',
    '',
    '## Try it',
    '```yaml phase',
    'kind: drill',
    'environment: staging',
    '```',
    '- [ ] It restores',
    '',
  ].join('\n')
}

describe.skipIf(!hasChromium())('the pages of schedules', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  const address = () => team.server.address
  const holdpoint = (...args: string[]) => team.server.holdpoint(team.server.person('ana'), args)

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1440, height: 900 } })
  })
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('where nothing comes again, the page teaches how it would', async () => {
    await ana.goto(`${address()}/records/schedules`)
    await ana.getByRole('heading', { name: 'Nothing comes again and again' }).waitFor()
    expect(await troublesOn(ana)).toEqual([])
  })

  test('a time that is due stands in the list and in the calendar, and is skipped with a reason', async () => {
    const file = join(team.server.folder, 'DRILL.md')
    writeFileSync(file, drill())
    expect((await holdpoint('checklist', 'register', 'shop/restore-drill', file)).code).toBe(0)
    await ana.goto(`${address()}/records/schedules`)
    await ana.getByRole('heading', { name: 'Restore drill' }).waitFor()
    await ana.getByText('it may be done already').waitFor()
    await ana.getByText('owed by data team').waitFor()
    expect(await troublesOn(ana)).toEqual([])
    await ana.getByRole('link', { name: 'Calendar' }).click()
    await ana.locator('.entry.is-due', { hasText: 'Restore drill' }).waitFor()
    await ana.getByRole('link', { name: 'Schedules' }).click()
    await ana.getByRole('button', { name: 'Skip this time of Restore drill' }).click()
    await ana.getByRole('button', { name: 'Skip it' }).click()
    await ana.getByRole('dialog').getByRole('alert').getByText('Why it need not be done').waitFor()
    await ana.getByLabel('Why it need not be done').fill('the data centre moves')
    await ana.getByRole('textbox', { name: 'As' }).fill('lead')
    await ana.getByRole('button', { name: 'Skip it' }).click()
    await ana.getByText('skipped: the data centre moves').waitFor()
    await ana.getByText('by ana as lead').waitFor()
  })

  test('is started at once by a button, and the drill alone by the form of a start', async () => {
    await ana.goto(`${address()}/records/schedules`)
    await ana.getByText('The server starts it at its time (the drill try-it).').waitFor()
    await ana.getByRole('button', { name: 'Start it now: Restore drill' }).click()
    expect(await troublesOn(ana)).toEqual([])
    await ana.getByRole('button', { name: 'Start it', exact: true }).click()
    await ana.getByRole('dialog').waitFor({ state: 'detached' })
    await ana.getByRole('link', { name: 'Its release' }).click()
    await ana.getByText('drill: Try it').waitFor()
    expect(await troublesOn(ana)).toEqual([])
    await ana.goto(`${address()}/start?checklist=shop/restore-drill`)
    await ana.getByRole('radio', { name: 'Drill: Try it' }).check()
    expect(await troublesOn(ana)).toEqual([])
    await ana.getByRole('button', { name: 'Drill “Try it” in staging' }).click()
    await ana.getByText('drill: Try it').waitFor()
    await ana.goto(`${address()}/records/drills`)
    await expect.poll(() => ana.getByText('drill: Try it, under way').count(), { timeout: 15_000 }).toBe(2)
  })

  test('the history of a drill draws recovery time and data age with their targets, and marks what failed', async () => {
    for (const [days, recovery, age, ...more] of [
      ['70', '22m', '3h'],
      ['40', '41m', '5h', '--failed'],
      ['9', '18m', '2h'],
    ] as const) {
      const facts = ['--fact', `recovery=${recovery}`, '--fact', `data_age=${age}`, '--observed', `${days}d`, ...more]
      expect((await holdpoint('records', 'add', 'restore-test', '--note', 'restored', ...facts)).code).toBe(0)
    }
    await ana.goto(`${address()}/records/of/shop/restore-test`)
    const recovery = ana.locator('.took-chart', { hasText: 'Recovery time' })
    await recovery.waitFor()
    expect(await recovery.locator('circle').count()).toBe(3)
    expect(await recovery.locator('circle.is-failed').count()).toBe(1)
    expect(await recovery.locator('line.target').count()).toBe(1)
    expect(await recovery.locator('figcaption').innerText()).toContain('target ≤ 30m')
    await ana.getByText('the last calendar quarter (UTC)').waitFor()
    expect(await troublesOn(ana)).toEqual([])
  })

  test('every page is legible on a phone in the dark', async () => {
    await ana.emulateMedia({ colorScheme: 'dark' })
    await ana.setViewportSize({ width: 360, height: 740 })
    for (const path of ['schedules', 'of/shop/restore-test', 'calendar']) {
      await ana.goto(`${address()}/records/${path}`)
      await ana.locator('.schedules, .history, .calendar').first().waitFor()
      expect([path, await widthTooMuch(ana)]).toEqual([path, 0])
      expect(await troublesOn(ana)).toEqual([])
    }
  })
})

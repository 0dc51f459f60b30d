/** A problem reported on the page of a release, what it does there, what it leaves to do, and readiness, in real Chromium. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOn, widthTooMuch } from '../support/look-at-page.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const ATTACK = '<img src=x onerror="window.ran=1">'
const checklist = [
  '---',
  'holdpoint: 1',
  'service: checkout',
  'environments: { staging: {} }',
  'severities: { P1: { action: rollback }, P2: { action: ask, within: 2h }, P3: { action: page } }',
  'post-mortem: 5 working days',
  '---',
  '# Checkout',
  '',
  '## Before',
  '',
  '- [ ] Unit tests pass',
  '  ```sh check',
  '  true',
  '  ```',
  '- [ ] The runbook is read',
  '- [ ] All items done',
  '  ```yaml readiness',
  '  ```',
  '',
  '## Ship',
  '',
  '- [ ] It is shipped',
  '  ```sh run irreversible="a test"',
  '  true',
  '  ```',
  '',
  '## Incident',
  '```yaml phase',
  'kind: incident',
  '```',
  '',
  '- [ ] Support knows',
  '',
].join('\n')

describe.skipIf(!hasChromium())('problems, what they leave, and readiness on the pages', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  let release: string
  const address = () => team.server.address
  const tab = (name: string) => ana.getByRole('group', { name: 'Show' }).getByRole('button', { name })

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1440, height: 900 } })
    release = await team.start(checklist, { version: '2.0.0' })
    await ana.goto(`${address()}/releases/${release}`)
  })
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('readiness says what is missing, and leads to the step', async () => {
    await tab('Readiness').click()
    const line = ana.locator('.readiness li', { hasText: 'All items done' })
    await line.getByText(/1 of \d done; open: The runbook is read/).waitFor()
    expect(await troublesOn(ana)).toEqual([])
    await line.getByRole('link', { name: 'The runbook is read' }).click()
    await ana.locator('[data-step][data-state="needs a person"]', { hasText: 'The runbook is read' }).waitFor()
  })

  test('a problem is reported with the severities of the checklist, and stands on the page until it is over', async () => {
    await ana.getByRole('button', { name: 'Report a problem' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByText('the release stands still until somebody decides').first().waitFor()
    // Pressed in a hurry it turns nothing back: what does so is chosen on purpose.
    expect(await dialog.getByRole('radio', { name: 'P1' }).isChecked()).toBe(false)
    await dialog.getByRole('radio', { name: 'P2' }).check()
    await dialog.getByLabel('What is wrong').fill(`${ATTACK} orders are lost`)
    await dialog.getByRole('button', { name: 'Report' }).click()
    const problem = ana.locator('.problems li', { hasText: 'orders are lost' })
    await problem.getByText(/unless somebody decides/).waitFor()
    await ana.getByRole('button', { name: 'Lift the hold' }).waitFor()
    await ana.locator('[data-step]', { hasText: 'Support knows' }).first().waitFor()
    expect(await troublesOn(ana)).toEqual([])
    await problem.getByRole('button', { name: 'How it stands' }).click()
    await dialog.getByRole('radio', { name: 'resolved' }).check()
    await dialog.getByLabel('What is known').fill('a wrong dashboard')
    await dialog.getByRole('button', { name: 'Say so' }).click()
    await ana.locator('.problems li.is-over', { hasText: 'a wrong dashboard' }).waitFor()
    expect(await ana.evaluate('window.ran')).toBeUndefined()
  })

  test('a lesson becomes a task that is given to somebody and done, beside the post-mortem that came by itself', async () => {
    await ana.getByRole('button', { name: 'Follow-up' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByLabel('What is to be done').fill('Alert on a full disk')
    await dialog.getByRole('radio', { name: 'high' }).check()
    await dialog.getByRole('button', { name: 'Add it' }).click()
    await ana.locator('.problems', { hasText: 'One follow-up' }).getByRole('link', { name: 'One follow-up' }).click()
    const task = ana.locator('.follow-ups li', { hasText: 'Alert on a full disk' })
    await task.getByText(/nobody owns it, high, no deadline/).waitFor()
    await ana
      .locator('.follow-ups li', { hasText: 'Post-mortem of the P2 incident' })
      .getByText(/for ana, high, due/)
      .waitFor()
    expect(await troublesOn(ana)).toEqual([])
    await task.getByRole('button', { name: 'Give or change: Alert on a full disk' }).click()
    await dialog.getByLabel('Who does it').fill('ben')
    await dialog.getByRole('button', { name: 'Keep' }).click()
    await task.getByText(/for ben, high/).waitFor()
    await task.getByRole('button', { name: 'Done: Alert on a full disk' }).click()
    await dialog.getByLabel('What was done').fill('the alert fires')
    await dialog.getByRole('button', { name: 'Done' }).click()
    await ana.getByText('1 done').waitFor()
  })

  test('the report is one file to take away, from the facts of the release', async () => {
    await ana.goto(`${address()}/releases/${release}`)
    await tab('Facts').click()
    const [file] = await Promise.all([
      ana.waitForEvent('download'),
      ana.getByRole('link', { name: 'report to read and print' }).click(),
    ])
    expect(file.suggestedFilename()).toBe(`${release}.report.html`)
    expect(await troublesOn(ana)).toEqual([])
  })

  test('all of it fits a telephone in the dark', async () => {
    const phone = await windows.signedIn(address(), 'ben', {
      viewport: { width: 360, height: 780 },
      colorScheme: 'dark',
    })
    await phone.goto(`${address()}/releases/${release}`)
    await phone.locator('.problems li', { hasText: 'orders are lost' }).waitFor()
    expect(await widthTooMuch(phone)).toBe(0)
    await phone.getByRole('group', { name: 'Show' }).getByRole('button', { name: 'Readiness' }).click()
    await phone.locator('.readiness li', { hasText: 'All items done' }).waitFor()
    expect(await widthTooMuch(phone)).toBe(0)
    expect(await troublesOn(phone)).toEqual([])
    await phone.goto(`${address()}/records/follow-ups`)
    await phone.locator('.follow-ups li', { hasText: 'Post-mortem' }).waitFor()
    expect(await widthTooMuch(phone)).toBe(0)
    expect(await troublesOn(phone)).toEqual([])
  })
})

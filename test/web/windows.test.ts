/** Windows, planned starts and lead times on the pages, in real Chromium: a start in the future, its move, a window that is overridden. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOf } from '../support/axe.ts'
import { widthTooMuch } from '../support/look-at-page.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const day = 86_400_000

/** `never` is closed on every day there is, so that no clock decides how this test goes. */
const text = (service: string, window: string): string =>
  [
    '---',
    'holdpoint: 1',
    `service: ${service}`,
    'roles: { manager: [ana] }',
    'windows:',
    '  office: { zone: Europe/Berlin, working-days: mon-fri }',
    '  never: { zone: Europe/Berlin, allow: [{ dates: [2020-01-01] }], override: manager }',
    '---',
    '# Release',
    '',
    '## Before',
    '```yaml phase',
    'due: 1 working day before',
    '```',
    '- [ ] Support knows what is coming',
    '',
    '## Roll out',
    '```yaml phase',
    'kind: rollout',
    `window: ${window}`,
    '```',
    '- [ ] Go',
    '',
  ].join('\n')

describe.skipIf(!hasChromium())('when a release goes on, in the browser', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  const address = () => team.server.address

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1440, height: 900 } })
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  const look = async (page: Page, document: string): Promise<void> => {
    await page.goto(`${address()}/start`)
    await page.getByLabel('Or paste its text').fill(document)
    await page.getByRole('button', { name: 'Look at it' }).click()
  }
  const later = (days: number): string => new Date(Date.now() + days * day).toISOString().slice(0, 16)
  const clean = async (page: Page): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1440, 360]) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        expect(await troublesOf(page)).toEqual([])
        expect(await widthTooMuch(page)).toBe(0)
      }
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize({ width: 1440, height: 900 })
  }

  test('before a start the windows say what they are, and a start that comes too late asks why beside its field', async () => {
    await look(ana, text('shop', 'office'))
    const preview = ana.getByRole('region', { name: 'What it would do' })
    await preview.getByText('nobody may override it').waitFor()
    expect(await preview.innerText()).toMatch(/never closed: outside 2020-01-01; it does not open within a year/)
    expect(await preview.innerText()).toContain('due 1 working day before the start')
    await ana.getByLabel('Version', { exact: true }).fill('1.0.0')
    await ana.getByLabel('Environment', { exact: true }).fill('staging')
    await ana.getByRole('button', { name: /^Release shop/ }).click()
    await ana.locator('.trouble', { hasText: 'Plan a later start' }).waitFor()
    expect(await ana.getByLabel('Why its lead times are not kept').getAttribute('aria-invalid')).toBe('true')
    await clean(ana)
  })

  test('a planned start says what is due when; moved, it asks again what has become too old', async () => {
    await ana.getByLabel('“Roll out” begins').fill(later(20))
    await ana.getByRole('button', { name: /^Release shop/ }).click()
    const when = ana.getByRole('region', { name: 'When' })
    await when.getByText('is planned for').waitFor()
    expect(await when.innerText()).toMatch(/Before is due .*1 open, 1 working day before the start/)
    await ana.getByText('it is due').waitFor()
    await ana.locator('[data-step]', { hasText: 'Support knows' }).getByRole('button', { name: 'passed' }).click()
    await ana.getByRole('dialog').getByRole('button', { name: 'Answer “passed”' }).click()
    await ana.getByText('is planned for').nth(1).waitFor()
    await clean(ana)
    await ana.getByRole('button', { name: 'Move the start' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByLabel('New start').fill(later(60))
    await dialog.getByLabel('Why').fill('the vendor needs longer')
    await dialog.getByRole('button', { name: 'Move it' }).click()
    await when.getByText('1 open').waitFor()
    await ana.getByRole('button', { name: /^Timeline/ }).click()
    await ana.getByText('moved the planned start').waitFor()
  })

  test('a closed window is overridden at the start by the role it names, with a reason', async () => {
    await look(ana, text('pay', 'never'))
    await ana.getByLabel('Version', { exact: true }).fill('1.0.0')
    await ana.getByLabel('Environment', { exact: true }).fill('staging')
    await ana.getByLabel('Why its lead times are not kept').fill('no time for it')
    await ana.getByRole('button', { name: /^Release pay/ }).click()
    await ana.locator('.refusal', { hasText: 'override-window' }).waitFor()
    await ana.getByLabel('Why a closed window does not count').fill('customers cannot pay')
    await ana.getByRole('button', { name: /^Release pay/ }).click()
    const when = ana.getByRole('region', { name: 'When' })
    await when.getByText('ana (manager) overrode the window never').waitFor()
    await when.getByText('no time for it').waitFor()
    await clean(ana)
  })
})

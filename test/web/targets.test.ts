/** Targets in real Chromium: who holds one, standing in line by the start form, leaving, and the turn that comes by itself. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOn, widthTooMuch } from '../support/look-at-page.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const ATTACK = '<img src=x onerror="window.ran=1">'
const checklist = `---
holdpoint: 1
service: shop
environments: { staging: {} }
---
# Shop

- [ ] Somebody looked at it
`

describe.skipIf(!hasChromium())('targets', () => {
  let team: WebTeam
  let windows: Windows
  let ben: Page
  let first: string
  const at = (path: string) => `${team.server.address}${path}`

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    first = await team.start(checklist, { version: '1.0.0' })
    ben = await windows.signedIn(team.server.address, 'ben', { viewport: { width: 1440, height: 900 } })
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  async function putInLine(version: string): Promise<void> {
    await ben.goto(at('/start'))
    await ben.getByLabel('Or paste its text').fill(checklist)
    await ben.getByRole('button', { name: /look at it/i }).click()
    await ben.getByLabel('Version', { exact: true }).fill(version)
    const wait = ben.getByLabel(/Stand in line/)
    if (!(await wait.isVisible())) await ben.getByLabel('staging').check()
    await wait.check()
    await ben.getByRole('button', { name: `Put shop ${version} in line for staging` }).click()
    await ben.getByRole('heading', { name: 'Targets' }).waitFor()
  }

  test('a start that finds its target busy stands in line, and the page says behind whom', async () => {
    await putInLine('1.1.0')
    const section = ben.getByRole('region', { name: 'shop in staging' })
    await section.getByText('next, behind shop 1.0.0').waitFor()
    expect(await section.getByRole('link', { name: 'shop 1.0.0' }).getAttribute('href')).toBe(`/releases/${first}`)
    await section.getByText(`holdpoint release abort ${first}`).waitFor()
    await putInLine(`1.2.0-${ATTACK}`)
    await section.getByText('2nd in line, behind 1.1.0').waitFor()
    expect(await ben.evaluate('"ran" in window')).toBe(false)
  }, 60_000)

  test('the board and the page of the holder say who waits', async () => {
    await ben.goto(at('/'))
    await ben.getByText('1.1.0 for shop in staging, next, behind shop 1.0.0').waitFor()
    await ben.goto(at(`/releases/${first}`))
    await ben.getByText(/In line behind it: 1\.1\.0 of ben, 1\.2\.0/).waitFor()
  })

  test('the page is read by a screen reader and on a phone, light and dark', async () => {
    await ben.goto(at('/targets'))
    await ben.getByText('2nd in line, behind 1.1.0').waitFor()
    for (const scheme of ['light', 'dark'] as const)
      for (const width of [1440, 360]) {
        await ben.emulateMedia({ colorScheme: scheme })
        await ben.setViewportSize({ width, height: 900 })
        expect(await troublesOn(ben)).toEqual([])
        expect(await widthTooMuch(ben)).toBe(0)
        if (process.env['LOOK'] !== undefined)
          await ben.screenshot({ path: `${process.env['LOOK']}/targets-${width}-${scheme}.png`, fullPage: true })
      }
    await ben.emulateMedia({ colorScheme: 'light' })
    await ben.setViewportSize({ width: 1440, height: 900 })
  }, 60_000)

  test('a start is taken out of the line by keys, with a reason', async () => {
    const section = ben.getByRole('region', { name: 'shop in staging' })
    await section.getByRole('button', { name: /Take out shop-1\.2\.0/ }).focus()
    await ben.keyboard.press('Enter')
    await ben.getByLabel('Why').fill('not today')
    await ben.keyboard.press('Enter')
    await section.getByText('Left the line: 1').click()
    await section.getByText(/taken out by ben, not today/).waitFor()
    expect(await section.getByText('2nd in line').count()).toBe(0)
  })

  test('the turn comes by itself when the holder has ended', async () => {
    const { code, err } = await team.server.holdpoint(team.server.person('ana'), [
      'release',
      'abort',
      first,
      '--reason',
      'smoke',
    ])
    expect([code, err]).toEqual([0, ''])
    const section = ben.getByRole('region', { name: 'shop in staging' })
    await section.getByRole('link', { name: 'shop 1.1.0' }).waitFor()
    await section.getByText('started by ben').waitFor()
  }, 60_000)
})

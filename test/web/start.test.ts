/** Starting a release in real Chromium: what is registered or a file of one's own, the form, what it would do, and every no. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { troublesOf } from '../support/axe.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const registered = [
  '---',
  'holdpoint: 1',
  'service: checkout',
  'environments: { staging: {}, production: { protected: true } }',
  'secrets: { DEPLOY_KEY: { from: env } }',
  'inputs:',
  '  region: { type: string, options: [eu, us], default: eu, description: "Which region first" }',
  '  ticket: { type: string, required: true, description: "The change request <img src=x onerror=window.ran=1>" }',
  '  batch: { type: number, default: 10 }',
  '  noisy: { type: boolean, required: false }',
  '---',
  '# Release of checkout',
  '',
  '## Before',
  '',
  '- [ ] Notes are written',
  '- [ ] It answers',
  '  ```sh check',
  '  true',
  '  ```',
  '',
  '## Ship',
  '',
  '- [ ] It is shipped',
  '  ```sh run danger',
  '  echo shipped',
  '  ```',
  '  ```sh undo',
  '  echo back',
  '  ```',
  '- [ ] Let it settle',
  '  ```yaml wait',
  '  for: 10m',
  '  ```',
  '',
].join('\n')

describe.skipIf(!hasChromium())('starting a release', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  let ben: Page
  const address = () => team.server.address

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    const folder = join(team.server.folder, 'registered')
    mkdirSync(folder)
    writeFileSync(join(folder, 'release.md'), registered)
    const root = team.server.person('root')
    await team.add('vera', [])
    const done = await team.server.holdpoint(root, [
      'checklist',
      'register',
      'shop/release',
      join(folder, 'release.md'),
    ])
    expect(done.err).toBe('')
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1440, height: 900 } })
    ben = await windows.signedIn(address(), 'ben', { viewport: { width: 360, height: 740 } })
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('the board leads to it; what is wrong stands beside its field, and nothing is sent', async () => {
    await ana.getByRole('link', { name: 'Start a release', exact: true }).click()
    await ana.getByRole('button', { name: /checkout release/ }).click()
    await ana.getByRole('button', { name: 'Release checkout' }).click()
    await ana.getByText('Which version is it?').waitFor()
    await ana.getByText('Say where it goes.').waitFor()
    await ana.getByText('ticket is needed.').waitFor()
    await vi.waitFor(async () => expect(await focusedLabel(ana)).toBe('Version'))
    await ana.getByLabel('batch').fill('many')
    await ana.getByText('“many” is no number.').waitFor()
    expect(await team.server.holdpoint(team.server.person('root'), ['release', 'list', '--json'])).toMatchObject({
      out: expect.stringMatching(/^\s*\[\s*\]\s*$/) as string,
    })
  })

  test('what it would do is told before: who is asked, what is dangerous, how long, and which secrets by name only', async () => {
    const preview = ana.getByRole('region', { name: 'What it would do' })
    const told = await preview.innerText()
    expect(told).toContain('4 steps: 1 for people, 1 check, 1 action')
    expect(told).toContain('Takes at least 10 min')
    expect(told).toMatch(/It is shipped.*two people confirm it/)
    expect(told).toContain('DEPLOY_KEY')
    expect(told).toMatch(/[0-9a-f]{64}/)
    expect(await ana.locator('.start-form').innerText()).toContain('<img src=x onerror=')
    expect(await ana.evaluate('window.ran')).toBeUndefined()
  })

  test('what was written survives a reload, and the release starts with exactly that', async () => {
    await ana.getByLabel('Version', { exact: true }).fill('1.4.0')
    await ana.getByRole('radio', { name: 'staging' }).check()
    await ana.getByRole('radio', { name: 'us' }).check()
    await ana.getByLabel('ticket').fill('OPS-12')
    await ana.getByLabel('batch').fill('25')
    await ana.reload()
    await ana.getByRole('button', { name: 'Release checkout 1.4.0 to staging' }).click()
    await ana.getByRole('heading', { name: /^checkout 1\.4\.0/ }).waitFor()
    await ana.getByRole('button', { name: 'Facts' }).click()
    const facts = await ana.locator('dl.facts').first().innerText()
    expect(facts).toMatch(/region\s+us/)
    expect(facts).toMatch(/ticket\s+OPS-12/)
    expect(facts).toMatch(/batch\s+25/)
  })

  test('a place that is taken says by whom, and a rehearsal does not need it', async () => {
    await ben.goto(`${address()}/start?checklist=shop/release`)
    await ben.getByText('1.4.0 is on its way there').waitFor()
    await ben.getByLabel('Version', { exact: true }).fill('1.5.0')
    await ben.getByLabel('ticket').fill('OPS-13')
    await ben.getByRole('radio', { name: 'staging' }).check()
    await ben.getByRole('button', { name: 'Release checkout 1.5.0 to staging' }).click()
    await ben.getByText('It has to end first.').waitFor()
    await ben.getByRole('radio', { name: 'Rehearse it' }).check()
    await ben.getByText('A rehearsal runs every check').waitFor()
    await ben.getByRole('button', { name: 'Rehearse checkout 1.5.0 to staging' }).click()
    await ben.getByRole('heading', { name: /^checkout 1\.5\.0/ }).waitFor()
    await ben.locator('.meta').getByText('rehearsal').waitFor()
  })

  test('two windows that start at once: one is first, the other is told where the field is', async () => {
    const other = registered.replace('service: checkout', 'service: search')
    for (const page of [ana, ben]) {
      await page.goto(`${address()}/start`)
      await page.getByLabel('Or paste its text').fill(other)
      await page.getByRole('button', { name: 'Look at it' }).click()
      await page.getByLabel('Version', { exact: true }).fill(page === ana ? '2.0.0' : '2.0.1')
      await page.getByLabel('ticket').fill('OPS-14')
      await page.getByRole('radio', { name: 'staging' }).check()
    }
    await ana.getByRole('button', { name: 'Release search 2.0.0 to staging' }).click()
    await ana.getByRole('heading', { name: /^search 2\.0\.0/ }).waitFor()
    await ben.getByRole('button', { name: 'Release search 2.0.1 to staging' }).click()
    await ben.locator('.choices.is-wrong').getByText('It has to end first.').waitFor()
    expect(await ben.getByLabel('ticket').inputValue()).toBe('OPS-14')
  })

  test('a start says what it would wait for as things stand, and a hotfix what it mends', async () => {
    const asking = registered
      .replace('service: checkout', 'service: billing')
      .replace(
        '- [ ] It answers\n',
        '- [ ] Restored\n  ```yaml record\n  name: restore-test\n  max-age: 30d\n  ```\n- [ ] It answers\n',
      )
    await ben.goto(`${address()}/start`)
    await ben.getByLabel('Or paste its text').fill(asking)
    await ben.getByRole('button', { name: 'Look at it' }).click()
    const before = ben.getByRole('region', { name: 'As things stand' })
    await before.getByText('restore-test: there is no record yet').waitFor()
    expect(await before.innerText()).toContain('0 open, 0 overdue')
    await ben.getByLabel('Version', { exact: true }).fill('3.0.1')
    await ben.getByLabel('ticket').fill('OPS-15')
    await ben.getByRole('radio', { name: 'staging' }).check()
    await ben.getByLabel('It is a hotfix: it mends what is out already').check()
    const start = ben.getByRole('button', { name: 'Release billing 3.0.1 to staging' })
    await start.click()
    await ben.getByText('Which release does it mend?').waitFor()
    await ben.getByLabel('Release that it mends').fill('nothing-like-it')
    await start.click()
    await ben.getByText('No release "nothing-like-it"').waitFor()
    expect(await troublesOf(ben)).toEqual([])
    await ben.getByLabel('Release that it mends').fill('')
    await ben.getByLabel('Git tag that it was derived from').fill('v3.0.0')
    await start.click()
    await ben.getByRole('heading', { name: /^billing 3\.0\.1/ }).waitFor()
    const list = await team.server.holdpoint(team.server.person('root'), ['release', 'list', '--json'])
    const { id } = (JSON.parse(list.out) as { id: string; service: string }[]).find(
      ({ service }) => service === 'billing',
    )!
    const shown = await team.server.holdpoint(team.server.person('root'), ['release', 'show', id, '--json'])
    expect(JSON.parse(shown.out)).toMatchObject({
      facts: { releaseType: 'hotfix', hotfixOf: { release: null, tag: 'v3.0.0' } },
    })
  })

  test('a dropped file is looked at; one that does not compile says line by line what stands in the way', async () => {
    await ana.goto(`${address()}/start`)
    await ana.getByRole('region', { name: 'A file of yours' }).waitFor()
    await ana.evaluate(
      dropping('RELEASE.md', '---\nholdpoint: 1\n---\n# X\n## A\n- [ ] One\n  ```sh chek\n  true\n  ```\n'),
    )
    await ana.getByRole('heading', { name: 'RELEASE.md cannot run yet' }).waitFor()
    expect(await ana.locator('.preview-problems').innerText()).toMatch(/RELEASE\.md:7:\d+ .*chek/)
    await ana.getByRole('button', { name: 'Another checklist' }).click()
    await ana.getByRole('region', { name: 'A file of yours' }).waitFor()
    await ana.evaluate(dropping('photo.png', 'x'))
    await ana.getByText('photo.png is no Markdown file').waitFor()
  })

  test('whoever may only look finds no button, and is told which role is needed', async () => {
    const vera = await windows.signedIn(address(), 'vera')
    expect(await vera.getByRole('link', { name: 'Start a release' }).count()).toBe(0)
    await vera.goto(`${address()}/start`)
    await vera.getByText('release-engineer').waitFor()
    await vera.context().close()
  })

  test.each(['light', 'dark'] as const)(
    'axe finds nothing, and nothing is wider than a phone, in the %s theme',
    async (colorScheme) => {
      for (const width of [1440, 360]) {
        await ben.emulateMedia({ colorScheme })
        await ben.setViewportSize({ width, height: 800 })
        await ben.goto(`${address()}/start`)
        await ben.getByRole('button', { name: /checkout release/ }).waitFor()
        expect(await troublesOf(ben)).toEqual([])
        await ben.getByRole('button', { name: /checkout release/ }).click()
        await ben.getByRole('button', { name: /^Release checkout/ }).click()
        await ben.getByText('Which version is it?').waitFor()
        expect(await troublesOf(ben)).toEqual([])
        expect(await ben.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0)
      }
    },
  )
})

function focusedLabel(page: Page): Promise<string> {
  return page.evaluate(`document.activeElement?.labels?.[0]?.textContent ?? ''`)
}

/** A file let go over the page, as from the desktop. */
function dropping(name: string, text: string): string {
  return `{
    const data = new DataTransfer()
    data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}))
    document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
  }`
}

/** A whole release without a pointer, by two people, from the sign-in to its end; and the pages under other circumstances. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byKeys } from '../support/by-keys.ts'
import { hasChromium, openWindows, PASSWORD, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const SOON = { timeout: 30_000 }

const checklist = [
  '---',
  'holdpoint: 1',
  'service: checkout',
  'roles: { approver: [ben] }',
  'environments: { staging: {} }',
  'inputs:',
  '  ticket: { type: string, required: true }',
  '---',
  '# Checkout',
  '',
  '## Before',
  '',
  '- [ ] Notes are written',
  '  ```yaml answer',
  '  options: [yes, not yet]',
  '  ```',
  '- [ ] The numbers are known',
  '  ```yaml fields',
  '  error_rate: { label: "Error rate", type: percent, limit: "< 1%" }',
  '  ```',
  '',
  '## Signature',
  '',
  '- [ ] Somebody else wants it',
  '  ```yaml approve',
  '  role: approver',
  '  not: author',
  '  ```',
  '',
  '## Ship',
  '',
  '- [ ] It is shipped',
  '  ```sh run',
  '  echo shipped',
  '  ```',
  '  ```sh undo',
  '  echo back',
  '  ```',
  '- [ ] Somebody looked at it',
  '',
].join('\n')

describe.skipIf(!hasChromium())('by keys alone', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  let ben: Page
  const address = () => team.server.address
  const step = (page: Page, words: string) => page.locator('[data-step]', { hasText: words })
  const isPassed = (page: Page, words: string) =>
    step(page, words).locator('.word', { hasText: 'passed' }).waitFor(SOON)

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    const folder = join(team.server.folder, 'registered')
    mkdirSync(folder)
    const file = join(folder, 'release.md')
    writeFileSync(file, checklist)
    const root = team.server.person('root')
    const done = await team.server.holdpoint(root, ['checklist', 'register', 'shop/release', file])
    expect(done.err).toBe('')
    ana = await (await windows.open({ viewport: { width: 1280, height: 900 } })).newPage()
    ben = await (await windows.open({ viewport: { width: 640, height: 450 } })).newPage()
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  const comesIn = async (page: Page, person: string): Promise<void> => {
    const keys = byKeys(page)
    await page.goto(address())
    await keys.isOn('Name')
    await keys.type(person)
    await keys.press('Tab')
    await keys.type(PASSWORD)
    await keys.press('Enter')
    await page.getByRole('heading', { name: 'Releases' }).waitFor()
  }

  test('somebody signs in, finds the form, fills it in, and the release starts', async () => {
    const keys = byKeys(ana)
    await comesIn(ana, 'ana')
    await keys.tabTo('Start a release')
    await keys.press('Enter')
    await ana.getByRole('button', { name: /checkout release/ }).waitFor()
    await keys.tabTo('checkout release')
    await keys.press('Enter')
    await ana.getByLabel('Version', { exact: true }).waitFor()
    await keys.tabTo('Version')
    await keys.type('3.0.0')
    await keys.tabTo('ticket')
    await keys.type('OPS-7')
    await keys.press('Enter')
    await ana.getByRole('heading', { name: /^checkout 3\.0\.0/ }).waitFor(SOON)
  })

  test('every step that needs somebody is one key away, and the focus comes back to it', async () => {
    const keys = byKeys(ana)
    await step(ana, 'Notes are written').waitFor()
    await keys.press('n')
    await keys.isOn('notes-are-written')
    await keys.press('a')
    await ana.getByRole('dialog').waitFor()
    await keys.press('Escape')
    await ana.getByRole('dialog').waitFor({ state: 'detached' })
    await keys.isOn('notes-are-written')
    await keys.press('a')
    await ana.getByRole('dialog').waitFor()
    await keys.tabTo('Answer “yes”')
    await keys.press('Enter')
    await isPassed(ana, 'Notes are written')
    await keys.isOn('notes-are-written')
    await keys.press('n')
    await keys.isOn('the-numbers-are-known')
    await keys.press('a')
    await keys.isOn('Error rate')
    await keys.type('0.4%')
    await keys.press('Enter')
    await isPassed(ana, 'The numbers are known')
    await keys.isOn('the-numbers-are-known')
  })

  test('a button that is gone after its click leaves the focus at its step', async () => {
    const other = await team.start(
      checklist.replace('service: checkout', 'service: other').replace(', required: true', ', required: false'),
    )
    await ben.goto(address())
    await comesIn(ben, 'ben')
    await ben.goto(`${address()}/releases/${other}`)
    const keys = byKeys(ben)
    await step(ben, 'Notes are written').waitFor()
    await keys.press('n')
    await keys.tabTo('yes')
    await keys.press('Enter')
    await ben.getByRole('dialog').waitFor()
    await keys.tabTo('Answer “yes”')
    await keys.press('Enter')
    await isPassed(ben, 'Notes are written')
    await keys.isOn('notes-are-written')
  })

  test('another person finds what waits for them on the board, and signs it', async () => {
    const keys = byKeys(ben)
    await keys.press('g', 'r')
    await ben.getByRole('heading', { name: /^Needs you/ }).waitFor()
    await keys.press('/')
    await keys.isOn('Search releases')
    await keys.type('checkout')
    await expect.poll(() => ben.locator('.row').count(), SOON).toBe(1)
    await keys.press('ArrowDown')
    await ben.locator('.row.is-chosen').waitFor()
    await keys.press('Enter')
    await ben.getByRole('heading', { name: /^checkout 3\.0\.0/ }).waitFor()
    await step(ben, 'Somebody else wants it').waitFor()
    await keys.press('n')
    await keys.isOn('somebody-else-wants-it')
    await keys.press('a')
    await ben.getByRole('dialog').waitFor()
    await keys.tabTo('Sign')
    await keys.press('Enter')
    await isPassed(ben, 'Somebody else wants it')
  })

  test('the release goes to its end, and the page says so', async () => {
    const keys = byKeys(ana)
    await isPassed(ana, 'It is shipped')
    await keys.press('n')
    await keys.isOn('somebody-looked-at-it')
    await keys.press('o')
    await ana.getByRole('dialog').waitFor()
    await keys.press('Escape')
    await ana.getByRole('dialog').waitFor({ state: 'detached' })
    await keys.isOn('somebody-looked-at-it')
    await keys.press('a')
    await ana.getByRole('dialog').waitFor()
    await keys.tabTo('Answer “passed”')
    await keys.press('Enter')
    await isPassed(ana, 'Somebody looked at it')
    await ana.locator('.bar', { hasText: /closed|released/i }).waitFor(SOON)
    await expect.poll(() => ana.title(), SOON).toMatch(/^✓ checkout 3\.0\.0 · Holdpoint$/)
  })

  test('a question mark shows every key there is, and the keys can be turned off', async () => {
    const keys = byKeys(ana)
    await keys.press('?')
    const help = ana.getByRole('dialog', { name: 'Keys' })
    await help.waitFor()
    const told = await help.innerText()
    for (const word of ['find a step', 'next step', 'previous step', 'next step that needs', 'go to Releases', 'close'])
      expect(told).toContain(word)
    await keys.tabTo('Single keys work')
    await keys.press('Space', 'Escape')
    await help.waitFor({ state: 'detached' })
    await keys.press('/')
    await keys.tabTo('Keys')
    await keys.press('Enter')
    await help.waitFor()
    await keys.tabTo('Single keys work')
    await keys.press('Space', 'Escape', '/')
    await ana.getByRole('dialog', { name: 'Find a step' }).waitFor()
    await keys.press('Escape')
  })

  test('a link to another page takes the focus along, and the title says where one is', async () => {
    const keys = byKeys(ana)
    await keys.press('g', 'r')
    await ana.getByRole('heading', { name: 'Releases' }).waitFor()
    await expect.poll(() => ana.title(), SOON).toMatch(/Releases · Holdpoint$/)
    await keys.tabTo('Start a release')
    await keys.press('Enter')
    await expect.poll(() => ana.title(), SOON).toMatch(/Start.*· Holdpoint$/)
    expect(await ana.evaluate('document.activeElement === document.body')).toBe(false)
    expect(await ana.getAttribute('html', 'lang')).toBe('en')
  })
})

/** Records, their calendar and history, drills and reviews in real Chromium over a real server. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOn, widthTooMuch } from '../support/look-at-page.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const ATTACK = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'
const checklist = [
  '---',
  'holdpoint: 1',
  'service: checkout',
  'roles: { approver: [ana, ben] }',
  'environments: { staging: {} }',
  '---',
  '# Checkout',
  '',
  '## Before',
  '',
  '- [ ] A restore was tested',
  '  ```yaml record',
  '  name: restore-test',
  '  max-age: 30d',
  '  ```',
  '- [ ] Keys were rotated',
  '  ```yaml record',
  '  name: key-rotation',
  '  max-age: 90d',
  '  ```',
  '',
  '## Ship',
  '',
  '- [ ] It is shipped',
  '  ```sh run',
  '  true',
  '  ```',
  '  ```sh undo',
  '  true',
  '  ```',
  '- [ ] Somebody looked at it',
  '',
].join('\n')

describe.skipIf(!hasChromium())('the pages of records', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  let ben: Page
  const address = () => team.server.address
  const row = (name: string) => ana.locator('.ledger-row', { hasText: name })
  const holdpoint = (person: string, ...args: string[]) => team.server.holdpoint(team.server.person(person), args)

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1440, height: 900 } })
    ben = await windows.signedIn(address(), 'ben')
  })
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('where nothing is, the pages teach what they are for', async () => {
    await ana.goto(`${address()}/records`)
    await ana.getByRole('heading', { name: 'Nothing is recorded yet' }).waitFor()
    await ana.getByText('holdpoint records add restore-test').waitFor()
    await ana.getByRole('link', { name: 'Drills' }).click()
    await ana.getByRole('heading', { name: 'Nobody has rehearsed yet' }).waitFor()
    await ana.getByRole('link', { name: 'Reviews' }).click()
    await ana.getByRole('heading', { name: 'Nothing was let through without a pass' }).waitFor()
    expect(await troublesOn(ana)).toEqual([])
    await ana.goto(`${address()}/records/restore-test`)
    await ana.getByRole('heading', { name: 'There is no such page' }).waitFor()
  })

  test('what a checklist asks for is missing until somebody records it, with what proves it', async () => {
    const file = join(team.server.folder, 'CHECKOUT.md')
    writeFileSync(file, checklist)
    expect((await holdpoint('ana', 'checklist', 'register', 'shop/checkout', file)).code).toBe(0)
    await ana.goto(`${address()}/records`)
    await row('restore-test').getByText('never observed').waitFor()
    await row('restore-test').getByText('no older than 30 d: shop/checkout').waitFor()
    await row('restore-test').click()
    await ana.getByText('not satisfied').waitFor()
    await ana.getByRole('button', { name: 'Add a record' }).click()
    expect(await ana.getByLabel('Name').inputValue()).toBe('restore-test')
    await ana.getByLabel('Took').fill('a while')
    await ana.getByLabel('What was seen').fill(`restored and compared ${ATTACK}`)
    const proof = { name: 'restore.log', mimeType: 'text/plain', buffer: Buffer.from('restored 41 tables') }
    await ana.locator('dialog input[type=file]').setInputFiles(proof)
    await ana.getByText('restore.log').waitFor()
    await ana.getByRole('button', { name: 'Record it' }).click()
    await ana.getByRole('alert').getByText('is no length of time').waitFor()
    await ana.getByLabel('Took').fill('14m')
    await ana.getByRole('button', { name: 'Record it' }).click()
    await ana.getByRole('dialog').waitFor({ state: 'detached' })
    await ana.getByText('satisfied until').waitFor()
    expect(await ana.locator('.records-table').innerText()).toContain(ATTACK)
    expect(await ana.evaluate('window.ran')).toBeUndefined()
  })

  test('the evidence of a record opens for whoever may see the record', async () => {
    await ben.goto(`${address()}/records/of/shop/restore-test`)
    const [file] = await Promise.all([ben.waitForEvent('download'), ben.locator('.records-table td a').click()])
    expect(readFileSync(await file.path(), 'utf8')).toBe('restored 41 tables')
  })

  test('the history draws how long it took, and the ledger warns before something ends', async () => {
    for (const [days, took] of [
      ['27', '31m'],
      ['80', '44m'],
    ] as const)
      await holdpoint(
        'ana',
        'records',
        'add',
        'key-rotation',
        '--note',
        'all of them',
        '--observed',
        `${days}d`,
        '--took',
        took,
      )
    await ana.goto(`${address()}/records/of/shop/key-rotation`)
    expect(await ana.locator('.took-chart figcaption').innerText()).toBe(
      'How long it took: last 31 min, at most 44 min',
    )
    expect(await ana.locator('.took-chart circle').count()).toBe(2)
    await holdpoint('ana', 'records', 'add', 'old-drill', '--note', 'long ago', '--observed', '400d')
    await ana.goto(`${address()}/records`)
    await row('old-drill').getByText('no gate asks for it').waitFor()
    await row('restore-test').getByText('true until').waitFor()
  })

  test('the calendar has the days on which something was observed or ends, as a list on a narrow screen', async () => {
    await ana.goto(`${address()}/records/calendar`)
    await ana.locator('.entry.is-observed', { hasText: 'restore-test' }).waitFor()
    await ana.setViewportSize({ width: 360, height: 740 })
    expect(await ana.locator('.calendar td:visible').count()).toBe(
      await ana.locator('.calendar td.has-entries').count(),
    )
    expect(await widthTooMuch(ana)).toBe(0)
    await ana.setViewportSize({ width: 1440, height: 900 })
    await ana.getByRole('button', { name: 'Earlier' }).click()
    await ana.getByRole('button', { name: 'This month' }).click()
    await ana.locator('.entry.is-observed', { hasText: 'restore-test' }).click()
    await ana.getByRole('heading', { name: 'restore-test' }).waitFor()
  })

  test('rehearsals and ways back are drills, with the time that they took', async () => {
    const file = join(team.server.folder, 'CHECKOUT.md')
    await holdpoint('ana', 'run', file, '--version', '1.0.0', '--env', 'staging', '--dry-run', '--json')
    const release = await team.start(checklist, { version: '2.0.0' })
    const decided = await holdpoint('ana', 'release', 'abort', release, '--reason', 'the graphs look odd')
    expect(decided.err).toBe('')
    await ana.goto(`${address()}/records/drills`)
    await ana.locator('tr', { hasText: 'checkout 1.0.0' }).getByText('rehearsal').waitFor()
    await ana.locator('tr', { hasText: 'checkout 2.0.0' }).getByText('taken back').waitFor({ timeout: 45_000 })
    await ana.locator('tr', { hasText: 'checkout 2.0.0' }).getByText('the graphs look odd').waitFor()
    await ana.locator('.took-chart').waitFor()
  }, 90_000)

  test('what was let through is looked at by somebody else, who writes down what they found', async () => {
    const other = checklist
      .replace('service: checkout', 'service: search')
      .replace('name: key-rotation', 'name: never-done')
    const release = await team.start(other, { version: '3.0.0', by: 'ana' })
    const step = 'before/keys-were-rotated'
    const reason = `everybody sleeps ${ATTACK}`
    const waived = await holdpoint('ana', 'release', 'waive', release, step, '--reason', reason, '--role', 'approver')
    expect(waived.err).toBe('')
    await ana.goto(`${address()}/records/reviews`)
    await ana.getByText('You let this through: somebody else looks at it.').waitFor()
    await ben.goto(`${address()}/records/reviews`)
    await ben.getByRole('button', { name: /^Close the review/ }).click()
    await ben.getByRole('button', { name: 'Close it' }).click()
    await ben.getByRole('alert').getByText('“What you looked at and found” is needed.').waitFor()
    await ben.getByLabel('What you looked at and found').fill('the graphs of that night are fine')
    expect(await troublesOn(ben)).toEqual([])
    await ben.getByRole('button', { name: 'Close it' }).click()
    await ben.getByText('Everything that was let through has been looked at.').waitFor()
    await ben.getByText('1 looked at').click()
    await ben.getByText('the graphs of that night are fine').waitFor()
    expect(await ben.evaluate('window.ran')).toBeUndefined()
  })

  test.each(['light', 'dark'] as const)('axe finds nothing on these pages in the %s theme', async (colorScheme) => {
    await ana.emulateMedia({ colorScheme })
    for (const width of [1440, 360]) {
      await ana.setViewportSize({ width, height: 800 })
      for (const [at, shown] of [
        ['', '.ledger-row'],
        ['/calendar', '.calendar table'],
        ['/of/shop/key-rotation', '.took-chart'],
        ['/drills', '.records-table'],
        ['/reviews', '.reviews'],
      ] as const) {
        await ana.goto(`${address()}/records${at}`)
        await ana.locator(shown).first().waitFor({ state: 'attached' })
        expect([at, await troublesOn(ana)]).toEqual([at, []])
        expect([at, await widthTooMuch(ana)]).toEqual([at, 0])
      }
      await ana.getByRole('button', { name: 'Add a record' }).click()
      expect(await troublesOn(ana)).toEqual([])
      await ana.keyboard.press('Escape')
    }
  })
})

/** Every decision about a step in real Chromium, by two people at once: what it takes, what it becomes, and what a late click is told. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { troublesOf } from '../support/axe.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

/** `flag` = a file that makes the flaky check pass. */
const checklist = (flag: string): string =>
  [
    '---',
    'holdpoint: 1',
    'service: checkout',
    'roles: { release-engineer: [ana, ben], approver: [ana, ben] }',
    '---',
    '# Checkout',
    '',
    '## Prepare',
    '',
    '- [ ] The database is migrated',
    '  ```sh run probe="exit 2"',
    '  true',
    '  ```',
    '  ```sh undo',
    '  true',
    '  ```',
    '- [ ] The flaky check passes',
    '  ```sh check',
    `  test -f '${flag}'`,
    '  ```',
    '- [ ] The partner has tested',
    '  ```sh check',
    '  exit 3',
    '  ```',
    '- [ ] The banner is up',
    '- [ ] Screenshots are attached',
    '  ```yaml answer',
    '  evidence: required',
    '  ```',
    '- [ ] The numbers are known',
    '  ```yaml fields',
    '  error_rate: { label: "Error rate", type: percent, limit: "< 1%" }',
    '  region: { label: "Region", type: choice, options: [eu, us] }',
    '  ```',
    '- [ ] Notes are written',
    '  ```yaml answer',
    '  options: [yes, not yet, never]',
    '  ```',
    '- [ ] Somebody else looks',
    '',
    '## Drop',
    '',
    '- [ ] The old table is dropped',
    '  ```sh run danger irreversible="the data is gone"',
    '  true',
    '  ```',
    '',
  ].join('\n')

describe.skipIf(!hasChromium())('decisions in the browser', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  let ben: Page
  let release = ''
  let flag = ''
  const address = () => team.server.address
  const step = (page: Page, words: string): Locator => page.locator('[data-step]', { hasText: words })
  const word = (page: Page, words: string, state: string) =>
    step(page, words).locator('.margin-state .word', { hasText: state }).first().waitFor()
  const more = async (page: Page, words: string, offer: string) => {
    await step(page, words)
      .getByRole('button', { name: /More about/ })
      .click()
    await page.getByRole('dialog').getByRole('button', { name: offer, exact: true }).click()
  }

  /** A decision goes back to the drawer that it came from. */
  const closeAll = (page: Page) =>
    vi.waitFor(async () => {
      await page.keyboard.press('Escape')
      expect(await page.getByRole('dialog').count()).toBe(0)
    }, 10_000)

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    await team.add('cleo', ['approver'])
    flag = join(team.server.folder, 'flag')
    release = await team.start(checklist(flag))
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1440, height: 900 } })
    ben = await windows.signedIn(address(), 'ben', { viewport: { width: 360, height: 740 } })
    for (const page of [ana, ben]) await page.goto(`${address()}/releases/${release}`)
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('an unknown result is settled by whoever looked, with how they know it', async () => {
    await word(ana, 'The database is migrated', 'unknown')
    await step(ana, 'The database is migrated').getByRole('button', { name: 'Settle' }).click()
    await ana.getByRole('dialog').getByRole('button', { name: 'Settle' }).click()
    await ana.getByText('“How do you know” is needed.').waitFor()
    await ana.getByRole('radio', { name: 'it took effect' }).check()
    await ana.getByLabel('How do you know').fill('the new column is there')
    await ana.getByRole('dialog').getByRole('button', { name: 'Settle' }).click()
    await word(ben, 'The database is migrated', 'passed')
  })

  test('a failed check is tried again, and passes once the world is as it should be', async () => {
    await word(ana, 'The flaky check passes', 'failed')
    writeFileSync(flag, '')
    expect(existsSync(flag)).toBe(true)
    await step(ana, 'The flaky check passes').getByRole('button', { name: 'Retry' }).click()
    await ana.getByRole('button', { name: 'Try again' }).click()
    await word(ben, 'The flaky check passes', 'passed')
  })

  test('a waiver takes reason, role and expiry, and an expiry in the past is refused beside what was written', async () => {
    await word(ana, 'The partner has tested', 'failed')
    await more(ana, 'The partner has tested', 'Waive')
    await ana.getByLabel('Reason').fill('they test on Monday')
    await ana.getByRole('radio', { name: 'release-engineer' }).check()
    await ana.getByLabel('Expires').fill('2020-01-01T10:00')
    await ana.getByRole('button', { name: 'Waive it' }).click()
    await ana.getByRole('alert').getByText('already have expired').waitFor()
    expect(await ana.getByLabel('Reason').inputValue()).toBe('they test on Monday')
    await ana.getByLabel('Expires').fill('2099-01-01T10:00')
    await ana.getByRole('button', { name: 'Waive it' }).click()
    await word(ben, 'The partner has tested', 'waived')
    const said = await step(ben, 'The partner has tested').locator('.say').innerText()
    expect(said).toMatch(/waived by ana \(release-engineer\) until 20(98|99)-\d\d-\d\d: they test on Monday/)
  })

  test('what does not apply is marked with a reason, and the reason stands in the margin', async () => {
    await more(ana, 'The banner is up', 'Not applicable')
    await ana.getByLabel('Reason').fill('no downtime this time')
    await ana.getByRole('button', { name: 'Mark as not applicable' }).click()
    await word(ben, 'The banner is up', 'not applicable')
    await step(ben, 'The banner is up').getByText('no downtime this time').waitFor()
  })

  test('files that are let go over a step become evidence of its answer; other steps say that they take none', async () => {
    await ana.evaluate(dropping('The banner is up', 'note.txt'))
    await ana.getByText('This step takes no file now: it is not applicable.').waitFor()
    await ana.keyboard.press('Escape')
    await ana.evaluate(dropping('Screenshots are attached', 'before <img src=x>.txt'))
    await ana.getByRole('dialog').getByText('before <img src=x>.txt').waitFor()
    const chooser = ana.waitForEvent('filechooser')
    await ana
      .getByRole('dialog')
      .getByLabel(/^Evidence/)
      .click()
    await (await chooser).setFiles({ name: 'after.txt', mimeType: 'text/plain', buffer: Buffer.from('after') })
    await ana.getByRole('dialog').getByText('after.txt').waitFor()
    await ana.evaluate(PASTE)
    await ana
      .getByRole('dialog')
      .getByText(/^picture-/)
      .waitFor()
    await ana.getByRole('dialog').getByRole('button', { name: 'Answer' }).click()
    await word(ben, 'Screenshots are attached', 'passed')
    await step(ben, 'Screenshots are attached').getByText('3 files').waitFor()
  })

  test('a picture pasted while a step has the focus becomes evidence of its answer', async () => {
    await step(ana, 'Notes are written').focus()
    await ana.evaluate(PASTE.replace("'dialog textarea'", "':focus'"))
    await ana
      .getByRole('dialog')
      .getByText(/^picture-/)
      .waitFor()
    await ana.getByRole('button', { name: /^Take picture-/ }).click()
    await ana.getByRole('button', { name: 'Cancel' }).click()
    await ana.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('a field outside its limit is told beside it; a choice and a number in their limits are taken', async () => {
    await step(ana, 'The numbers are known').getByRole('button', { name: 'Fill in' }).click()
    await ana.getByLabel('Error rate').fill('3%')
    await ana.getByRole('radio', { name: 'us' }).check()
    await ana.getByRole('button', { name: 'Save' }).click()
    await ana.getByRole('alert').getByText('expected < 1%').waitFor()
    await ana.getByLabel('Error rate').fill('0.3%')
    await ana.getByRole('button', { name: 'Save' }).click()
    await word(ben, 'The numbers are known', 'passed')
  })

  test('@ offers who sees the release, by keys; it is shown as a mention and kept as text', async () => {
    await ana.locator('.bar-acts').getByRole('button', { name: 'Note' }).click()
    const note = ana.getByRole('textbox', { name: 'Note' })
    await note.pressSequentially('please look, @c')
    await ana.getByRole('option', { name: /@cleo/ }).waitFor()
    expect(await troublesOf(ana)).toEqual([])
    await note.press('Escape')
    await ana.getByRole('option').first().waitFor({ state: 'detached' })
    await ana.getByRole('dialog').waitFor()
    await note.press('Backspace')
    await note.pressSequentially('cl')
    await ana.getByRole('option', { name: /@cleo/ }).waitFor()
    await note.press('Enter')
    await expect.poll(() => note.inputValue()).toBe('please look, @cleo ')
    await note.pressSequentially('and @nobody')
    await ana.getByRole('button', { name: 'Add the note' }).click()
    await ana.getByRole('dialog').waitFor({ state: 'detached' })
    await ben.getByRole('button', { name: /^Timeline/ }).click()
    await ben.locator('.timeline .mention', { hasText: '@cleo' }).waitFor()
    const said = await ben.locator('.timeline li', { hasText: 'please look' }).locator('.say').innerText()
    expect(said).toContain('please look, @cleo and @nobody')
    expect(await ben.locator('.timeline .mention').count()).toBe(1)
    await ben.getByRole('button', { name: 'Checklist', exact: true }).click()
  })

  test('what was written survives a reload and a lost server; Cancel throws it away', async () => {
    await more(ana, 'Somebody else looks', 'Note')
    await ana.getByRole('textbox', { name: 'Note' }).fill('half a thought')
    await ana.reload()
    await more(ana, 'Somebody else looks', 'Note')
    const note = ana.getByRole('textbox', { name: 'Note' })
    expect(await note.inputValue()).toBe('half a thought')
    await ana.context().setOffline(true)
    await note.fill('a whole thought')
    await ana.getByRole('button', { name: 'Add the note' }).click()
    await ana.getByRole('alert').getByText('cannot be reached').waitFor()
    await ana.context().setOffline(false)
    await ana.getByRole('button', { name: 'Add the note' }).click()
    await ana.getByRole('dialog').waitFor({ state: 'detached' })
    await more(ana, 'Somebody else looks', 'Note')
    expect(await note.inputValue()).toBe('')
    await note.fill('not this one')
    await ana.getByRole('button', { name: 'Cancel' }).click()
    await closeAll(ana)
    await more(ana, 'Somebody else looks', 'Note')
    expect(await note.inputValue()).toBe('')
    await closeAll(ana)
  })

  test('a step is given to somebody by name, whom everybody sees then', async () => {
    await more(ana, 'Somebody else looks', 'Assign')
    await ana.getByRole('combobox', { name: 'To' }).fill('ben')
    await ana.getByRole('button', { name: 'Assign', exact: true }).click()
    await step(ben, 'Somebody else looks').locator('.margin-state', { hasText: 'ben' }).waitFor()
  })

  test('a late answer is refused and tells what changed, and goes through after a second look', async () => {
    await step(ana, 'Notes are written').getByRole('button', { name: 'not yet' }).click()
    await step(ben, 'Notes are written').getByRole('button', { name: 'never' }).click()
    await ben.getByRole('textbox', { name: 'Note' }).fill('we have none')
    await ben.getByRole('button', { name: 'Answer “never”' }).click()
    await word(ben, 'Notes are written', 'failed')
    await ana.getByRole('button', { name: 'Answer “not yet”' }).click()
    await ana.getByRole('alert').getByText('ben answered never').waitFor()
    await ana.getByRole('alert').getByText('we have none').waitFor()
    await ana.getByRole('button', { name: 'I have seen this' }).click()
    await ana.getByRole('button', { name: 'Answer “not yet”' }).click()
    await ana.getByRole('dialog').waitFor({ state: 'detached' })
    await step(ben, 'Notes are written').getByText('ana answered not yet').waitFor()
    await step(ben, 'Notes are written').getByRole('button', { name: 'yes', exact: true }).click()
    await ben.getByRole('button', { name: 'Answer “yes”' }).click()
    await word(ana, 'Notes are written', 'passed')
    await step(ben, 'Somebody else looks').getByRole('button', { name: 'passed', exact: true }).click()
    await ben.getByRole('button', { name: 'Answer “passed”' }).click()
    await word(ana, 'Somebody else looks', 'passed')
  })

  test('a dangerous action takes two people who each type its name', async () => {
    await step(ana, 'The old table is dropped').getByRole('button', { name: 'Confirm' }).click()
    await ana.getByLabel(/^Type /).fill('yes')
    await ana.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
    await ana.getByRole('alert').getByText('type its id').waitFor()
    for (const page of [ana, ben]) {
      if (page === ben) await step(ben, 'The old table is dropped').getByRole('button', { name: 'Confirm' }).click()
      await page.getByLabel(/^Type /).fill('drop/the-old-table-is-dropped')
      await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await word(ana, 'The old table is dropped', 'passed')
  })
})

/** A file let go over a step, as from the desktop. */
function dropping(words: string, name: string): string {
  return `{
    const place = [...document.querySelectorAll('[data-step]')].find((one) => one.textContent.includes(${JSON.stringify(words)}))
    const data = new DataTransfer()
    data.items.add(new File(['what it says'], ${JSON.stringify(name)}, { type: 'text/plain' }))
    place.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
  }`
}

/** A picture of one pixel in the clipboard, as a screenshot would be. */
const PASTE = `{
  const bytes = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), (char) => char.charCodeAt(0))
  const data = new DataTransfer()
  data.items.add(new File([bytes], 'image.png', { type: 'image/png' }))
  document.querySelector('dialog textarea').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
}`

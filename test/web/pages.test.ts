/** The pages in real Chromium over a real server: coming in, deciding, seeing what others decide, and nothing that runs. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openWindows, PASSWORD, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const ATTACK = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'

const checklist = [
  '---',
  'holdpoint: 1',
  'service: checkout',
  'roles: { approver: [ana, ben] }',
  'environments: { staging: {} }',
  '---',
  `# Checkout ${ATTACK}`,
  '',
  `[click](javascript:window.ran=1) [fine](https://example.com) ![pixel](https://example.com/x.png) ${ATTACK}`,
  '',
  '## Before',
  '',
  `- [ ] The output says little ${ATTACK}`,
  '  ```sh check',
  `  printf '\\033[31mred\\033[0m <script>window.ran=1</script>\\n'`,
  '  ```',
  '- [ ] Notes are written',
  '  ```yaml answer',
  '  options: [yes, not yet]',
  '  ```',
  '- [ ] The numbers are known',
  '  ```yaml fields',
  '  error_rate: { label: "Error rate", type: percent, limit: "< 1%" }',
  '  ```',
  '- [ ] The tests passed',
  '  ```sh check',
  '  exit 3',
  '  ```',
  '- [ ] A screenshot shows it',
  '  ```yaml answer',
  '  evidence: required',
  '  ```',
  '',
  '## Signatures',
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

describe.skipIf(!hasChromium())('the pages', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  let ben: Page
  let release = ''
  const address = () => team.server.address
  const step = (page: Page, words: string) => page.locator('[data-step]', { hasText: words })

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    release = await team.start(checklist)
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1440, height: 900 } })
    ben = await windows.signedIn(address(), 'ben', { viewport: { width: 360, height: 740 } })
  })
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('a wrong password is refused in words, and what was written stays', async () => {
    const page = await (await windows.open()).newPage()
    await page.goto(address())
    await page.getByLabel('Name').fill('ana')
    await page.getByLabel('Password').fill('not this one')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('do not belong together').waitFor()
    expect(await page.getByLabel('Name').inputValue()).toBe('ana')
    await page.context().close()
  })

  test('an invitation opens in the browser, and its key leaves the address at once', async () => {
    const added = await team.server.holdpoint(team.server.person('root'), [
      'people',
      'add',
      'cleo',
      '--at',
      'acme/shop',
    ])
    const link = /holdpoint login '([^']+)'/.exec(added.out)?.[1] ?? ''
    const page = await (await windows.open()).newPage()
    await page.goto(link)
    await page.getByLabel('Password').waitFor()
    expect(page.url()).toBe(`${address()}/welcome`)
    await page.getByLabel('Password').fill(`cleo's ${PASSWORD}`)
    await page.getByRole('button', { name: 'Come in' }).click()
    await page.getByRole('heading', { name: 'Releases' }).waitFor()
    expect(page.url()).toBe(`${address()}/`)
    await page.context().close()
  })

  test('the board shows what needs the viewer first, and opens it by keys alone', async () => {
    await ana.goto(address())
    await ana.getByRole('heading', { name: /^Needs you/ }).waitFor()
    await ana.keyboard.press('j')
    await ana.locator('.row.is-chosen').waitFor()
    await ana.keyboard.press('Enter')
    await ana.getByRole('heading', { name: /^checkout 1\.2\.3/ }).waitFor()
    expect(ana.url()).toBe(`${address()}/releases/${release}`)
  })

  test('the document is there with its state, and nothing that strangers wrote runs', async () => {
    await step(ana, 'The output says little').locator('.word', { hasText: 'passed' }).waitFor()
    expect(await ana.locator('.document').innerText()).toContain('<script>window.ran=1</script>')
    expect(
      await ana.locator('.document a').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
    ).toEqual(['https://example.com', 'https://example.com/x.png'])
    await step(ana, 'The output says little').hover()
    await step(ana, 'The output says little')
      .getByRole('button', { name: /More about/ })
      .click()
    const shown = ana.getByRole('dialog').locator('pre', { hasText: 'red' })
    expect(await shown.innerText()).toContain('^[[31mred^[[0m <script>')
    await ana.keyboard.press('Escape')
    expect(await ana.evaluate('window.ran')).toBeUndefined()
  })

  test('what one person decides is on the screen of another at once', async () => {
    await ben.goto(`${address()}/releases/${release}`)
    await step(ben, 'Notes are written').getByRole('button', { name: 'yes', exact: true }).waitFor()
    await step(ana, 'Notes are written').getByRole('button', { name: 'yes', exact: true }).click()
    await ana.getByRole('textbox', { name: 'Note' }).fill('written by both')
    await ana.getByRole('button', { name: 'Answer “yes”' }).click()
    await step(ben, 'Notes are written').locator('.word', { hasText: 'passed' }).waitFor({ timeout: 5_000 })
    expect(await step(ben, 'Notes are written').innerText()).toContain('written by both')
  })

  test('a number outside its limit is refused with the limit, and taken once it is right', async () => {
    await step(ana, 'The numbers are known').getByRole('button', { name: 'Fill in' }).click()
    await ana.getByLabel('Error rate').fill('4%')
    await ana.getByRole('button', { name: 'Save' }).click()
    await ana.getByRole('alert').getByText('expected < 1%').waitFor()
    await ana.getByLabel('Error rate').fill('0.4%')
    await ana.getByRole('button', { name: 'Save' }).click()
    await step(ana, 'The numbers are known').locator('.word', { hasText: 'passed' }).waitFor()
  })

  test('a pasted picture is evidence, and is seen by the other one', async () => {
    await step(ana, 'A screenshot shows it').getByRole('button', { name: 'passed', exact: true }).click()
    await ana.getByRole('button', { name: 'Answer “passed”' }).click()
    await ana.getByText('needs evidence').waitFor()
    await ana.evaluate(PASTE)
    await ana.getByText(/^picture-/).waitFor()
    await ana.getByRole('button', { name: 'Answer “passed”' }).click()
    await step(ben, 'A screenshot shows it')
      .getByRole('button', { name: /More about/ })
      .click()
    await ben.getByRole('dialog').locator('img').waitFor()
    await ben.keyboard.press('Escape')
  })

  test('a waiver takes a reason and a role, and says so in the margin', async () => {
    await step(ana, 'The tests passed')
      .getByRole('button', { name: /More about/ })
      .click()
    await ana.getByRole('dialog').getByRole('button', { name: 'Waive' }).click()
    await ana.getByRole('button', { name: 'Waive it' }).click()
    await ana.getByText('“Reason” is needed.').waitFor()
    await ana.getByLabel('Reason').fill('the machine that tests is down; tested by hand')
    await ana.getByRole('button', { name: 'Waive it' }).click()
    await step(ben, 'The tests passed').locator('.word', { hasText: 'waived' }).waitFor()
  })

  test('who may not sign is told why; who may sees exactly what is signed', async () => {
    await step(ana, 'Somebody else wants it').getByRole('button', { name: 'Sign', exact: true }).click()
    await ana.getByRole('dialog').getByRole('button', { name: 'Sign', exact: true }).click()
    await ana
      .getByRole('alert')
      .getByText(/started/)
      .waitFor()
    await ana.keyboard.press('Escape')
    await step(ben, 'Somebody else wants it').getByRole('button', { name: 'Sign', exact: true }).click()
    expect(await ben.getByRole('dialog').locator('.signed').innerText()).toMatch(/[0-9a-f]{64}/)
    await ben.getByRole('dialog').getByRole('button', { name: 'Sign', exact: true }).click()
    await step(ana, 'It is shipped').locator('.word', { hasText: 'passed' }).waitFor()
  })

  test('a click on what has changed meanwhile is refused and tells what changed', async () => {
    await step(ana, 'Somebody looked at it').getByRole('button', { name: 'passed', exact: true }).click()
    await step(ben, 'Somebody looked at it').getByRole('button', { name: 'failed', exact: true }).click()
    await ben.getByRole('button', { name: 'Answer “failed”' }).click()
    await step(ben, 'Somebody looked at it').locator('.word', { hasText: 'failed' }).waitFor()
    await ana.getByRole('button', { name: 'Answer “passed”' }).click()
    await ana.getByRole('alert').getByText('ben answered failed').waitFor()
    await ana.getByRole('button', { name: 'I have seen this' }).click()
    await ana.getByRole('button', { name: 'Answer “passed”' }).click()
    await ana.getByRole('dialog').waitFor({ state: 'detached' })
    await step(ben, 'Somebody looked at it').locator('.word', { hasText: 'passed' }).waitFor()
  })

  test('a lost server is told quietly, nothing is lost, and the page comes back by itself', async () => {
    const other = await team.start(checklist.replace('service: checkout', 'service: search'))
    await ana.goto(`${address()}/releases/${other}`)
    await step(ana, 'Notes are written').waitFor()
    await ana.context().setOffline(true)
    await ana.locator('.lost-bar p', { hasText: /Reconnecting.*ago/ }).waitFor()
    const decided = await team.server.holdpoint(team.server.person('ben'), [
      'release',
      'answer',
      other,
      'before/notes-are-written',
      'yes',
    ])
    expect(decided.err).toBe('')
    await ana.context().setOffline(false)
    await step(ana, 'Notes are written').locator('.word', { hasText: 'passed' }).waitFor()
    await ana.locator('.lost-bar p').waitFor({ state: 'detached' })
    expect(await ana.locator('.bar.is-old').count()).toBe(0)
  })

  test.each(['light', 'dark'] as const)('axe finds nothing on any page in the %s theme', async (colorScheme) => {
    const open = await team.start(checklist.replace('service: checkout', `service: ${colorScheme}`))
    for (const width of [1440, 360]) {
      await ana.emulateMedia({ colorScheme })
      await ana.setViewportSize({ width, height: 800 })
      await ana.goto(address())
      await ana.getByRole('heading', { name: 'Releases' }).waitFor()
      await ana.locator('.row').first().waitFor()
      expect(await troubles(ana)).toEqual([])
      await ana.goto(`${address()}/releases/${open}`)
      await step(ana, 'Notes are written').getByRole('button', { name: 'yes', exact: true }).waitFor()
      expect(await troubles(ana)).toEqual([])
      expect(await ana.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0)
      await step(ana, 'Notes are written').getByRole('button', { name: 'yes', exact: true }).click()
      expect(await troubles(ana)).toEqual([])
      await ana.keyboard.press('Escape')
      await ana.keyboard.press('?')
      await ana.getByRole('dialog', { name: 'Keys' }).waitFor()
      expect(await troubles(ana)).toEqual([])
      await ana.keyboard.press('Escape')
      await ana.getByRole('button', { name: /^Timeline/ }).click()
      expect(await troubles(ana)).toEqual([])
    }
    const stranger = await (await windows.open({ colorScheme })).newPage()
    for (const path of ['/sign-in', '/setup#hpx_x', '/welcome#hpi_x']) {
      await stranger.goto(`${address()}${path}`)
      await stranger.getByLabel('Password').waitFor()
      expect(await troubles(stranger)).toEqual([])
    }
    await stranger.context().close()
  })
})

/** A picture of one pixel in the clipboard, as a screenshot would be. */
const PASTE = `
  const bytes = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), (char) => char.charCodeAt(0))
  const data = new DataTransfer()
  data.items.add(new File([bytes], 'image.png', { type: 'image/png' }))
  document.querySelector('dialog textarea').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
`

async function troubles(page: Page): Promise<readonly string[]> {
  // Run as the test's own code: the policy of the pages holds for what pages bring.
  const found = (await page.evaluate(`${axe}; axe.run(document, { resultTypes: ['violations'] })`)) as {
    violations: readonly { id: string; nodes: readonly { html: string; failureSummary: string }[] }[]
  }
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  )
}

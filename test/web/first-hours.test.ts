/** The first hours of a new team in a browser: pages without anything on them yet, forms sent too early, addresses mistyped. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const PHONE = { viewport: { width: 360, height: 740 } } as const
const HALF = `---
holdpoint: 1
service: shop
environments: [staging]
colour: blue
---
# Shop
## Before
- [ ] Somebody read the changes
`
const SIGNED = `---
holdpoint: 1
service: shop
environments: [staging]
---
# The whole shop
## Before
- [ ] The report is attached
  \`\`\`yaml answer
  evidence: required
  \`\`\`
- [ ] Somebody else agrees
  \`\`\`yaml approve
  role: approver
  \`\`\`
`

async function isAsWideAsTheScreen(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth <= window.innerWidth')
}

describe.skipIf(!hasChromium())('the first hours of a team', () => {
  let team: WebTeam
  let windows: Windows
  let root: Page
  let ana: Page

  beforeAll(async () => {
    windows = await openWindows()
    team = await startWebTeam()
    root = await windows.signedIn(team.server.address, 'root')
    ana = await windows.signedIn(team.server.address, 'ana')
  }, 180_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test.each(['/records', '/records/drills', '/records/reviews', '/checklists', '/start', '/'])(
    '%s without anything on it teaches on a phone too, also as the first page that is opened',
    async (path) => {
      const phone = await windows.signedIn(team.server.address, 'ana', PHONE)
      await phone.goto(`${team.server.address}${path}`)
      await phone.locator('.teach, .pick .hint').first().waitFor()
      expect(await isAsWideAsTheScreen(phone)).toBe(true)
      await phone.context().close()
    },
    60_000,
  )

  test('the empty list of releases leads on: to the import, to the start, and whoever manages people to them', async () => {
    const teach = root.locator('.teach')
    await teach.getByRole('link', { name: 'add the people of your team' }).waitFor()
    await ana.locator('.teach').getByRole('link', { name: 'start a release' }).waitFor()
    expect(await ana.getByRole('link', { name: 'add the people' }).count()).toBe(0)
    await ana.locator('.teach').getByRole('link', { name: 'import it' }).click()
    await ana.getByRole('heading', { name: 'Import a checklist' }).waitFor()
  })

  test('an address where nothing is says so on a page; a program is told as before', async () => {
    const answer = await root.goto(`${team.server.address}/relases`)
    expect(answer?.status()).toBe(404)
    await root.getByRole('heading', { name: 'Nothing is at this address' }).waitFor()
    const program = await fetch(`${team.server.address}/relases`)
    expect([program.status, program.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  })

  test('a form sent too early names the field by its own label, and the focus is there', async () => {
    await root.goto(`${team.server.address}/settings/people`)
    await root.getByRole('button', { name: 'Add a person' }).click()
    await root.getByRole('button', { name: 'Add', exact: true }).click()
    await root.getByRole('alert').getByText('“Name to sign in with” is needed.').waitFor()
    expect(await root.evaluate('document.activeElement.id')).toBe(
      await root.getByLabel('Name to sign in with').getAttribute('id'),
    )
  })

  test('what was pasted and cannot run yet is still there to be mended', async () => {
    await ana.goto(`${team.server.address}/start`)
    await ana.getByLabel('Or paste its text').fill(HALF)
    await ana.getByRole('button', { name: 'Look at it' }).click()
    await ana.getByRole('heading', { name: 'cannot run yet' }).waitFor()
    await ana.getByRole('button', { name: 'Another checklist' }).click()
    expect(await ana.getByLabel('Or paste its text').inputValue()).toBe(HALF)
  })

  test('a missing piece of evidence is not told of any more once it is there; paper holds the document, whatever is shown', async () => {
    const release = await team.start(SIGNED)
    await ana.goto(`${team.server.address}/releases/${release}`)
    const step = ana.locator('[data-step]', { hasText: 'The report is attached' })
    await step.getByRole('button', { name: 'passed' }).click()
    await ana.getByRole('button', { name: 'Answer “passed”' }).click()
    await ana.getByText('This step needs evidence').waitFor()
    await ana
      .locator('dialog input[type=file]')
      .setInputFiles({ name: 'load.txt', mimeType: 'text/plain', buffer: Buffer.from('412 a second') })
    await ana.locator('dialog').getByText('load.txt').waitFor()
    await ana.getByText('This step needs evidence').waitFor({ state: 'detached' })
    await ana.getByRole('button', { name: 'Answer “passed”' }).click()
    await step.getByText('more · 1 file').waitFor()
    await ana
      .locator('[data-step]', { hasText: 'Somebody else agrees' })
      .getByRole('button', { name: 'Sign', exact: true })
      .click()
    await ana.getByText('You started this release: somebody else has to sign it.').waitFor()
    await ana.keyboard.press('Escape')

    await ana.getByRole('button', { name: 'Facts' }).click()
    await ana.locator('[data-step]').first().waitFor({ state: 'detached' })
    await ana.evaluate("dispatchEvent(new Event('beforeprint'))")
    await ana.getByRole('heading', { name: 'The whole shop' }).waitFor()
    await ana.evaluate("dispatchEvent(new Event('afterprint'))")
    await ana.locator('[data-step]').first().waitFor({ state: 'detached' })
  }, 60_000)

  test('who may not read the audit or manage people is told which role does', async () => {
    await ana.goto(`${team.server.address}/audit`)
    await ana.getByText('which the role administrator brings').waitFor()
    await ana.goto(`${team.server.address}/settings/people`)
    await ana.getByText('people.manage, which the role administrator brings').waitFor()
  })
})

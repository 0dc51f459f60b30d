/** Signing on the page made for it, in real Chromium: what is signed, what changed meanwhile, whose no it is, and a fresh sign-in in place. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EvilProvider, evilProvider } from '../../src/api/test-support/evil-provider.ts'
import { troublesOf } from '../support/axe.ts'
import { hasChromium, openWindows, PASSWORD, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const STEP = 'go/both-want-it'

const checklist = [
  '---',
  'holdpoint: 1',
  'service: checkout',
  'roles: { approver: [ana, ben, cleo], lead: [ben, cleo], release-engineer: [ana] }',
  '---',
  '# Checkout',
  '',
  '## Before',
  '',
  '- [ ] Notes are written',
  '- [ ] Load was tested',
  '  ```sh check',
  '  echo "<script>window.ran=1</script>"; exit 3',
  '  ```',
  '',
  '## Go',
  '',
  '- [ ] Both want it',
  '  ```yaml approve',
  '  roles: [approver, lead]',
  '  ```',
  '',
  '## After',
  '',
  '- [ ] Somebody looked at it',
  '',
].join('\n')

describe.skipIf(!hasChromium())('a signature', () => {
  let provider: EvilProvider
  let team: WebTeam
  let windows: Windows
  let phone: BrowserContext
  let ana: Page
  let ben: Page
  let cleo: Page
  let release = ''
  /** By its name: browsers bind no passkey to an address in numbers. */
  const address = () => team.server.address.replace('127.0.0.1', 'localhost')
  const page = (id = release) => `${address()}/releases/${id}/sign/${encodeURIComponent(STEP)}`
  const as = (person: string, args: readonly string[]) => team.server.holdpoint(team.server.person(person), args)
  const passed = async (args: readonly string[], person = 'ana') => {
    const done = await as(person, args)
    expect([done.code, done.err]).toEqual([0, expect.anything()])
  }

  beforeAll(async () => {
    provider = await evilProvider()
    team = await startWebTeam(['--openid-issuer', provider.issuer, '--openid-client', 'holdpoint'])
    windows = await openWindows()
    await team.add('cleo', ['approver'])
    await team.add('vera', [])
    release = await team.start(checklist)
    phone = await windows.open({ viewport: { width: 360, height: 740 } })
    ana = await windows.signedIn(address(), 'ana', { viewport: { width: 1440, height: 900 } })
    cleo = await windows.signedIn(address(), 'cleo', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    ben = await phone.newPage()
    await giveAuthenticator(phone, ben)
    await signInWithPassword(ben, 'ben')
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
    provider?.close()
  })

  test('is not asked for before what it covers is closed, and its page turns by itself', async () => {
    await ben.goto(page())
    await ben.getByText('This is not to be signed yet').waitFor()
    await passed(['release', 'answer', release, 'before/notes-are-written', 'passed', '--note', 'by both of us'])
    await passed([
      'release',
      'waive',
      release,
      'before/load',
      '--role',
      'release-engineer',
      '--reason',
      'no machine <script>window.ran=1</script>',
    ])
    await ben.getByRole('heading', { name: 'You sign for exactly this' }).waitFor()
  })

  test('shows what did not simply pass first, then every line and its digest, and runs nothing', async () => {
    const odd = ben.locator('.sign-steps.is-odd')
    expect(await odd.innerText()).toMatch(/Load was tested waived\s+.*no machine/)
    expect(await ben.locator('.sign-steps').last().innerText()).toMatch(/Notes are written.*\s+.*by both of us/)
    await ben.getByText(/letter by letter/).click()
    const lines = await ben.locator('.sign-lines li').allInnerTexts()
    expect(lines[0]).toMatch(/^plan [0-9a-f]{64}$/)
    expect(lines.slice(1)).toEqual([
      'version 1.2.3',
      'artefact none',
      'before/notes-are-written: answered "passed"',
      'before/load-was-tested: waived',
      'before/load-was-tested waived as release-engineer: no machine <script>window.ran=1</script>',
    ])
    expect(await ben.locator('.sign-what > .hint').innerText()).toMatch(/[0-9a-f]{64}/)
    expect(await ben.evaluate('window.ran')).toBeUndefined()
    expect(await ben.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0)
  })

  test('is not for whoever started the release, who gets the link to send to somebody else', async () => {
    await ana.goto(`${address()}/releases/${release}`)
    await ana
      .locator('[data-step]', { hasText: 'Both want it' })
      .getByRole('button', { name: /More about/ })
      .click()
    await ana.getByRole('link', { name: 'A page to sign on' }).click()
    await ana.getByText('You started this release: somebody else has to sign it.').waitFor()
    expect(await ana.getByRole('button', { name: /^Sign as/ }).count()).toBe(0)
    await ana.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await ana.getByRole('button', { name: 'Copy the link for them' }).click()
    await ana.getByText('Copied').waitFor()
    expect(await ana.evaluate('navigator.clipboard.readText()')).toBe(page())
  })

  test('is refused to whoever does not hold the role, with the role that it takes', async () => {
    const vera = await windows.signedIn(address(), 'vera')
    await vera.goto(page())
    await vera.getByRole('button', { name: /^Sign as/ }).click()
    expect(await vera.getByRole('alert').locator('p').first().innerText()).toMatch(/release\.approve.*approver/)
    await vera.context().close()
  })

  test.each(['light', 'dark'] as const)(
    'axe finds nothing in the %s theme, on a phone and on a desk',
    async (colorScheme) => {
      for (const width of [360, 1440]) {
        await ben.emulateMedia({ colorScheme })
        await ben.setViewportSize({ width, height: 740 })
        expect(await troublesOf(ben)).toEqual([])
        await ben.getByRole('button', { name: 'Reject', exact: true }).click()
        await ben.getByLabel('Why do you reject it?').waitFor()
        expect(await troublesOf(ben)).toEqual([])
        await ben.getByRole('button', { name: 'Not now' }).click()
      }
      await ben.setViewportSize({ width: 360, height: 740 })
    },
  )

  test('is given with a note that survives a reload, and is seen by the next one at once', async () => {
    await cleo.goto(page())
    await cleo.getByText('waits for approver').waitFor()
    await ben.getByRole('radio', { name: 'approver' }).check()
    await ben.getByLabel('Note').fill('looks good on my phone')
    await ben.reload()
    await ben.getByRole('button', { name: 'Sign as approver' }).click()
    await ben.getByText(/You signed this at/).waitFor()
    await cleo.getByRole('region', { name: 'Signatures' }).getByText('ben as approver').waitFor()
    await cleo.getByRole('button', { name: 'Sign as lead' }).waitFor()
  })

  test('what changes while somebody reads is shown line by line, and has to be read before they sign', async () => {
    await amend(checklist.replace('Somebody looked at it', 'Two people looked at it'))
    await cleo.getByText('This changed while you were reading.').waitFor()
    expect(await cleo.locator('.sign-changed').innerText()).toMatch(
      /It was:\s+plan [0-9a-f]{64}\s+It is now:\s+plan [0-9a-f]{64}/,
    )
    expect(await cleo.getByRole('button', { name: /^Sign as/ }).isDisabled()).toBe(true)
    await cleo.getByText(/happened since ben signed/).click()
    await cleo.locator('.sign-since').getByText('The signature of ben on “Both want it” is void').waitFor()
    await cleo.getByRole('button', { name: 'I have read the change' }).click()
    await expect.poll(() => cleo.getByRole('button', { name: /^Sign as/ }).isDisabled()).toBe(false)
  })

  test('is rejected with a reason, asked for again on the page of the release, and then given by both', async () => {
    await cleo.getByRole('button', { name: 'Reject', exact: true }).click()
    await cleo.getByRole('button', { name: 'Reject', exact: true }).click()
    await cleo.getByText('Say why').waitFor()
    await cleo.getByLabel('Why do you reject it?').fill('the error budget is spent')
    await cleo.getByRole('button', { name: 'Reject', exact: true }).click()
    await ben.getByText('cleo rejected it: the error budget is spent').waitFor()
    await ana.goto(`${address()}/releases/${release}`)
    await ana.locator('[data-step]', { hasText: 'Both want it' }).getByRole('button', { name: 'Ask again' }).click()
    await ana.getByRole('button', { name: 'Try again' }).click()
    await ben.getByRole('button', { name: 'I have read the change' }).click()
    await ben.getByRole('radio', { name: 'approver' }).check()
    await ben.getByRole('button', { name: 'Sign as approver' }).click()
    await ana.getByText('1 of 2 signatures (ben)').first().waitFor()
    await cleo.getByRole('button', { name: 'Sign as lead' }).click()
    await ana.getByText('signed by ben (approver), cleo (lead)').first().waitFor()
    await cleo.getByText('Nothing is left to sign here.').waitFor()
  })

  test('in a protected environment takes a fresh sign-in, asked for in place: a passkey, or the password', async () => {
    await passed(['project', 'environment', 'shop', 'staging', '--protected'], 'root')
    await ben.goto(`${address()}/passkeys`)
    await ben.getByLabel('Name of a new one').fill('phone')
    await ben.getByRole('button', { name: 'Add a passkey' }).click()
    await ben.getByRole('button', { name: 'Remove phone' }).waitFor()
    const other = await team.start(simpler('search'))
    await seenYearsAgo(ben, 'ben')
    await ben.goto(page(other))
    await ben.getByLabel('Note').fill('with my thumb')
    await ben.getByRole('button', { name: 'Sign as approver' }).click()
    await ben.getByText('not older than 15 minutes').waitFor()
    expect(await troublesOf(ben)).toEqual([])
    await ben.getByRole('button', { name: 'Use a passkey' }).click()
    await ben.getByText('Nothing is left to sign here.').waitFor()
    const record = await as('ana', ['release', 'show', other])
    expect(record.out).toContain('ben')

    const third = await team.start(simpler('billing'))
    await seenYearsAgo(cleo, 'cleo')
    await cleo.goto(page(third))
    await cleo.getByRole('button', { name: 'Sign as approver' }).click()
    await cleo.getByLabel('Your password').fill('not this one')
    await cleo.getByRole('button', { name: 'Sign in and sign' }).click()
    await cleo.getByText('do not belong together').waitFor()
    await cleo.getByLabel('Your password').fill(PASSWORD)
    await cleo.getByLabel('Your password').press('Enter')
    await cleo.getByText('Nothing is left to sign here.').waitFor()
  }, 90_000)

  test('a passkey of somebody else signs nothing on a page of mine', async () => {
    const other = await team.start(simpler('mail'))
    const context = await windows.open()
    const both = await context.newPage()
    await giveAuthenticator(context, both)
    await signInWithPassword(both, 'ben')
    await both.goto(`${address()}/passkeys`)
    await both.getByLabel('Name of a new one').fill('shared laptop')
    await both.getByRole('button', { name: 'Add a passkey' }).click()
    await both.getByRole('button', { name: 'Remove shared laptop' }).waitFor()
    await seenYearsAgo(both, 'cleo')
    await both.goto(page(other))
    await both.getByRole('button', { name: 'Sign as approver' }).click()
    await both.getByRole('button', { name: 'Use a passkey' }).click()
    await both.getByText('You are ben now, and this page was opened by cleo').waitFor()
    const view = JSON.parse((await as('ana', ['release', 'show', other, '--json'])).out) as { waitsFor: unknown[] }
    expect(JSON.stringify(view.waitsFor)).toContain(STEP)
    await context.close()
  }, 90_000)

  function simpler(service: string): string {
    return checklist
      .replace('service: checkout', `service: ${service}`)
      .replace(/## Before[\s\S]*## Go/, '## Go')
      .replace('[approver, lead]', '[approver]')
      .replace(/## After[\s\S]*$/, '')
  }

  async function amend(text: string): Promise<void> {
    const file = join(team.server.folder, 'amended.md')
    writeFileSync(file, text)
    const args = ['release', 'amend', release, file, '--role', 'release-engineer', '--reason', 'wording', '--yes']
    expect((await as('ana', args)).code).toBe(0)
  }

  async function signInWithPassword(at: Page, person: string): Promise<void> {
    await at.goto(`${address()}/sign-in`)
    await at.getByLabel('Name').fill(person)
    await at.getByLabel('Password').fill(PASSWORD)
    await at.getByRole('button', { name: 'Sign in', exact: true }).click()
    await at.getByRole('heading', { name: 'Releases' }).waitFor()
  }

  /** Comes in by an invitation, through a provider that saw this person years ago and says so. */
  async function seenYearsAgo(at: Page, person: string): Promise<void> {
    const invited = await as('root', ['people', 'invite', person])
    const link = /holdpoint login '([^']+)'/.exec(invited.out)?.[1] ?? ''
    provider.letIn = (there) => {
      const now = Math.floor(Date.now() / 1_000)
      const who = { iss: provider.issuer, aud: 'holdpoint', sub: person, nonce: there.get('nonce') }
      provider.answer = { idToken: provider.sign({ ...who, iat: now, exp: now + 60, auth_time: 1_700_000_000 }) }
      const query = new URLSearchParams({ code: 'c', state: there.get('state') ?? '', iss: provider.issuer })
      return `${there.get('redirect_uri')}?${query.toString()}`
    }
    await at.context().clearCookies()
    await at.goto(link.replace('127.0.0.1', 'localhost'))
    await at.getByRole('button', { name: /^Use 127\.0\.0\.1:\d+ instead/ }).click()
    await at.waitForURL((url) => url.pathname === '/')
    await at.getByRole('heading', { name: 'Releases' }).waitFor()
  }
})

async function giveAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const browser = await context.newCDPSession(page)
  await browser.send('WebAuthn.enable')
  await browser.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

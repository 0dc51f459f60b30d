/** What people read before they start or sign: who is on call, what was let pass again and again, and who need not sign. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOn, widthTooMuch } from '../support/look-at-page.ts'
import { type OnCallServer, readKey, startOnCallServer } from '../support/pagerduty-oncall.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const listOf = (url: string) => `---
holdpoint: 1
service: checkout
environments: { staging: {} }
inputs:
  security_change: { type: boolean, default: false }
  terms_change: { type: boolean, default: true }
secrets: { PAGER_TOKEN: env }
roster:
  kind: pagerduty
  url: ${url}
  escalation-policy: PPOLICY
  token: "{{ secret.PAGER_TOKEN }}"
  people: { PUSER01: ana }
roles:
  approver: [ana, ben]
  security-lead: [cy]
  legal: [dora]
  on-call: { from: roster primary }
  manager: { from: roster secondary }
contacts:
  security: { to: security@example.com, verified: 2024-05-01 }
---
# Release of checkout

## Before
1. [ ] The load test passes
2. [ ] Signed
   \`\`\`yaml approve
   roles: [approver, { role: security-lead, when: 'input.security_change' }, { role: legal, when: 'input.terms_change' }]
   \`\`\`
`

const signed = 'before/signed'

describe.skipIf(!hasChromium())('before a start and before a signature', () => {
  let team: WebTeam
  let windows: Windows
  let pager: OnCallServer
  let wide: Page
  let narrow: Page
  let file = ''
  const address = () => team.server.address
  const as = (who: string, ...words: string[]) =>
    team.server.holdpoint(team.server.person(who), words, '', { PAGER_TOKEN: readKey })

  beforeAll(async () => {
    const end = new Date(Date.now() + 3_600_000).toISOString()
    const onCall = { policy: 'PPOLICY', schedule: 'PSCHED1', end }
    pager = await startOnCallServer([
      { ...onCall, user: { id: 'PUSER01', name: 'Ana Ruiz', email: 'ana@old.example' }, level: 1 },
      { ...onCall, user: { id: 'PUSER03', name: '<img src=x onerror=window.ran=1>', email: '' }, level: 2 },
    ])
    team = await startWebTeam([], () => {}, { PAGER_TOKEN: readKey })
    windows = await openWindows()
    const folder = join(team.server.folder, 'registered')
    mkdirSync(folder)
    file = join(folder, 'release.md')
    writeFileSync(file, listOf(pager.url))
    const registered = await as('root', 'checklist', 'register', 'shop/release', file)
    expect(registered.err).toBe('')
    for (const version of ['1.0', '1.1']) await release(version)
    wide = await windows.signedIn(address(), 'ana', { viewport: { width: 1440, height: 900 } })
    narrow = await windows.signedIn(address(), 'ben', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
    pager?.close()
  })

  /** Up to the signature, or with it. */
  async function release(version: string, isWhole = true): Promise<string> {
    const started = await as('ana', 'run', file, '--version', version, '--env', 'staging', '--yes', '--json')
    const id = /"release": ?"([^"]+)"/.exec(started.out)?.[1]
    if (id === undefined) throw new Error(started.err + started.out)
    const reason = 'the rig is broken, see OPS-4711'
    await done('ben', 'release', 'waive', id, 'before/the-load-test-passes', '--role', 'approver', '--reason', reason)
    const why = 'only the layout of the terms changed'
    await done('ben', 'release', 'not-needed', id, signed, '--who', 'legal', '--role', 'approver', '--reason', why)
    if (isWhole) await done('ben', 'release', 'approve', id, signed, '--yes')
    return id
  }

  async function done(who: string, ...words: string[]): Promise<void> {
    const { code, err } = await as(who, ...words)
    expect({ words, code, err }).toMatchObject({ code: 0 })
  }

  /** In light and wide, dark and narrow. */
  async function looksRight(name: string): Promise<void> {
    await shot(wide, `${name}-1440`)
    await shot(narrow, `${name}-360-dark`)
    for (const page of [wide, narrow]) {
      expect(await troublesOn(page)).toEqual([])
      expect(await widthTooMuch(page)).toBe(0)
      expect(await page.evaluate('window.ran')).toBeUndefined()
    }
  }

  test('the form of a start says who is on call by the service, who there is nobody here, and what is let pass each time', async () => {
    for (const page of [wide, narrow]) {
      await page.goto(`${address()}/start`)
      await page.getByRole('button', { name: /checkout release/ }).click()
      await page.getByRole('heading', { name: 'On call now' }).waitFor()
    }
    const told = await wide.getByRole('region', { name: 'What it would do' }).innerText()
    expect(told).toMatch(/primary: ana/)
    expect(told).toContain('secondary: <img src=x onerror=window.ran=1> (PUSER03) is on call there, and nobody here')
    expect(told).toContain('Nobody is on call as secondary')
    expect(told).toContain('The contact security was last verified 2024-05-01')
    expect(told).toContain(`escalation policy PPOLICY at ${new URL(pager.url).host}`)
    const debt = await wide.getByRole('region', { name: 'Let pass again and again' }).innerText()
    expect(debt).toContain('in 2 of the last 2 releases')
    expect(debt).toContain('the rig is broken, see OPS-4711')
    await looksRight('before-start')
  })

  test('the page of the checklist says what is let pass each time', async () => {
    for (const page of [wide, narrow]) {
      await page.goto(`${address()}/checklists/shop/release`)
      await page.getByRole('region', { name: 'Let pass again and again' }).waitFor()
    }
    await looksRight('checklist-debt')
  })

  test('whoever signs reads which roles need not, and who said so or what decided it', async () => {
    const id = await release('1.2', false)
    for (const page of [wide, narrow]) {
      await page.goto(`${address()}/releases/${id}/sign/${encodeURIComponent(signed)}`)
      await page.getByRole('region', { name: 'Signatures' }).waitFor()
    }
    const told = await narrow.getByRole('region', { name: 'Signatures' }).innerText()
    expect(told).toContain('waits for approver')
    expect(told).toMatch(/security-lead need not sign: .*input\.security_change/)
    expect(told).toContain('legal need not sign: ben as approver: only the layout of the terms changed')
    const covered = await narrow.getByRole('region', { name: 'What you sign' }).innerText()
    expect(covered).toContain('the rig is broken, see OPS-4711')
    expect(covered).not.toContain('needs a person')
    await looksRight('sign-not-needed')
  })
})

async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['HOLDPOINT_SHOTS']
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

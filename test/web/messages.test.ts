/** Messages in real Chromium and on the command line: a draft is looked at, changed and let go, a failed one is answered for. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOf } from '../support/axe.ts'
import { widthTooMuch } from '../support/look-at-page.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const checklist = `---
holdpoint: 1
service: checkout
roles: { release-engineer: [ana, ben], approver: [ana, ben] }
channels: { log: { kind: file, path: told.jsonl }, lost: { kind: file, path: ../outside.jsonl }, away: { kind: webhook, url: "http://127.0.0.1:1/" } }
audiences: { users: { channels: [log] } }
---
# Checkout

## Tell

\`\`\`md notify on=release.started to=users preview=approver
**{{ service }} {{ version }}** goes out at {{ started_at }}. <img src=x onerror=alert(1)>
\`\`\`

\`\`\`md notify on=release.started to=lost required
{{ version }} begins. Everything about it: {{ checklist_url }}
\`\`\`

\`\`\`md notify on=release.started to=away
{{ version }} begins.
\`\`\`

- [ ] The shop answers
  \`\`\`sh check
  true
  \`\`\`
- [ ] Somebody has looked
`

describe.skipIf(!hasChromium())('messages of a release', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  let ben: Page
  let release = ''
  const wanted = (page: Page) => page.getByRole('region', { name: 'Messages that want somebody' })
  const holdpoint = async (...words: string[]) => {
    const { out, err, code } = await team.server.holdpoint(team.server.person('ana'), words)
    return { out, err, code }
  }
  const shoot = async (name: string): Promise<void> => {
    const folder = process.env['HOLDPOINT_SHOTS']
    if (!folder) return
    mkdirSync(folder, { recursive: true })
    for (const [page, scheme, width] of [
      [ana, 'light', 1440],
      [ben, 'dark', 360],
    ] as const)
      await page.screenshot({ path: join(folder, `${name}-${width}-${scheme}.png`), fullPage: true })
  }

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    release = await team.start(checklist)
    const address = team.server.address
    ana = await windows.signedIn(address, 'ana', { viewport: { width: 1440, height: 900 } })
    ben = await windows.signedIn(address, 'ben', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    for (const page of [ana, ben]) await page.goto(`${address}/releases/${release}`)
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  test('a required message that failed for good holds the release, and the bar says which and why', async () => {
    await ana
      .getByText(/The required message to lost could not be sent/)
      .first()
      .waitFor()
    await wanted(ana).getByText('2 messages wait for somebody').waitFor()
    await shoot('wanted')
    for (const page of [ana, ben]) {
      expect(await troublesOf(page)).toEqual([])
      expect(await widthTooMuch(page)).toBe(0)
    }
    const listed = await holdpoint('message', 'list', release)
    expect(listed.out).toMatch(/not sent, required {2}to lost/)
    expect(listed.out).toMatch(/waits for a person of role approver {2}to users \(log\)/)
  })

  test('a draft is shown as it will be read, changed by one person and let go by another', async () => {
    const draft = wanted(ana).getByRole('listitem').filter({ hasText: 'users (log)' })
    await draft.getByText('**checkout 1.2.3** goes out at').waitFor()
    await draft.getByRole('button', { name: 'Edit' }).click()
    await ana.getByLabel('Text').fill('Checkout 1.2.3 goes out now.')
    await shoot('edit')
    await ana.getByRole('button', { name: 'Save' }).click()
    const changed = wanted(ben).getByRole('listitem').filter({ hasText: 'changed by ana' })
    await changed.getByText('Checkout 1.2.3 goes out now.').waitFor()
    await changed.getByRole('button', { name: 'Send' }).click()
    await ben.getByRole('button', { name: 'Send it' }).click()
    await wanted(ben).getByText('A message waits for somebody').waitFor()
    await ana.getByRole('button', { name: /^Messages \d/ }).click()
    await ana.getByRole('listitem').filter({ hasText: 'users (log)' }).getByText('sent', { exact: true }).waitFor()
    await shoot('list')
    expect(await troublesOf(ana)).toEqual([])
  })

  test('the release goes on without it only on a reason in a role, and the record keeps both', async () => {
    const failed = wanted(ben).getByRole('listitem').filter({ hasText: 'to lost' })
    expect(await failed.getByRole('button', { name: 'Drop' }).count()).toBe(0)
    const refused = await holdpoint('message', 'drop', release, '2', '--reason', 'no')
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/This message is required/)])
    await failed.getByRole('button', { name: 'Go on without it' }).click()
    await ben.getByRole('radio', { name: 'release-engineer' }).check()
    await ben.getByLabel('Why').fill('the log was moved')
    await ben.getByRole('dialog').getByRole('button', { name: 'Go on without it' }).click()
    await ana.getByRole('button', { name: 'Checklist' }).click()
    await ana.locator('[data-step]', { hasText: 'The shop answers' }).locator('.word', { hasText: 'passed' }).waitFor()
    const shown = await holdpoint('message', 'show', release, '2')
    expect(shown.out).toMatch(/gone on without[^]*by ben[^]*1\.2\.3 begins\. Everything about it: http/)
    expect(shown.out).toContain(`/releases/${release}`)
  })

  test('a message that is being tried again is dropped with a reason, and not before somebody gives one', async () => {
    await ana.getByRole('button', { name: /^Messages \d/ }).click()
    const tried = ana.getByRole('listitem').filter({ hasText: 'to away' })
    await tried.getByRole('button', { name: 'Drop' }).click()
    await ana.getByLabel('Why').fill('the hook has moved')
    await shoot('drop')
    await ana.getByRole('button', { name: 'Drop it' }).click()
    await tried.getByText('dropped', { exact: true }).waitFor()
    await tried.getByText('by ana · the hook has moved').waitFor()
    expect((await holdpoint('message', 'show', release, '3')).out).toMatch(/dropped[^]*the hook has moved · by ana/)
  })

  test('what was sent is what a person wrote', () => {
    const files = readdirSync(team.server.folder, { recursive: true, encoding: 'utf8' })
    const told = files.filter((name) => name.endsWith('told.jsonl')).map((name) => join(team.server.folder, name))
    expect(told.some((file) => existsSync(file))).toBe(true)
    expect(told.map((file) => readFileSync(file, 'utf8')).join('')).toContain('"body":"Checkout 1.2.3 goes out now."')
  })
})

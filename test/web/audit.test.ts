/** The audit in real Chromium over a real server with ten thousand entries: found, taken out, verified, and seen when broken. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const ATTACK = '<img src=x onerror="window.ran=1">'
const MANY = 10_000
const HOUR = 3_600_000

/** As if the server had been there for a year: refusals, and one sign-in long ago. */
async function filled(directory: string): Promise<void> {
  const now = Date.now()
  const store = await openSqliteStore({ directory, now })
  const by = { id: 'eve', kind: 'person', assurance: 'claimed' } as const
  const events = Array.from({ length: MANY }, (_, index) => ({
    at: now - (MANY - index) * HOUR,
    by,
    event:
      index === 20
        ? { kind: 'SignedIn', person: 'long-ago', how: 'password', from: '192.0.2.1' }
        : { kind: 'SignInRefused', person: `eve ${ATTACK}`, why: 'wrong password', from: '198.51.100.9' },
  }))
  await store.append({ streams: [{ stream: 'audit', expectedVersion: 0, events }] })
  await store.close()
}

describe.skipIf(!hasChromium())('the audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-audit-'))
  let team: WebTeam
  let windows: Windows
  let root: Page
  const at = (path: string) => `${team.server.address}${path}`
  const rows = () => root.locator('.audit-row')

  beforeAll(async () => {
    await filled(folder)
    team = await startWebTeam(['--store', folder])
    windows = await openWindows()
    root = await windows.signedIn(team.server.address, 'root', { viewport: { width: 1440, height: 900 } })
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  test('opens with the newest entries in sentences, and draws only what can be seen', async () => {
    await root.keyboard.press('g')
    await root.keyboard.press('a')
    await rows().filter({ hasText: 'root signed in with a password' }).first().waitFor()
    expect(await rows().count()).toBeLessThan(200)
    expect(await root.evaluate('"ran" in window')).toBe(false)
  })

  test('a person is found among ten thousand entries, and what is looked for stands in the address', async () => {
    await root.getByLabel('Person').fill('long-ago')
    await rows().filter({ hasText: 'long-ago signed in' }).waitFor()
    await root.getByText('That is all: 1 entry.').waitFor()
    expect(new URL(root.url()).search).toBe('?by=long-ago')
    await root.reload()
    await root.getByText('That is all: 1 entry.').waitFor()
    await root.getByRole('button', { name: 'Show all' }).click()
    await rows().nth(5).waitFor()
    await root.getByLabel('Person').fill('long-ago')
    await root.getByText('That is all: 1 entry.').waitFor()
    await root.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Audit' }).click()
    await rows().nth(5).waitFor()
    expect(await root.getByLabel('Person').inputValue()).toBe('')
  })

  test('rights are found by action and place, opened by keys, and lead to more like them', async () => {
    await root.goto(at('/audit?stream=access&what=RoleGranted&place=acme/shop'))
    await rows().filter({ hasText: 'ben became approver at acme/shop.' }).waitFor()
    await root.locator('h1').click()
    await root.keyboard.press('j')
    await root.keyboard.press('Enter')
    await root.getByRole('button', { name: 'Only by root' }).click()
    expect(await root.getByLabel('Person').inputValue()).toBe('root')
    await root.getByLabel('From').fill('2001-01-01')
    await root.getByLabel('To', { exact: true }).fill('2001-01-02')
    await root.getByText('Nothing like that is written here.').waitFor()
  })

  test('what is shown is taken out as files; in the one for spreadsheets nothing runs', async () => {
    await root.goto(at('/audit?by=long-ago'))
    await rows().first().waitFor()
    const taking = root.waitForEvent('download')
    await root.getByRole('link', { name: 'CSV' }).click()
    const csv = readFileSync(await (await taking).path(), 'utf8')
    expect(csv.split('\r\n')).toHaveLength(3)
    expect(csv).toContain('"long-ago signed in with a password from 192.0.2.1."')
    const lines = root.waitForEvent('download')
    await root.getByRole('link', { name: 'JSON lines' }).click()
    const [line = ''] = readFileSync(await (await lines).path(), 'utf8').split('\n')
    expect(JSON.parse(line)).toMatchObject({ stream: 'audit', version: 21, event: { person: 'long-ago' } })
  })

  test('the command line shows places as people type them', async () => {
    const { out } = await team.server.holdpoint(team.server.person('root'), ['audit', '--rights', '--json'])
    expect(out).toContain('RoleGranted')
    const table = await team.server.holdpoint(team.server.person('root'), ['audit', '--rights'], '', { COLUMNS: '200' })
    expect(table.out).toContain('place=acme/shop')
    expect(table.out).not.toContain('{"')
  })

  test('who may not read it is not offered it, and told which role brings the right', async () => {
    const ana = await windows.signedIn(team.server.address, 'ana')
    const offered = await ana.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents()
    expect(offered).not.toContain('Audit')
    await ana.goto(at('/audit'))
    await ana.getByText('audit.read, which the role administrator brings').waitFor()
    await ana.context().close()
  })

  test('axe finds nothing, and nothing is cut off at 360 px, in both themes', async () => {
    const page = await windows.signedIn(team.server.address, 'root', {
      viewport: { width: 360, height: 740 },
      bypassCSP: true,
    })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.goto(at('/audit'))
      await page.locator('.audit-row').first().waitFor()
      await page.evaluate(axe)
      expect(await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    }
    await page.context().close()
  }, 60_000)

  test('the log is verified in words; when somebody changed an entry behind the server, it is said where', async () => {
    await root.goto(at('/audit'))
    await root.getByRole('button', { name: 'Verify the log' }).click()
    await root.getByText('All fit.').waitFor()
    await root.getByText('none was changed, taken out or put in between').waitFor()
    await root.keyboard.press('Escape')
    const database = new DatabaseSync(join(folder, 'holdpoint.sqlite'))
    database.exec('PRAGMA busy_timeout = 5000')
    // The store refuses it by itself; whoever has the file can have that taken out too.
    database.exec('DROP TRIGGER events_never_change')
    const changed = database
      .prepare(`UPDATE events SET body = replace(body, 'long-ago', 'not-long') WHERE stream = 'audit' AND version = 21`)
      .run()
    database.close()
    expect(Number(changed.changes)).toBe(1)
    await root.getByRole('button', { name: 'Verify the log' }).click()
    await root.getByText('The log is not what was written.').waitFor()
    await root.getByText('In the audit, entry 21 of the log: version 21 is not what was written').waitFor()
    const { code, out } = await team.server.holdpoint(team.server.person('root'), ['audit', 'verify'])
    expect(code).toBe(1)
    expect(out).toContain('In the audit, entry 21 of the log')
  })
})

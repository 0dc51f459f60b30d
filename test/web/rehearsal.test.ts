/** A rehearsal of the way back in real Chromium: chosen where a release is started, and told with what served and how long each step took. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOf } from '../support/axe.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const shop = (root: string): string => `---
holdpoint: 1
service: shop
environments: { staging: {}, production: { protected: true } }
rollback-within: 10m
---
# Release of shop

## Before
- [ ] The way back was rehearsed
  \`\`\`yaml record only=production
  of: way-back
  max-age: 30d
  \`\`\`

## Deploy
- [ ] Everything runs
  \`\`\`yaml deploy
  components: [api, web]
  deploy: echo "$HOLDPOINT_VERSION" > ${root}/"$HOLDPOINT_COMPONENT"
  serves: cat ${root}/"$HOLDPOINT_COMPONENT"
  healthy: test -s ${root}/"$HOLDPOINT_COMPONENT"
  \`\`\`
`

describe.skipIf(!hasChromium())('a rehearsal of the way back', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  const root = mkdtempSync(join(tmpdir(), 'hp-rehearsal-'))

  beforeAll(async () => {
    for (const name of ['api', 'web']) writeFileSync(join(root, name), '1.0.0\n')
    team = await startWebTeam()
    windows = await openWindows()
    const folder = join(team.server.folder, 'registered')
    mkdirSync(folder)
    writeFileSync(join(folder, 'release.md'), shop(root))
    const register = ['checklist', 'register', 'shop/release', join(folder, 'release.md')]
    expect((await team.server.holdpoint(team.server.person('root'), register)).err).toBe('')
    ana = await windows.signedIn(team.server.address, 'ana', { viewport: { width: 1440, height: 900 } })
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
    rmSync(root, { recursive: true, force: true })
  })

  test('is chosen on the start page, and needs to know which version comes back', async () => {
    await ana.goto(`${team.server.address}/start?checklist=shop/release`)
    await ana.getByLabel('Version', { exact: true }).fill('1.1.0')
    await ana.getByRole('radio', { name: 'staging' }).check()
    await ana.getByRole('radio', { name: 'Rehearse the way back' }).check()
    const start = ana.getByRole('button', { name: 'Rehearse the way back from shop 1.1.0 in staging' })
    await start.click()
    await ana.getByText('Which version serves now?').waitFor()
    expect(await troublesOf(ana)).toEqual([])
    await ana.getByLabel('Version before it').fill('1.0.0')
    await start.click()
    await ana.getByRole('heading', { name: /^shop 1\.1\.0/ }).waitFor()
  })

  test('ends well once it is back, with what served and the time of each step', async () => {
    await ana
      .getByText(/The way back works: 1\.0\.0 again in/)
      .first()
      .waitFor()
    await ana.getByRole('button', { name: 'Facts' }).click()
    const facts = await ana.locator('dl.facts').first().innerText()
    expect(facts).toMatch(/api before\s+1\.0\.0/)
    expect(facts).toMatch(/taken back: web: deployed\s+\S+/)
    expect(readFileSync(join(root, 'web'), 'utf8')).toBe('1.0.0\n')
    expect(await troublesOf(ana)).toEqual([])
    if (process.env['HOLDPOINT_LOOK'])
      await ana.screenshot({ path: join(process.env['HOLDPOINT_LOOK'], 'rehearsed.png') })
  })

  test('stands among the ways back, and opens the gate that asks for it', async () => {
    await ana.goto(`${team.server.address}/records/drills`)
    await ana.getByText('rehearsal of the way back, taken back').waitFor()
    await ana.goto(`${team.server.address}/start?checklist=shop/release`)
    const before = ana.getByRole('region', { name: 'As things stand' })
    await before.getByText(/rollback-rehearsal: observed .* allowed is <= 10m/).waitFor()
    if (process.env['HOLDPOINT_LOOK'])
      await ana.screenshot({ path: join(process.env['HOLDPOINT_LOOK'], 'start.png'), fullPage: true })
  })
})

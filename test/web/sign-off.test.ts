/** Presence, a hand-over and a delegation in the pages: two people in real windows. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const checklist = `---
holdpoint: 1
service: checkout
roles: { approver: [ana, ben], on-call: [ben] }
environments: { staging: {} }
---
# Checkout

## Take over
\`\`\`yaml phase
present: 2
\`\`\`
- [ ] On-call takes over
  \`\`\`yaml handover
  to: on-call
  \`\`\`

## Way back
\`\`\`yaml phase
kind: rollback
\`\`\`
- [ ] Point the balancer at the version before
`

describe.skipIf(!hasChromium())('people in the pages', () => {
  let team: WebTeam
  let windows: Windows
  let ana: Page
  let ben: Page
  let release = ''

  beforeAll(async () => {
    team = await startWebTeam()
    windows = await openWindows()
    release = await team.start(checklist)
    ana = await windows.signedIn(team.server.address, 'ana', { viewport: { width: 1440, height: 900 } })
    ben = await windows.signedIn(team.server.address, 'ben', {
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
    })
  }, 90_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
  })

  const violations = async (page: Page): Promise<readonly string[]> => {
    await page.evaluate(axe)
    return page.evaluate<readonly string[]>('axe.run().then((run) => run.violations.map(({ id }) => id))')
  }

  test('too few people are told in the bar, and two who press that they are here let it go on', async () => {
    for (const page of [ana, ben]) await page.goto(`${team.server.address}/releases/${encodeURIComponent(release)}`)
    await ana.getByText('nobody is, 2 have to say so').first().waitFor()
    await shot(ana, 'presence-1440')
    await isHere(ana)
    await ben.getByText('ana is, 1 more has to say so').first().waitFor()
    await shot(ben, 'presence-360-dark')
    await isHere(ben)
    await ana.getByRole('button', { name: 'Hand over' }).first().waitFor()
    await ana.getByRole('region', { name: 'When' }).getByText('goes on with 2 present: ana, ben').waitFor()
    expect(await violations(ana)).toEqual([])
  })

  test('what is handed over is read with the way back, and taken over by somebody else', async () => {
    await ana.getByRole('button', { name: 'Hand over' }).first().click()
    await ana.getByLabel('Notes').fill('new checkout, watch refunds')
    await ana.getByRole('dialog').getByRole('button', { name: 'Hand over' }).click()
    await ben.getByRole('button', { name: 'Take over' }).first().click()
    const dialog = ben.getByRole('dialog')
    await dialog.getByText('Point the balancer at the version before').waitFor()
    await shot(ben, 'take-over-360-dark')
    expect(await violations(ben)).toEqual([])
    const width = await ben.evaluate<number>('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(360)
    await dialog.getByRole('button', { name: 'Take over' }).click()
    await ana.getByText('taken over by ben').first().waitFor()
  })

  test('a holder lets somebody sign for them under You, and ends it there', async () => {
    await ana.goto(`${team.server.address}/settings`)
    await ana.getByRole('button', { name: 'Let somebody sign for you' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByLabel('Who').fill('ben')
    const day = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 16)
    await dialog.getByLabel('Until').fill(day)
    await dialog.getByLabel('Why').fill('on holiday')
    await dialog.getByRole('button', { name: 'Let them sign' }).click()
    await ana.getByText('for you as').first().waitFor()
    await shot(ana, 'delegations-1440')
    expect(await violations(ana)).toEqual([])
    await ana.getByRole('button', { name: /End it: ben for ana/ }).click()
    await ana.getByRole('dialog').getByLabel('Why').fill('back')
    await ana.getByRole('dialog').getByRole('button', { name: 'End it' }).click()
    await ana.getByText('Nobody stands in for anybody.').waitFor()
  })
})

async function isHere(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'I am here' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'I am here' }).click()
}

async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['HOLDPOINT_SHOTS']
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` })
}

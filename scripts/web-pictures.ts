/**
 * Makes the pictures of the pages in README and docs, from real releases in real Chromium:
 *   node scripts/web-pictures.ts docs/images
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { demoOnTerminal } from '../test/support/demo-on-terminal.ts'
import { openWindows, startWebTeam, type WebTeam, type Windows } from '../test/support/web-team.ts'

const WIDE = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 780 }
const QUALITY = 82
const PATIENCE_MS = 60_000
/** Until there are some numbers to see. */
const SETTLED_MS = 3_000

const people = [
  '## Before',
  '',
  '- [ ] The tests of this build passed',
  '  ```sh check',
  '  echo 412 passed, 0 failed',
  '  ```',
  '- [ ] The change log says what is new',
  '- [ ] A restored backup answers',
  '  ```sh check',
  '  echo restored in 41 s',
  '  ```',
  '',
  '## Signature',
  '',
  '- [ ] Somebody else wants this release',
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
  '',
]

const settles = ['## Ship', '', '- [ ] The caches are warm', '  ```yaml wait', '  for: 25m', '  ```', '']
const fails = ['## Before', '', '- [ ] The disk has room', '  ```sh check', '  echo 97 % full; exit 1', '  ```', '']
const quick = ['## Ship', '', '- [ ] It is shipped', '  ```sh run', '  echo shipped', '  ```', '']

const [folder = 'docs/images'] = process.argv.slice(2)
const windows = await openWindows()
try {
  await pictureTheDemo(windows)
  await pictureATeam(windows)
} finally {
  await windows.end()
}

async function pictureTheDemo(open: Windows): Promise<void> {
  const demo = await demoOnTerminal([])
  try {
    const page = await (await open.open({ viewport: WIDE })).newPage()
    await page.goto(demo.link)
    await page.getByRole('heading', { name: /^shop 1\.9\.0/ }).waitFor()
    const release = page.url()
    await page.locator('.bar .now', { hasText: /^25 %/ }).waitFor({ timeout: PATIENCE_MS })
    await page.locator('[data-step]', { hasText: 'Two engineers' }).evaluate((step) => step.scrollIntoView())
    await page.waitForTimeout(SETTLED_MS)
    await take(page, 'web-release')
    await page.goto(`${release}/rollout`)
    await page.locator('.bar .now', { hasText: /^50 %/ }).waitFor({ timeout: PATIENCE_MS })
    await page.waitForTimeout(SETTLED_MS)
    await take(page, 'web-rollout')
  } finally {
    await demo.interrupt()
    await demo.end()
  }
}

async function pictureATeam(open: Windows): Promise<void> {
  const team = await startWebTeam()
  try {
    for (const [service, lines, version, by] of [
      ['search', quick, '5.0.3', 'ana'],
      ['mail', quick, '2.7.0', 'ben'],
      ['gallery', fails, '1.12.0', 'ben'],
      ['login', settles, '8.1.0', 'ben'],
      ['billing', people, '3.4.1', 'ben'],
      ['checkout', people, '4.2.0', 'ana'],
    ] as const)
      await start(team, service, lines, version, by)
    const ana = await open.signedIn(team.server.address, 'ana', { viewport: WIDE })
    await answerAll(ana, team, 'checkout')
    const ben = await open.signedIn(team.server.address, 'ben', { viewport: WIDE })
    await ben.locator('.row').nth(5).waitFor()
    await ben.mouse.move(0, 0)
    await ben.waitForTimeout(500)
    await take(ben, 'web-board')
    const phone = await open.signedIn(team.server.address, 'ben', {
      viewport: PHONE,
      deviceScaleFactor: 2,
      colorScheme: 'dark',
    })
    await phone.getByRole('link', { name: /checkout/ }).click()
    await phone.getByRole('heading', { name: /^checkout/ }).waitFor()
    const step = await phone.locator('[data-step]', { hasText: 'Somebody else wants' }).getAttribute('data-step')
    await phone.goto(`${phone.url()}/sign/${encodeURIComponent(step ?? '')}`)
    await phone.locator('main').getByRole('button', { name: /^Sign/ }).waitFor()
    await take(phone, 'web-sign-phone')
  } finally {
    await team.end()
  }
}

async function start(
  team: WebTeam,
  service: string,
  lines: readonly string[],
  version: string,
  by: string,
): Promise<void> {
  const head = ['---', 'holdpoint: 1', `service: ${service}`, 'environments: { staging: {} }', '---']
  await team.start([...head, `# Release of ${service}`, '', ...lines].join('\n'), { version, by })
}

async function answerAll(page: Page, team: WebTeam, service: string): Promise<void> {
  await page.getByRole('link', { name: new RegExp(service) }).click()
  const step = page.locator('[data-step]', { hasText: 'change log' })
  await step.getByRole('button', { name: 'passed', exact: true }).click()
  await page.getByRole('dialog').locator('button[type=submit]').click()
  await page
    .locator('[data-step]', { hasText: 'Somebody else wants' })
    .locator('.word', { hasText: 'needs a person' })
    .waitFor()
  await page.goto(team.server.address)
}

/** WebP, which is a third of the same as PNG. */
async function take(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY })
  const bytes = Buffer.from(data, 'base64')
  const file = join(folder, `${name}.webp`)
  writeFileSync(file, bytes)
  process.stdout.write(`${file}: ${(bytes.length / 1_000).toFixed(0)} kB\n`)
}

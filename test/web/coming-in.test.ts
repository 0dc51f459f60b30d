/** Coming in by the browser: a new server is set up by its link, and people come through a real OpenID provider. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOf } from '../support/axe.ts'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'
import { hasChromium, openWindows, PASSWORD, type Windows } from '../support/web-team.ts'

describe.skipIf(!hasChromium())('coming in', () => {
  let provider: ChildProcess
  let server: TeamServer
  let windows: Windows
  let root: Page

  beforeAll(async () => {
    const program = fileURLToPath(new URL('../support/openid-provider.ts', import.meta.url))
    provider = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'ignore'] })
    const issuer = await new Promise<string>((resolve, reject) => {
      provider.stdout
        ?.setEncoding('utf8')
        .once('data', (line: string) => resolve((JSON.parse(line) as { issuer: string }).issuer))
      provider.once('exit', (code) => reject(new Error(`the provider ended with ${code}`)))
    })
    server = await startTeamServer(
      ['--openid-issuer', issuer, '--openid-client', 'holdpoint', '--openid-join', 'viewer@acme'],
      { HOLDPOINT_OPENID_SECRET: 'a secret of the tests only' },
    )
    windows = await openWindows()
    root = await (await windows.open({ viewport: { width: 360, height: 740 } })).newPage()
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await server?.end()
    provider?.kill()
  })

  test('a new server is set up by the link that it printed, and a weak password is refused beside what was written', async () => {
    await root.goto(server.setupLink)
    await root.getByRole('heading', { name: 'Set this server up' }).waitFor()
    expect(root.url()).toBe(`${server.address}/setup`)
    await root.getByRole('button', { name: 'Begin' }).click()
    await root.getByRole('alert').getByText('“Your name here” is needed.').waitFor()
    await root.getByLabel('Your name here').fill('root')
    await root.getByLabel('Organisation').fill('acme')
    await root.getByLabel('First project').fill('shop')
    await root.getByLabel('Password').fill('password1234')
    await root.getByRole('button', { name: 'Begin' }).click()
    await root.getByRole('alert').getByText('Choose another password').waitFor()
    expect(await root.getByLabel('Organisation').inputValue()).toBe('acme')
    expect(await troublesOf(root)).toEqual([])
    await root.getByLabel('Password').fill(PASSWORD)
    await root.getByRole('button', { name: 'Begin' }).click()
    await root.getByRole('heading', { name: 'Releases' }).waitFor()
    await root.getByText('No release yet, root').waitFor()
  })

  test('the link works once: whoever finds it later is told so', async () => {
    const late = await (await windows.open()).newPage()
    await late.goto(server.setupLink)
    await late.getByLabel('Your name here').fill('eve')
    await late.getByLabel('Organisation').fill('evil')
    await late.getByLabel('First project').fill('shop')
    await late.getByLabel('Password').fill(PASSWORD)
    await late.getByRole('button', { name: 'Begin' }).click()
    await late.getByRole('alert').getByText('not valid any more').waitFor()
    await late.context().close()
  })

  test('through the provider one comes back to the page that one wanted, with the name that it knows', async () => {
    const mia = await (await windows.open()).newPage()
    await mia.goto(`${server.address}/start`)
    await mia.getByRole('link', { name: /^Sign in with 127\.0\.0\.1/ }).click()
    await throughProvider(mia, 'mia')
    await mia.waitForURL(`${server.address}/start`)
    // A viewer, as `--openid-join` says.
    await mia.getByText('Starting a release is not yours to do').waitFor()
    expect(await mia.locator('.masthead .who').innerText()).toContain('mia of the provider')
    await mia.getByRole('button', { name: 'Sign out' }).click()
    await mia.getByLabel('Password').waitFor()
    await mia.context().close()
  })

  test('an invitation is taken up through the provider, and the name it came with is the one that is recorded', async () => {
    const home = server.person('root')
    const here = await server.holdpoint(home, ['login', server.address, '--person', 'root'], `${PASSWORD}\n`)
    expect(here.code).toBe(0)
    const made = await server.holdpoint(home, ['people', 'add', 'noor', '--at', 'acme/shop'])
    expect(made.code).toBe(0)
    const link = /holdpoint login '([^']+)'/.exec(made.out)?.[1] ?? ''
    const noor = await (await windows.open()).newPage()
    await noor.goto(link)
    await noor.getByRole('button', { name: /^Use 127\.0\.0\.1:\d+ instead/ }).click()
    await throughProvider(noor, 'somebody.at.the.provider')
    await noor.getByRole('heading', { name: 'Releases' }).waitFor()
    await noor.getByText(/No release yet, noor/).waitFor()
    await noor.context().close()
  })
})

/** Its own pages: a name, any password, and what it may tell. */
async function throughProvider(page: Page, login: string): Promise<void> {
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

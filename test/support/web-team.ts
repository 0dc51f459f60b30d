/** A real server with people in it and releases under way, and real Chromium windows of those people. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { startTeamServer, type TeamServer } from './team-server.ts'

export const CHROMIUM = process.env['HOLDPOINT_CHROMIUM'] ?? '/usr/bin/chromium'
export const PASSWORD = 'seven lamps under the bridge'

/** A page that has not shown it by then does not. */
const PATIENCE_MS = 30_000

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface WebTeam {
  readonly server: TeamServer
  /** Id of the release. */
  start(document: string, options?: { readonly version?: string; readonly by?: string }): Promise<string>
  add(person: string, roles: readonly string[]): Promise<void>
  end(): Promise<void>
}

/** `ana` and `ben` are there, as engineers who may also sign; `root` manages. */
export async function startWebTeam(
  flags: readonly string[] = [],
  onUp: (server: TeamServer) => void = () => {},
  environment: Readonly<Record<string, string>> = {},
): Promise<WebTeam> {
  const server = await startTeamServer(flags, environment)
  onUp(server)
  const root = server.person('root')
  await ok(
    server.holdpoint(
      root,
      ['login', server.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop'],
      `${PASSWORD}\n`,
    ),
  )
  let count = 0
  const team: WebTeam = {
    server,
    async add(person, roles) {
      const added = await ok(server.holdpoint(root, ['people', 'add', person, '--at', 'acme/shop']))
      const link = /holdpoint login '([^']+)'/.exec(added)?.[1] ?? ''
      await ok(server.holdpoint(server.person(person), ['login', link], `${PASSWORD}\n`))
      for (const role of roles) await ok(server.holdpoint(root, ['people', 'grant', person, role, '--at', 'acme/shop']))
    },
    async start(document, { version = '1.2.3', by = 'ana' } = {}) {
      const folder = join(server.folder, `checklist-${(count += 1)}`)
      mkdirSync(folder)
      writeFileSync(join(folder, 'release.md'), document)
      const args = ['run', join(folder, 'release.md'), '--version', version, '--env', 'staging', '--json']
      const { out, err } = await server.holdpoint(server.person(by), args)
      const id = /"release": ?"([^"]+)"/.exec(out)?.[1]
      if (id === undefined) throw new Error(`the release did not start: ${err}${out}`)
      return id
    },
    end: () => server.end(),
  }
  await team.add('ana', ['release-engineer', 'author', 'approver'])
  await team.add('ben', ['release-engineer', 'approver'])
  return team
}

async function ok(asked: Promise<{ code: number | null; out: string; err: string }>): Promise<string> {
  const { code, out, err } = await asked
  if (code !== 0) throw new Error(err || out)
  return out
}

export function hasChromium(): boolean {
  if (existsSync(CHROMIUM)) return true
  if (process.env['CI'] === 'true') throw new Error('Chromium is needed in CI and is not installed')
  console.warn('Chromium is not installed: these tests are skipped')
  return false
}

export interface Windows {
  /** A window of its own, with nobody signed in. */
  open(options?: Parameters<Browser['newContext']>[0]): Promise<BrowserContext>
  /** A page of somebody who is signed in. */
  signedIn(address: string, person: string, options?: Parameters<Browser['newContext']>[0]): Promise<Page>
  end(): Promise<void>
}

export async function openWindows(): Promise<Windows> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-chromium-'))
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: FLAGS,
    env: { ...process.env, HOME: folder },
  })
  const windows: Windows = {
    async open(options = {}) {
      const context = await browser.newContext(options)
      context.setDefaultTimeout(PATIENCE_MS)
      return context
    },
    async signedIn(address, person, options = {}) {
      const page = await (await windows.open(options)).newPage()
      await page.goto(`${address}/sign-in`)
      await page.getByLabel('Name').fill(person)
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('heading', { name: 'Releases' }).waitFor()
      return page
    },
    async end() {
      await browser.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return windows
}

/** A protected environment on a real terminal: an old sign-in is not enough, the password is asked for right there, once. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EvilProvider, evilProvider } from '../../src/api/test-support/evil-provider.ts'
import { Browser } from '../support/browser.ts'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const PASSWORD = 'seven lamps under the bridge'
const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
const LIST =
  '---\nholdpoint: 1\nservice: checkout\n---\n# Checkout\n## Gate\n- [ ] One signs\n  ```yaml approve\n  count: 1\n  ```\n'

/** The `script` of other systems takes other options. */
const onLinux = test.skipIf(process.platform !== 'linux')

let provider: EvilProvider
let server: TeamServer
let ana = ''

/** ana has a password, and a sign-in through a provider that saw her years ago. */
beforeAll(async () => {
  provider = await evilProvider()
  server = await startTeamServer(['--openid-issuer', provider.issuer, '--openid-client', 'holdpoint'])
  const admin = server.person('root')
  const by = async (args: readonly string[], stdin?: string) => {
    const done = await server.holdpoint(admin, args, stdin)
    expect(done.err).toBe('')
    return done.out
  }
  await by(
    ['login', server.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop'],
    `${PASSWORD}\n`,
  )
  const link = (text: string) => /holdpoint login '([^']+)'/.exec(text)?.[1] ?? ''
  const first = link(await by(['people', 'add', 'ana', '--at', 'acme/shop']))
  ana = server.person('ana')
  expect((await server.holdpoint(ana, ['login', first], `her ${PASSWORD}\n`)).code).toBe(0)
  await by(['people', 'grant', 'ana', 'approver', '--at', 'acme/shop'])
  await by(['project', 'environment', 'shop', 'production', '--protected'])
  const list = join(server.folder, 'list.md')
  writeFileSync(list, LIST)
  await server.holdpoint(admin, ['run', list, '--version', '1', '--project', 'shop', '--yes'])
  await longAgo(link(await by(['people', 'invite', 'ana'])))
})
afterAll(async () => {
  provider?.close()
  await server?.end()
})

test('without a terminal it is refused, with the command that signs in again', async () => {
  const refused = await server.holdpoint(ana, ['release', 'approve', '--yes'])
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('production is protected')
  expect(refused.err).toContain(`sign in again: holdpoint login ${server.address}`)
})

onLinux('on a terminal a wrong password signs nothing', async () => {
  const wrong = await onTerminal(['release', 'approve', '--yes'], 'not her password')
  expect(wrong.code).toBe(1)
  expect(wrong.screen).toContain('do not belong together')
})

onLinux('on a terminal the password is asked for, and the decision is made again with it', async () => {
  const signed = await onTerminal(['release', 'approve', '--yes'], `her ${PASSWORD}`)
  expect(signed.screen).toContain('Password of ana')
  expect(signed.screen).not.toContain(PASSWORD)
  expect(signed.code).toBe(0)
  const state = JSON.parse((await server.holdpoint(ana, ['release', 'list', '--json'])).out) as { phase: string }[]
  expect(state[0]?.phase).not.toBe('running')
})

async function longAgo(link: string): Promise<void> {
  const child = spawn(process.execPath, [bin, 'login', link, '--openid'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: ana },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const address = await new Promise<string>((resolve) => {
    let err = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk
      const found = /^ {2}(http\S+)\n/m.exec(err)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const browser = new Browser()
  const there = new URL((await browser.open(address, (url) => url.origin === provider.issuer)).url)
  const now = Math.floor(Date.now() / 1_000)
  const who = { iss: provider.issuer, aud: 'holdpoint', sub: '4711', nonce: there.searchParams.get('nonce') }
  provider.answer = { idToken: provider.sign({ ...who, iat: now, exp: now + 60, auth_time: 1_700_000_000 }) }
  const state = there.searchParams.get('state') ?? ''
  const query = new URLSearchParams({ code: 'c', state, iss: provider.issuer })
  await browser.open(`${server.address}/v1/openid/callback?${query.toString()}`)
  expect(await ended).toBe(0)
}

/** `script` gives the command a terminal; the password is typed when it is asked for. */
function onTerminal(args: readonly string[], password: string): Promise<{ code: number | null; screen: string }> {
  return new Promise((resolve) => {
    const line = [process.execPath, bin, ...args].map((part) => `'${part}'`).join(' ')
    const child = spawn('script', ['-qec', `stty cols 100 rows 30; ${line}`, '/dev/null'], {
      env: { PATH: process.env['PATH'] ?? '', HOME: ana, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let screen = ''
    let isTyped = false
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      screen += chunk
      if (isTyped || !screen.includes('Password of')) return
      isTyped = true
      setTimeout(() => child.stdin.write(`${password}\r`), 300)
    })
    const late = setTimeout(() => child.kill(), 25_000)
    child.on('close', (code) => (clearTimeout(late), resolve({ code, screen })))
  })
}

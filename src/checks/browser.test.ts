import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, findProgram } from '../../test/support/programs.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { browser } from './browser.ts'
import { evidenceText, runCheck, testPowers } from './parts/powers.fixture.ts'

const chromium = findProgram(process.env['HOLDPOINT_CHROMIUM'] ?? '/usr/bin/chromium')

const signIn = `<!doctype html><title>Sign in</title>
<form action=/orders method=post><label>Name <input name=who></label><label>Password <input name=key></label>
<select name=city><option value=b>Bern<option value=k>Kiel</select><button>Sign in</button></form>`
const pages: Readonly<Record<string, string>> = {
  '/': signIn,
  '/late': `<!doctype html><title>Late</title><p class=spinner>Wait</p><script>
setTimeout(() => { document.querySelector('.spinner').remove(); document.body.append('Connected to desktop') }, 300)</script>`,
  '/noisy': `<!doctype html><title>Noisy</title><img src=/gone.png><script>console.error('no basket'); null.size</script>`,
  '/csp': `<!doctype html><title>Strict</title><p>Shop</p><script>document.title = 'ran'</script>`,
}

let server: Server
let other: Server
let at = ''
let otherAt = ''
let reached = 0

async function listen(made: Server): Promise<string> {
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(made.address() as AddressInfo).port}`
}

beforeAll(async () => {
  other = createServer((_request, response) => {
    reached += 1
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('secret of the inside')
  })
  other.on('upgrade', (_request, socket) => {
    reached += 1
    socket.destroy()
  })
  otherAt = await listen(other)
  server = createServer((request, response) => {
    const path = request.url ?? '/'
    if (path === '/reaching')
      return response.end(`<!doctype html><title>Reaching</title><img src=http://${otherAt}/a><iframe src=http://${otherAt}/b></iframe>
<p>Shop</p><script>fetch('http://${otherAt}/c').catch(() => {}); new WebSocket('ws://${otherAt}/d')</script>`)
    if (path === '/away') return response.writeHead(302, { location: `http://${otherAt}/away` }).end()
    if (path === '/orders') {
      let body = ''
      request.on('data', (piece: Buffer) => (body += piece.toString()))
      return request.on('end', () => {
        const given = new URLSearchParams(body)
        response.end(
          `<!doctype html><title>Orders</title>${given.get('who')} of ${given.get('city')}, ${given.get('key')?.length}`,
        )
      })
    }
    if (path === '/csp') response.setHeader('content-security-policy', "script-src 'none'")
    return response.writeHead(pages[path] === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(pages[path])
  })
  at = await listen(server)
})

afterAll(() => {
  for (const one of [server, other]) {
    one.closeAllConnections()
    one.close()
  }
})

function run(
  path: string,
  given: Readonly<Record<string, unknown>> = {},
  powers: Partial<CheckPowers> = {},
): Promise<CheckResult> {
  const config = { url: `http://${at}${path}`, sandbox: false, program: chromium, within: '30s', ...given }
  return runCheck(browser as never, config, { timeoutMs: 120_000, ...powers })
}

describeWith({ chromium }, 'a page in a real browser', () => {
  test('a flow in few words goes through, with a secret that nothing recorded holds and a picture of the end', async () => {
    const powers = testPowers()
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-browser-'))
    let told = ''
    const command: CheckPowers['command'] = async (request) => {
      const result = await powers.command({
        ...request,
        env: { ...request.env, KEY: 'seven lamps', HOLDPOINT_TMP: folder },
      })
      told = new TextDecoder().decode(result.stdout)
      return result
    }
    const steps = [
      { fill: 'Name', with: '{{ who }}' },
      { fill: '[name=key]', secret: 'KEY' },
      { fill: 'city', with: 'Kiel' },
      { click: 'Sign in' },
      { text: 'ana of k, 11' },
    ]
    const result = await run('/', { steps, title: '^Orders$' }, { command, variables: { who: 'ana' } })
    expect(result, result.say).toMatchObject({
      outcome: 'passed',
      say: expect.stringMatching(/^200 Orders, loaded in .*, 5 steps as expected$/),
      facts: { status: 200, title: 'Orders', url: `http://${at}/orders`, console_errors: [], failed_requests: [] },
    })
    expect(told).not.toContain('seven lamps')
    // Its profile is gone.
    expect(readdirSync(folder)).toEqual([])
    rmSync(folder, { recursive: true })
    const picture = result.evidence.find(({ name }) => name === 'page.jpg')
    expect([...(picture?.bytes.subarray(0, 2) ?? [])]).toEqual([0xff, 0xd8])
  })

  test('what comes later is waited for; what never comes fails with its step', async () => {
    const result = await run('/late', { steps: [{ text: 'Connected to desktop' }, { gone: '.spinner' }] })
    expect(result, result.say).toMatchObject({ outcome: 'passed' })
    expect(await run('/late', { within: '2s', steps: [{ wait: '1ms' }, { click: 'Disconnect' }] })).toMatchObject({
      outcome: 'failed',
      say: 'step 2: "Disconnect" is not on the page',
    })
  })

  test('errors of the console, exceptions and failed requests are counted, unless they are known', async () => {
    const result = await run('/noisy')
    expect(result.outcome, result.say).toBe('failed')
    expect(result.facts).toMatchObject({
      console_errors: ['no basket', expect.stringContaining('TypeError')],
      failed_requests: [`404 http://${at}/gone.png`],
    })
    expect(result.say).toMatch(/^console errors: 2, at most 0 \(no basket\); failed requests: 1, at most 0 /)
    const known = await run('/noisy', { ignore: ['no basket', 'gone\\.png$'], 'max-console-errors': 1 })
    expect(known.outcome, known.say).toBe('passed')
  })

  test('violations of the Content-Security-Policy fail, and so does a page that is not there', async () => {
    const strict = await run('/csp')
    expect(strict, strict.say).toMatchObject({ outcome: 'failed', facts: { title: 'Strict' } })
    expect(strict.say).toContain('violations of the Content-Security-Policy: 1, at most 0 (script-src')
    const gone = await run('/nowhere')
    expect(gone, gone.say).toMatchObject({ outcome: 'failed', facts: { status: 404 } })
  })

  test('a page reaches no host that is not declared: no image, frame, fetch, WebSocket or redirect', async () => {
    const result = await run('/reaching', { steps: [{ text: 'Shop' }, { wait: '500ms' }] })
    expect(result, result.say).toMatchObject({ outcome: 'inconclusive', facts: { refused: [otherAt] } })
    expect(result.say).toContain(`the page wants ${otherAt}, which it may not reach`)
    expect((await run('/away')).outcome).toBe('failed')
    expect(reached).toBe(0)
    expect(evidenceText(result)).not.toContain('secret of the inside')
    const declared = await run('/away', { hosts: [otherAt] })
    expect(declared, declared.say).toMatchObject({ outcome: 'passed', facts: { url: `http://${otherAt}/away` } })
  })
})

test('where Chromium is not, it is named what to install and which setting names its path', async () => {
  expect(existsSync('/no/such/chromium')).toBe(false)
  expect(await run('/', { program: '/no/such/chromium' })).toMatchObject({
    outcome: 'errored',
    say: '/no/such/chromium is not there: install the package chromium where commands run, or name its path with program: /opt/chromium',
  })
})

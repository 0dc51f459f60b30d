/** The browser as it runs on a server: in its sandbox, as the user of commands, over HTTPS of a private authority; and how it ends. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { browser } from '../../src/checks/browser.ts'
import { runCheck } from '../../src/checks/parts/powers.fixture.ts'
import type { CheckResult } from '../../src/core/ports/check.ts'
import {
  command,
  eventually,
  living,
  nobody,
  readOrEmpty,
  whyNotNobody,
  Workshop,
} from '../../src/worker/launcher/test-support/workshop.ts'
import { unconfined } from '../../src/worker/launcher/confinement.ts'
import { treeOf } from '../support/process-trees.ts'
import { describeWith, findProgram } from '../support/programs.ts'

const chromium = findProgram(process.env['HOLDPOINT_CHROMIUM'] ?? '/usr/bin/chromium')
const isApart = whyNotNobody() === null
/** Without rights of its own a program has a sandbox only where the machine lets everybody make namespaces. */
const hasSandbox = isApart && spawnSync('unshare', ['--user', 'true'], nobody).status === 0
if (!hasSandbox) console.warn('notice: the sandbox of Chromium is not tested: no ordinary user makes a namespace here')

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-apart-'))
const workshop = new Workshop()
const servers: Server[] = []
let at = ''
let late = ''
/** What any browser wanted. */
const asked = new Set<string>()

/** As noVNC shows it: a class of the page says when the desktop is there, a canvas shows it, a WebSocket brings it. */
const desktop = `<!doctype html><title>Desktop</title><canvas width=64 height=48></canvas><script>
const socket = new WebSocket('wss://' + location.host + '/websockify', ['binary'])
socket.binaryType = 'arraybuffer'
socket.onmessage = ({ data }) => {
  const [red, green, blue] = new Uint8Array(data)
  const picture = document.querySelector('canvas').getContext('2d')
  picture.fillStyle = 'rgb(' + [red, green, blue] + ')'
  picture.fillRect(0, 0, 64, 48)
  document.documentElement.classList.add('connected')
}
socket.onclose = () => document.documentElement.classList.remove('connected')
</script>`

const openssl = (...words: readonly string[]): void =>
  void execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })

/** A root of our own, and below it a certificate for localhost with these days. */
function certificate(name: string, ...dates: readonly string[]): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  if (!existsSync(join(folder, 'root.pem')))
    openssl('req', '-x509', ...key, '-keyout', 'root.key', '-out', 'root.pem', '-days', '90', '-subj', '/CN=Our root')
  writeFileSync(join(folder, 'ext'), 'subjectAltName=DNS:localhost\n')
  openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=localhost')
  const signing = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-extfile', 'ext']
  openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${name}.pem`, ...dates)
}

async function serve(name: string): Promise<string> {
  const made = createServer(
    { key: readFileSync(join(folder, `${name}.key`)), cert: readFileSync(join(folder, `${name}.pem`)) },
    ({ url = '/' }, response) => {
      asked.add(url)
      response.end(url.startsWith('/stays') ? '<!doctype html><title>Stays</title>here' : desktop)
    },
  )
  new WebSocketServer({ server: made }).on('connection', (socket) => socket.send(Uint8Array.from([10, 120, 200])))
  servers.push(made)
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  return `localhost:${(made.address() as AddressInfo).port}`
}

beforeAll(async () => {
  certificate('sound', '-days', '30')
  certificate('late', '-days', '-1')
  at = await serve('sound')
  late = await serve('late')
})

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await workshop.clean()
  rmSync(folder, { recursive: true, force: true })
})

interface Started {
  readonly result: Promise<CheckResult>
  readonly launcher: number
}

async function start(given: Readonly<Record<string, unknown>>, home = workshop.folder()): Promise<Started> {
  const confinement = { ...unconfined, noNewPrivileges: true, user: isApart ? nobody : null }
  const launcher = await workshop.launcher(home, { confinement })
  const run = runCheck(
    browser as never,
    { url: `https://${at}/`, sandbox: hasSandbox, program: chromium, within: '30s', ca: 'root.pem', ...given },
    {
      root: folder,
      timeoutMs: 120_000,
      command: ({ shell, script, env = {}, timeoutMs }) => launcher.run(command(script, { shell, env, timeoutMs })),
    },
  )
  return { result: run, launcher: launcher.pid }
}
const shown = async (given: Readonly<Record<string, unknown>> = {}): Promise<CheckResult> => (await start(given)).result

const lineOf = (pid: number): string => readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
/** The Chromium whose window is this wide, once it has asked for the page that stays, and where its profile is. */
async function browsing(width: string): Promise<{ readonly pid: number; readonly place: string }> {
  await eventually('the page', () => asked.has(`/stays?${width}`), 60_000)
  const pid = living(`--window-size=${width},600`)[0] ?? 0
  return { pid, place: /--user-data-dir=([^ ]+)/.exec(lineOf(pid))?.[1] ?? '' }
}

describeWith({ chromium }, 'a browser beside a server', () => {
  test('shows a desktop over a WebSocket, of a service whose authority is private', async () => {
    const result = await shown({ steps: [{ selector: '.connected' }, { selector: 'canvas' }] })
    expect(result, result.say).toMatchObject({ outcome: 'passed', facts: { title: 'Desktop', refused: [] } })
    expect(result.evidence.map(({ name }) => name)).toEqual(['browser.json', 'page.jpg'])
  })

  test('trusts nobody who is not named, and says which day a certificate ended', async () => {
    const unnamed = await shown({ ca: undefined })
    expect(unnamed.outcome).toBe('failed')
    expect(unnamed.say).toContain(`the certificate of ${at} is signed by nobody whom Chromium trusts`)
    const expired = await shown({ url: `https://${late}/` })
    expect(expired.outcome).toBe('failed')
    expect(expired.say).toMatch(/^the certificate of localhost:\d+ has expired on \d{4}-\d\d-\d\d \(ERR_CERT_/)
    // A key that was verified for one service vouches for no other.
    const aside = await shown({ hosts: [at], url: `https://${late}/` })
    expect(aside.outcome).toBe('failed')
  })

  test('is gone with its profile when it, its program or their launcher is killed', async () => {
    for (const [width, who] of [
      ['701', 'chromium'],
      ['702', 'program'],
      ['703', 'launcher'],
    ] as const) {
      const url = `https://${at}/stays?${width}`
      const started = await start({ url, steps: [{ text: 'never' }], viewport: `${width}x600` })
      const { pid, place } = await browsing(width)
      const program = Number(/^PPid:\s+(\d+)/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1])
      const all = treeOf(program)
      expect(all.length, who).toBeGreaterThan(4)
      expect(existsSync(place), who).toBe(true)
      process.kill({ chromium: pid, program, launcher: started.launcher }[who], 'SIGKILL')
      const result = await started.result
      expect(result.outcome, result.say).toBe('errored')
      await eventually(`the end of all after ${who}`, () => all.every((each) => lineOf(each) === ''))
      expect(existsSync(dirname(place)), who).toBe(false)
    }
  })
})

import { createCipheriv } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { describeWith, findProgram, freePort, type Running, startProgram, until } from '../../test/support/programs.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { runCheck } from './parts/powers.fixture.ts'
import { vnc } from './vnc.ts'

const xvnc = findProgram('/usr/bin/Xtigervnc', '/usr/bin/Xvnc')
const check = (config: Readonly<Record<string, unknown>>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
  runCheck(vnc as never, config, { secret: () => 'sesame42', ...powers })
const password = '{{ secret.DESK }}'

/** As `vncpasswd` keeps one: by the key that every VNC has, with the bits of its bytes turned round. */
function keptPassword(words: string): Buffer {
  const turned = Buffer.from('e84ad660c4721ae0', 'hex')
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([turned, turned, turned]), null).setAutoPadding(false)
  return cipher.update(Buffer.from(words.padEnd(8, '\0').slice(0, 8), 'latin1'))
}

describeWith({ Xtigervnc: xvnc }, 'a real VNC server', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-vnc-'))
  const started: Running[] = []
  const ports = { open: 0, locked: 0 }
  const bridge = new WebSocketServer({ port: 0, host: '127.0.0.1' })

  async function start(...words: readonly string[]): Promise<number> {
    const port = await freePort()
    // The number of a display is its own name: as far from others as ports are.
    const display = `:${port}`
    const screen = [
      '-rfbport',
      String(port),
      '-localhost',
      '-geometry',
      '640x480',
      '-desktop',
      'the desk',
      '-nolisten',
      'unix',
    ]
    started.push(startProgram(xvnc ?? '', [display, ...screen, ...words], { cwd: root }))
    return port
  }

  beforeAll(async () => {
    writeFileSync(join(root, 'passwd'), keptPassword('sesame42'))
    ports.open = await start('-SecurityTypes', 'None')
    ports.locked = await start('-SecurityTypes', 'VncAuth', '-PasswordFile', join(root, 'passwd'))
    bridge.on('connection', (socket) => {
      const tcp = connect(ports.locked, '127.0.0.1')
      // A byte at a time: where a message ends must not matter.
      tcp.on('data', (chunk) => chunk.forEach((byte) => socket.send(Buffer.from([byte]))))
      tcp.on('error', () => socket.terminate())
      tcp.on('close', () => socket.close())
      socket.on('message', (data) => tcp.write(data as Buffer))
      socket.on('close', () => tcp.destroy())
    })
    await until('both shake hands', async () => {
      const both = await Promise.all([
        check({ host: '127.0.0.1', port: ports.open }),
        check({ host: '127.0.0.1', port: ports.locked }),
      ])
      return both.every(({ outcome }) => outcome === 'passed')
    }).catch((error: unknown) => {
      throw new Error(started.map((one) => one.said()).join('\n'), { cause: error })
    })
  }, 90_000)
  afterAll(async () => {
    bridge.close()
    await Promise.all(started.map((one) => one.stop()))
    rmSync(root, { recursive: true, force: true })
  })

  test('shows its screen, and that anybody gets in is a failure where it must be locked', async () => {
    const at = { host: '127.0.0.1', port: ports.open }
    const result = await check(at, { expectation: 'width == 640 && height == 480 && version == "3.8"' })
    expect(result.outcome).toBe('passed')
    expect(result.say).toContain('speaks RFB 3.8, offers None; a screen of 640 × 480, the desk')
    const locked = await check({ ...at, locked: true })
    expect(locked).toMatchObject({
      outcome: 'failed',
      say: expect.stringContaining('lets in without a password') as string,
    })
    expect(await check({ ...at, password })).toMatchObject({
      outcome: 'failed',
      say: expect.stringContaining('takes no password') as string,
    })
  })

  test('takes the password, and another is refused; without one nobody is let in', async () => {
    const at = { host: '127.0.0.1', port: ports.locked, locked: true }
    const right = await check({ ...at, password }, { expectation: 'width == 640' })
    expect(right.say).toContain('offers VncAuth; a screen of 640 × 480')
    expect(right.outcome).toBe('passed')
    const none = await check(at)
    expect(none).toMatchObject({ outcome: 'passed', say: expect.stringContaining('nobody was let in') as string })
    const wrong = await check({ ...at, password }, { secret: () => 'guess' })
    expect(wrong).toMatchObject({ outcome: 'failed', say: expect.stringContaining('does not let in') as string })
  })

  test('over a WebSocket as well', async () => {
    const url = `ws://127.0.0.1:${(bridge.address() as AddressInfo).port}/websockify`
    expect(await check({ url, password }, { expectation: 'name == "the desk"' })).toMatchObject({ outcome: 'passed' })
  })
})

test('what is no remote desktop never passes, and a refusal is said in its words', async () => {
  const refusal = Buffer.concat([Buffer.from('RFB 003.008\n\0'), Buffer.from([0, 0, 0, 8]), Buffer.from('too many')])
  for (const [words, say] of [
    ['HTTP/1.1 400 Bad Request\r\n', 'does not speak RFB'],
    ['RFB 002.000\n', 'speaks RFB 2.0, expected 3.3 or later'],
    ['RFB 00', 'closed the connection'],
    [refusal, 'refuses: too many'],
  ] as const) {
    const odd = createServer((socket) => {
      socket.on('error', () => {})
      socket.end(words)
    })
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
    const result = await check({ host: '127.0.0.1', port: (odd.address() as AddressInfo).port })
    odd.close()
    expect(result).toMatchObject({ outcome: 'failed', say: expect.stringContaining(say) as string })
  }
})

test('either a host or an address is asked for', () => {
  const problems = (more: unknown): string => JSON.stringify(vnc.config.safeParse(more).error?.issues)
  expect(problems({})).toContain('expected either host (and port) or url')
  expect(problems({ host: 'x', url: 'ws://x' })).toContain('expected either host (and port) or url')
})

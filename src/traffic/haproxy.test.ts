/** The HAProxy driver: the contract on a real HAProxy, and the arithmetic of its weights. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeWith, freePort, programs, startProgram, until } from '../../test/support/programs.ts'
import { askHaproxy, readServers } from './haproxy-socket.ts'
import { haproxy, shareOf, weightsFor } from './haproxy.ts'
import { powers, trafficDriverContract } from './traffic.contract.ts'

describeWith({ haproxy: programs.haproxy }, 'traffic driver haproxy', () => {
  for (const over of ['a Unix socket', 'TCP'] as const)
    describe(`over ${over}`, () => {
      trafficDriverContract(async (stable, canary) => {
        const folder = mkdtempSync(join(tmpdir(), 'holdpoint-haproxy-'))
        const [front, stats] = [await freePort(), await freePort()]
        const socket = over === 'TCP' ? `127.0.0.1:${stats}` : join(folder, 'admin.sock')
        writeFileSync(
          join(folder, 'haproxy.cfg'),
          [
            'global',
            over === 'TCP'
              ? `  stats socket ipv4@${socket} level admin`
              : `  stats socket ${socket} mode 600 level admin`,
            'defaults',
            '  mode http',
            '  timeout connect 5s',
            '  timeout client 30s',
            '  timeout server 30s',
            'frontend front',
            `  bind 127.0.0.1:${front}`,
            '  default_backend shop',
            'backend shop',
            '  balance roundrobin',
            `  server v1 ${stable} weight 100`,
            `  server v2 ${canary} weight 0`,
            '',
          ].join('\n'),
        )
        const running = startProgram(programs.haproxy as string, ['-db', '-f', join(folder, 'haproxy.cfg')])
        const signal = new AbortController().signal
        await until(
          `haproxy answers\n${running.said()}`,
          async () => (await askHaproxy(socket, 'show info', 5000, signal)) !== '',
        )
        return {
          driver: haproxy.open(haproxy.config.parse({ socket, backend: 'shop', stable: 'v1', canary: ['v2'] })),
          address: `http://127.0.0.1:${front}/`,
          meddle: async (percent) => {
            await askHaproxy(socket, `set weight shop/v2 ${percent}; set weight shop/v1 ${100 - percent}`, 5000, signal)
          },
          down: () => running.stop(),
          stop: async () => {
            await running.stop()
            rmSync(folder, { recursive: true, force: true })
          },
        }
      })
    })
})

describe('weights of HAProxy', () => {
  test('whole weights come within half a point of any share, and something is never nothing', () => {
    for (const [canaries, stables] of [
      [1, 1],
      [1, 3],
      [2, 5],
    ] as const)
      for (const percent of [0.5, 1, 5, 10, 12.5, 25, 33.3, 50, 75, 99]) {
        const { canary, stable } = weightsFor(percent, canaries, stables)
        const share = (100 * canary * canaries) / (canary * canaries + stable * stables)
        expect(Math.abs(share - percent)).toBeLessThan(0.5)
        expect(canary).toBeGreaterThan(0)
        expect(Math.max(canary, stable)).toBeLessThanOrEqual(256)
      }
    expect(weightsFor(0, 1, 1)).toEqual({ canary: 0, stable: 100 })
    expect(weightsFor(100, 1, 1)).toEqual({ canary: 100, stable: 0 })
    expect(weightsFor(0.01, 1, 1).canary).toBe(1)
  })

  test('a share that whole weights cannot come near is refused before anything is ordered', async () => {
    const driver = haproxy.open(
      haproxy.config.parse({ socket: '/nowhere', backend: 'b', stable: ['a', 'b', 'c'], canary: 'd' }),
    )
    await expect(driver.set(99.5, powers())).rejects.toThrow(
      'with 1 canary and 3 stable servers its whole weights come only to 98.84 %',
    )
  })

  const csv = (...rows: readonly string[]): string => ['# pxname,svname,status,weight,bck,', ...rows, ''].join('\n')
  const share = (...rows: readonly string[]): unknown => {
    const servers = readServers(csv(...rows, 'shop,BACKEND,UP,100,0,', 'other,v9,UP,500,0,'), 'shop')
    return servers === null ? null : shareOf(servers, ['v2'], ['v1'])
  }

  test('a canary that is down takes nothing, whatever its weight', () => {
    expect(share('shop,v1,UP,75,0,', 'shop,v2,DOWN,25,0,')).toMatchObject({ kind: 'weight', percent: 0 })
    expect(share('shop,v1,UP,75,0,', 'shop,v2,UP,25,0,')).toMatchObject({ kind: 'weight', percent: 25 })
  })

  test('a third server in the backend takes its part', () => {
    expect(share('shop,v1,UP,50,0,', 'shop,v2,UP,50,0,', 'shop,v3,UP,100,0,')).toMatchObject({ percent: 25 })
    expect(share('shop,v1,UP,50,0,', 'shop,v2,UP,50,0,', 'shop,v3,UP,100,1,')).toMatchObject({ percent: 50 })
  })

  test('nothing that takes traffic, an unknown server and a strange table cannot be told', () => {
    expect(share('shop,v1,DOWN,50,0,', 'shop,v2,MAINT,50,0,')).toMatchObject({ kind: 'cannot-tell' })
    expect(share('shop,v1,UP,50,0,')).toMatchObject({
      kind: 'cannot-tell',
      say: 'HAProxy knows no server v2 in this backend',
    })
    expect(share('shop,v1,UP,x,0,', 'shop,v2,UP,50,0,')).toMatchObject({ kind: 'cannot-tell' })
    expect(readServers('Permission denied\n', 'shop')).toBeNull()
    expect(readServers(csv('other,v1,UP,1,0,'), 'shop')).toBeNull()
  })

  test('names that would carry a second command are refused', () => {
    const wrong = { socket: '/s', backend: 'shop; set weight shop/v1 0', stable: 'v1', canary: 'v2' }
    expect(haproxy.config.safeParse(wrong).success).toBe(false)
    expect(haproxy.config.safeParse({ ...wrong, backend: 'shop' }).success).toBe(true)
  })
})

test('a socket is a file that the driver opens itself, an address is none', () => {
  const opened = (socket: string) =>
    haproxy.opensFile?.({ ...haproxy.config.parse({ socket, backend: 'b', stable: 's', canary: 'c' }) })
  expect(['/run/haproxy.sock', 'unix:///run/x'].map(opened)).toEqual(['/run/haproxy.sock', 'unix:///run/x'])
  expect(['127.0.0.1:9999', '[::1]:9999', 'tcp://balancer:9999'].map(opened)).toEqual([null, null, null])
})

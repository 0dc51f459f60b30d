/** The Traefik driver: the contract on its file form and its API, and files that nobody may take over. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startTraefik } from '../../test/support/traefik.ts'
import { traefik } from './traefik.ts'
import { powers, trafficDriverContract } from './traffic.contract.ts'

const servers = (v1: string, v2: string): string =>
  `http:\n  services:\n    v1: { loadBalancer: { servers: [{ url: "http://${v1}" }] } }\n    v2: { loadBalancer: { servers: [{ url: "http://${v2}" }] } }\n`

describe('traffic driver traefik', () => {
  trafficDriverContract(async (stable, canary) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-traefik-'))
    writeFileSync(join(folder, 'servers.yml'), servers(stable, canary))
    const running = await startTraefik(folder, 'shop')
    const file = join(folder, 'weight.yml')
    const driver = traefik.open(
      traefik.config.parse({ file, service: 'shop', stable: 'v1', canary: 'v2', api: running.api }),
    )
    return {
      driver,
      address: running.address,
      counts: `node -e 'fetch("${running.api}/metrics").then((a) => a.text()).then((text) => {
        const of = (name) => Number(new RegExp("service=.".concat(name, "@file.} ([0-9]+)")).exec(text)?.[1] ?? 0)
        console.log(of("v2"), of("v1"))
      })'`,
      meddle: async (percent) => driver.set(percent, powers()),
      down: () => running.stop(),
      stop: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    }
  })
})

test('going back is written down also while Traefik cannot be asked, and nothing else is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-traefik-'))
  const file = join(folder, 'weight.yml')
  const driver = traefik.open(
    traefik.config.parse({ file, service: 'shop', stable: 'v1', canary: 'v2', api: 'http://127.0.0.1:9' }),
  )
  try {
    await expect(driver.set(50, powers())).rejects.toThrow('127.0.0.1:9')
    expect(existsSync(file)).toBe(false)
    await expect(driver.restore(powers())).rejects.toThrow('127.0.0.1:9')
    expect(readFileSync(file, 'utf8')).toContain('weight=0 ')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the file says who wrote it, an older epoch does not write over it, and a service that is missing is no weight', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-traefik-'))
  const running = await startTraefik(folder, 'shop')
  const file = join(folder, 'weight.yml')
  const driver = traefik.open(
    traefik.config.parse({ file, service: 'shop', stable: 'v1', canary: 'v2', api: running.api }),
  )
  try {
    expect(await driver.read(powers())).toMatchObject({
      kind: 'cannot-tell',
      say: 'Traefik knows no service shop@file',
    })
    await driver.set(12.5, powers({ epoch: 8 }))
    expect(readFileSync(file, 'utf8')).toBe(
      [
        '# Written by Holdpoint: weight=12.5 epoch=8 attempt=release/rollout/1',
        'http:',
        '  services:',
        '    "shop":',
        '      weighted:',
        '        services:',
        '          - name: "v1"',
        '            weight: 8750',
        '          - name: "v2"',
        '            weight: 1250',
        '',
      ].join('\n'),
    )
    await expect(driver.set(25, powers({ epoch: 7 }))).rejects.toThrow('epoch 8, ours is 7')
    await expect
      .poll(() => driver.read(powers()))
      .toMatchObject({ kind: 'cannot-tell', say: expect.stringContaining('does not exist') })
  } finally {
    await running.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

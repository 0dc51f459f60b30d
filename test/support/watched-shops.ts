/** Shops with customers of their own under the eyes of a real Prometheus, for tests about stable's past. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createShop, type ShopSettings } from '../../demo/service.ts'
import { startTraffic } from '../../demo/traffic.ts'
import { freePort, programs, startProgram, until } from './programs.ts'

export interface WatchedShops {
  readonly folder: string
  /** Of Prometheus. */
  readonly url: string
  stop(): Promise<void>
}

/** Resolves when Prometheus has scraped all of them for `forSeconds`. */
export async function openWatchedShops(settings: readonly ShopSettings[], forSeconds: number): Promise<WatchedShops> {
  const folder = mkdtempSync(join(tmpdir(), 'hp-past-'))
  const shops = settings.map(createShop)
  const targets = await Promise.all(shops.map(addressOf))
  const leave = targets.map((shop, seed) =>
    startTraffic({ shop: `http://${shop}`, perSecond: 40, seed, mostMs: 10 * 60_000 }),
  )
  const config = { scrape_interval: '250ms', scrape_timeout: '200ms' }
  const named = targets.map((target, i) => ({ targets: [target], labels: { pod: podName(settings, i) } }))
  const jobs = [{ job_name: 'shop', static_configs: named }]
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({ global: config, scrape_configs: jobs }))
  const listen = `127.0.0.1:${await freePort()}`
  const prometheus = startProgram(programs.prometheus as string, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${listen}`,
    '--log.level=error',
  ])
  const query = `count(count_over_time(http_requests_in_flight[5m]) > ${4 * forSeconds})`
  const seen = async (): Promise<boolean> => {
    const answer = await fetch(`http://${listen}/api/v1/query?${new URLSearchParams({ query }).toString()}`)
    return (await answer.text()).includes(`"${targets.length}"`)
  }
  await until(`Prometheus has seen all for a while\n${prometheus.said()}`, seen, 60_000 + 3000 * forSeconds)
  return {
    folder,
    url: `http://${listen}`,
    async stop() {
      for (const end of leave) end()
      await prometheus.stop()
      for (const server of shops) {
        server.closeAllConnections()
        server.close()
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** `1.0.0-0`, `1.0.0-1`, `2.0.0-0`: the label `pod`, which is the same in every run. */
function podName(settings: readonly ShopSettings[], index: number): string {
  const { version } = settings[index] as ShopSettings
  return `${version}-${settings.slice(0, index).filter((one) => one.version === version).length}`
}

async function addressOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A window of low traffic against a real Prometheus: high, missing, then low for long enough. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { describeWith, freePort, programs, startProgram, until } from '../support/programs.ts'
import { openRealEngine } from '../support/real-engine.ts'

const checklist = `---
holdpoint: 1
service: shop
inputs: { prometheus: {} }
sources: { prom: { kind: prometheus, url: "{{ prometheus }}" } }
windows: { quiet: { low-traffic: { on: prom, query: requests_per_second, below: 100, for: 2s } } }
---
# Shop

## Go
\`\`\`yaml phase
window: quiet
\`\`\`
- [ ] Somebody looks
`

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function openTraffic() {
  let page = ''
  const service = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
    response.end(page)
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    service.closeAllConnections()
    service.close()
  })
  const folder = mkdtempSync(join(tmpdir(), 'hp-quiet-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  const target = `127.0.0.1:${(service.address() as AddressInfo).port}`
  const scrape = { job_name: 'shop', static_configs: [{ targets: [target] }] }
  const config = { global: { scrape_interval: '250ms', scrape_timeout: '200ms' }, scrape_configs: [scrape] }
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const listen = `127.0.0.1:${await freePort()}`
  const server = startProgram(programs.prometheus as string, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${listen}`,
    '--log.level=error',
  ])
  ends.push(() => server.stop())
  await until(`Prometheus answers\n${server.said()}`, async () => (await fetch(`http://${listen}/-/ready`)).ok)
  return { folder, url: `http://${listen}`, set: (perSecond: number) => (page = `requests_per_second ${perSecond}\n`) }
}

describeWith({ prometheus: programs.prometheus }, 'a window of low traffic', () => {
  test('keeps a phase waiting while nothing is known or traffic is high, and lets it begin when it is low', async () => {
    const traffic = await openTraffic()
    const engine = await openRealEngine()
    ends.push(() => engine.stop())
    const release = await engine.start({
      root: traffic.folder,
      text: checklist,
      version: '2.0.0',
      previous: null,
      environment: 'test',
      inputs: { prometheus: traffic.url },
      people: [],
    })
    const reading = (state: Awaited<ReturnType<typeof release.state>>) => state.time.readings.get('quiet')
    const unknown = await release.until('nothing is known', (state) => reading(state) !== undefined)
    expect(reading(unknown)).toMatchObject({
      isLow: false,
      say: expect.stringContaining('not known to be low') as string,
    })
    expect(unknown.phases.get('go')?.status).toBe('waiting')

    traffic.set(500)
    const busy = await release.until('traffic is high', (state) => reading(state)?.say.startsWith('500') === true)
    expect(reading(busy)).toMatchObject({ isLow: false, say: '500 ≥ 100, the highest in 2s' })
    expect(busy.phases.get('go')?.status).toBe('waiting')

    traffic.set(20)
    const begun = await release.until('traffic is low', (state) => state.phases.get('go')?.status === 'open')
    expect(reading(begun)).toMatchObject({ isLow: true, say: '20 < 100, the highest in 2s' })
    const [evidence] = reading(begun)?.evidence ?? []
    const kept = await engine.app.store.getEvidence(evidence?.sha256 ?? '')
    expect(Buffer.from(kept ?? []).toString('utf8')).toMatch(/^\d{4}-.*\t20$/m)
  }, 120_000)
})

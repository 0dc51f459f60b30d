/** Windows of low traffic against a real Prometheus: high, missing, then low for long enough; and what was usual a week ago. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { describeWith, findProgram, freePort, programs, startProgram, until } from '../support/programs.ts'
import { openRealEngine } from '../support/real-engine.ts'

const promtool = findProgram('/usr/bin/promtool', '/usr/local/bin/promtool')

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

const usual = `---
holdpoint: 1
service: shop
inputs: { prometheus: {} }
sources: { prom: { kind: prometheus, url: "{{ prometheus }}" } }
windows:
  calm: { low-traffic: { on: prom, query: requests_last_week, usual-below: 100, weeks: 1, for: 10m } }
  new: { low-traffic: { on: prom, query: requests_last_week, usual-below: 100, weeks: 2, for: 10m } }
---
# Shop

## Go
\`\`\`yaml phase
window: calm
\`\`\`
- [ ] Ready
  \`\`\`sh check
  true
  \`\`\`

## On
\`\`\`yaml phase
window: new
\`\`\`
- [ ] Somebody looks
`

/** Forty requests a second from six hours before this time of the week to six hours after it, however the test's clock is set. */
function lastWeek(folder: string): void {
  const now = Math.floor(Date.now() / 60_000) * 60
  const from = now - 7 * 86_400 - 6 * 3600
  const lines = Array.from({ length: 12 * 60 }, (_, minute) => `requests_last_week 40 ${from + minute * 60}`)
  const file = join(folder, 'past.txt')
  writeFileSync(file, ['# TYPE requests_last_week gauge', ...lines, '# EOF', ''].join('\n'))
  execFileSync(promtool as string, ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'data')])
}

async function openTraffic(prepare: (folder: string) => void = () => {}) {
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
  prepare(folder)
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

describeWith({ prometheus: programs.prometheus, promtool }, 'what is usual at this time of the week', () => {
  test('lets a phase begin where the weeks before say so, and not where one of them is missing', async () => {
    const traffic = await openTraffic(lastWeek)
    const engine = await openRealEngine()
    ends.push(() => engine.stop())
    const release = await engine.start({
      root: traffic.folder,
      text: usual,
      version: '2.0.0',
      previous: null,
      environment: 'test',
      inputs: { prometheus: traffic.url },
      people: [],
    })
    const state = await release.until(
      'both were read',
      ({ time }) => time.readings.has('calm') && time.readings.has('new'),
    )
    expect(state.time.readings.get('calm')).toMatchObject({
      isLow: true,
      say: 'usually 40 < 100 at this time of the week',
    })
    expect(state.time.readings.get('new')).toMatchObject({
      isLow: false,
      say: expect.stringContaining('what is usual at this time is not known: 2 weeks ago') as string,
    })
    expect([...state.phases.values()].map(({ status }) => status)).toEqual(['closed', 'waiting'])
  }, 120_000)
})

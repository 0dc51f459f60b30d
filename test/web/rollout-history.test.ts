/** The rollout page over a real Prometheus: stable's own past before the rollout, the judge's interval, and the end when all went well. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith, programs } from '../support/programs.ts'
import { openWatchedShops, type WatchedShops } from '../support/watched-shops.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

/** Evidence takes its time, on a busy machine more of it. */
const PATIENCE_MS = 150_000

describe.skipIf(!hasChromium())('with a browser', () => {
  describeWith({ prometheus: programs.prometheus }, 'a rollout under the eyes of Prometheus', () => {
    let place: WatchedShops
    let team: WebTeam
    let windows: Windows
    let page: Page

    beforeAll(async () => {
      const versions = ['1.0.0', '1.0.0', '1.0.0', '2.0.0']
      place = await openWatchedShops(
        versions.map((version) => ({ version, fault: 'none', failEvery: 200 })),
        10,
      )
      team = await startWebTeam()
      windows = await openWindows()
    }, PATIENCE_MS)
    afterAll(async () => {
      await windows?.end()
      await team?.end()
      await place?.stop()
    })

    test(
      'the time before it is shown beside it, and in the end the charts stay with what they said',
      async () => {
        const release = await team.start(checklist(place), { version: '2.0.0' })
        page = await windows.signedIn(team.server.address, 'ana', { viewport: { width: 1280, height: 900 } })
        await page.goto(`${team.server.address}/releases/${release}/rollout`)
        await page.getByText('A chart will stand here for each of: errors, latency').waitFor()
        await team.server.holdpoint(team.server.person('ben'), [
          'release',
          'answer',
          release,
          'before/somebody-looks',
          'passed',
        ])
        const errors = page.locator('section.metric', {
          has: page.getByRole('heading', { name: 'errors', exact: true }),
        })
        await errors.locator('rect.past').waitFor({ timeout: PATIENCE_MS })
        await page.locator('.legend', { hasText: 'before the rollout: two parts of stable' }).waitFor()
        await errors.getByRole('slider').focus()
        await page.keyboard.press('Home')
        await expect
          .poll(() => errors.getByRole('slider').getAttribute('aria-valuetext'))
          .toContain('before the rollout')
        await page.keyboard.press('End')

        await page
          .locator('.standing', { hasText: 'Its one stage is done: 25 % of the traffic is on 2.0.0.' })
          .waitFor({ timeout: PATIENCE_MS })
        expect(await page.locator('.stages .is-left').count()).toBe(1)
        expect(await errors.locator('.plot .dot.is-go').count()).toBeGreaterThan(0)
        await page.reload()
        // A line that is level has no height, and counts as hidden.
        await errors.locator('.line.is-canary').waitFor({ state: 'attached' })
        expect(await page.locator('.legend').innerText()).toContain('before the rollout')
      },
      2 * PATIENCE_MS,
    )
  })
})

function checklist({ url, folder }: WatchedShops): string {
  const weight = join(folder, 'weight')
  return `---
holdpoint: 1
service: shop
environments: { staging: {} }
sources:
  prom: { kind: prometheus, url: "${url}" }
---
## Before
- [ ] Somebody looks

## Rollout
- [ ] Customers move
  \`\`\`yaml rollout
  components:
    shop: { traffic: command, set: 'echo $HOLDPOINT_WEIGHT > ${weight}', read: 'cat ${weight} || echo 0' }
  stages:
    - { weight: 25%, soak: 10s, deadline: 20x }
  judge:
    every: 5s
    history: 5m
    arms: { canary: { version: "2.0.0" }, stable: { version: "1.0.0" } }
    metrics:
      errors:
        kind: ratio
        bad: 'sum(rate(http_requests_total{code=~"5..",{{arm}}}[5s]))'
        total: 'sum(rate(http_requests_total{{{arm}}}[5s]))'
        go: "< 10%"
        rollback: "> 50%"
      latency:
        kind: histogram
        buckets: 'sum by (le) (rate(http_request_duration_seconds_bucket{{{arm}}}[5s]))'
        go: "p95 < 2s"
  \`\`\`
`
}

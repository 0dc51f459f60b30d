/** The rollout page in real Chromium, over a real server that moves the demo's customers: charts that live, and every decision. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from '../../demo/world.ts'
import type { Chart } from '../../src/report/chart/chart.ts'
import { rolloutText } from '../support/watched-rollout.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Judging takes as long as it takes, on a busy machine longer. */
const PATIENCE_MS = 60_000
const ATTACK = '<img src=x onerror=window.ran=1>'
const slow =
  '[{ weight: 5%, soak: 2s, promote: release-engineer }, { weight: 25%, soak: 20m }, { weight: 100%, soak: 20m }]'

describe.skipIf(!hasChromium())(
  'the rollout page',
  () => {
    let team: WebTeam
    let windows: Windows
    let good: World
    let bad: World | null = null
    let ana: Page
    let ben: Page
    let release = ''

    const page = (id: string) => `${team.server.address}/releases/${id}/rollout`
    const chart = (at: Page, label: string) =>
      at.locator('section.metric', { has: at.getByRole('heading', { name: label, exact: true }) })
    const moment = (at: Page, label: string) => at.getByRole('slider', { name: `Moment of ${label}` })
    const newest = async (at: Page, label: string) => Number(await moment(at, label).getAttribute('aria-valuemax'))
    const act = (at: Page, word: string) => at.locator('.bar-acts').getByRole('button', { name: word, exact: true })
    const decide = async (at: Page, word: string, why: string, send = word) => {
      await act(at, word).click()
      const dialog = at.getByRole('dialog')
      await dialog.getByLabel(/^Why/).fill(why)
      await dialog.getByRole('button', { name: send, exact: true }).click()
    }

    const answer = (id: string) =>
      team.server.holdpoint(team.server.person('ana'), [
        'release',
        'answer',
        id,
        'before/somebody-looks-first',
        'passed',
      ])

    beforeAll(async () => {
      team = await startWebTeam()
      windows = await openWindows()
      good = await startWorld({ perSecond: 100 })
      await team.add('vera', [])
      const version = good.settings.version
      release = await team.start(rolloutText(good, { service: 'shop', stages: slow, policy: 'threshold' }), { version })
      await answer(release)
      ana = await windows.signedIn(team.server.address, 'ana', {
        viewport: { width: 1280, height: 900 },
        colorScheme: 'light',
      })
      ben = await windows.signedIn(team.server.address, 'ben', {
        viewport: { width: 360, height: 740 },
        colorScheme: 'dark',
      })
    }, 2 * PATIENCE_MS)
    afterAll(async () => {
      await windows?.end()
      await team?.end()
      await Promise.all([good?.stop(), bad?.stop()])
    })

    test('is a click away from the release, and its charts grow without a reload', async () => {
      await ana.goto(`${team.server.address}/releases/${release}`)
      await ana.getByRole('link', { name: 'Charts and decisions' }).click()
      await ana.getByRole('heading', { name: /^Rollout of shop/ }).waitFor()
      expect(ana.url()).toBe(page(release))
      await ana.locator('.stages [aria-current=step]', { hasText: '5 %' }).waitFor()
      await moment(ana, 'errors').waitFor({ timeout: PATIENCE_MS })
      const before = await newest(ana, 'errors')
      await expect.poll(() => newest(ana, 'errors'), { timeout: PATIENCE_MS }).toBeGreaterThan(before + 3)
      expect(await chart(ana, 'latency p95').locator('.limit').count()).toBeGreaterThanOrEqual(2)
      await expect.poll(() => chart(ana, 'errors').locator('.line.is-canary').getAttribute('d')).toMatch(/^M[\d.]/)
    })

    test('a moment is chosen by keys and said in words; the same stands in a table, beside the query', async () => {
      const slider = moment(ana, 'errors')
      await expect
        .poll(() => slider.getAttribute('aria-valuetext'), { timeout: PATIENCE_MS })
        .toMatch(/errors canary [\d.]+ %, stable [\d.]+ %/)
      await slider.focus()
      await ana.keyboard.press('Home')
      await ana.keyboard.press('ArrowLeft')
      await ana.keyboard.press('ArrowRight')
      // One crosshair through all charts.
      await expect.poll(() => ana.locator('.cross').count()).toBe(2)
      const [first, last] = [
        Number(await slider.getAttribute('aria-valuenow')),
        Number(await slider.getAttribute('aria-valuemax')),
      ]
      expect(first).toBeLessThan(last)
      await ana.keyboard.press('Escape')
      await expect.poll(() => ana.locator('.cross').count()).toBe(0)
      await chart(ana, 'errors').getByText('Query and table').click()
      const table = chart(ana, 'errors').getByRole('table')
      await table.getByRole('columnheader', { name: 'Canary', exact: true }).waitFor()
      expect(await table.getByRole('row').count()).toBeGreaterThan(2)
      const query = await chart(ana, 'errors').locator('.query').innerText()
      expect(query).toContain('http_requests_total{code=~"5..",{{arm}}}')
      expect(query).toContain(`version="${good.settings.version}"`)
      await chart(ana, 'errors').getByText('Query and table').click()
    })

    test('has no barrier that axe finds, light and dark, and nothing to scroll sideways on a phone', async () => {
      await ben.goto(page(release))
      await moment(ben, 'errors').waitFor({ timeout: PATIENCE_MS })
      for (const at of [ana, ben]) {
        const found = await at.evaluate<string[]>(
          `${axe}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`,
        )
        expect(found).toEqual([])
      }
      expect(await ben.evaluate('document.documentElement.scrollWidth')).toBe(360)
    })

    test('nothing moves on the page while numbers come in or somebody points at them', async () => {
      await ana.evaluate(WATCH_SHIFTS)
      const before = await newest(ana, 'errors')
      await moment(ana, 'latency p95').hover({ position: { x: 200, y: 60 } })
      await expect.poll(() => ana.locator('.cross').count()).toBe(2)
      await expect.poll(() => newest(ana, 'errors'), { timeout: PATIENCE_MS }).toBeGreaterThan(before + 4)
      await ana.mouse.move(2, 2)
      expect(await ana.evaluate<number>('window.shifted')).toBeLessThan(0.02)
    })

    test('six hours of ten metrics are no more to draw than the screen can show, and strange names are only text', async () => {
      const long = await windows.signedIn(team.server.address, 'ben', { viewport: { width: 360, height: 740 } })
      await long.route(/\/chart\?/, (asked) =>
        asked.request().url().includes('after=')
          ? asked.fulfill({ json: longChart(0) })
          : asked.fulfill({ json: longChart(1440) }),
      )
      await long.goto(page(release))
      await long.locator('.metric').nth(9).waitFor()
      const lines = await long
        .locator('.plot .line')
        .evaluateAll((paths) => paths.map((path) => (path.getAttribute('d') ?? '').split(/[ML]/).length))
      expect(lines).toHaveLength(20)
      expect(Math.max(...lines)).toBeLessThanOrEqual(2 * 360)
      expect(Math.min(...lines)).toBeGreaterThan(100)
      expect(await newest(long, 'metric 3')).toBe(1439)
      expect(await long.getByRole('heading', { name: ATTACK, exact: true }).count()).toBe(1)
      expect(await long.evaluate('document.documentElement.scrollWidth')).toBe(360)
      expect(await long.evaluate('window.ran')).toBeUndefined()
      await long.context().close()
    })

    test('who may only look is told which role a hold takes', async () => {
      const vera = await windows.signedIn(team.server.address, 'vera')
      await vera.goto(page(release))
      await decide(vera, 'Hold', 'I have a feeling')
      await vera
        .getByRole('alert')
        .getByText(/which the roles .*release-engineer/)
        .waitFor()
      expect(await vera.getByLabel('Why').inputValue()).toBe('I have a feeling')
      await vera.context().close()
    })

    test('a hold needs a reason, both windows say who holds and why, and it is lifted with one', async () => {
      await act(ana, 'Hold').click()
      await ana.getByRole('dialog').getByRole('button', { name: 'Hold', exact: true }).click()
      await ana.getByText('“Why” is needed.').waitFor()
      await ana.getByLabel('Why').fill('the office is on fire')
      await ana.getByRole('dialog').getByRole('button', { name: 'Hold', exact: true }).click()
      await ben.locator('.standing', { hasText: 'Held by ana: the office is on fire' }).waitFor()
      const before = await newest(ben, 'errors')
      await expect.poll(() => newest(ben, 'errors'), { timeout: PATIENCE_MS }).toBeGreaterThan(before)
      await decide(ben, 'Lift the hold', 'it was the toaster', 'Go on')
      await ana.locator('.standing', { hasText: 'Held by' }).waitFor({ state: 'detached' })
      await act(ana, 'Hold').waitFor()
    })

    test('a promotion goes on now, and the stage is on the track of both windows', async () => {
      await act(ana, 'Promote').click({ timeout: PATIENCE_MS })
      const dialog = ana.getByRole('dialog', { name: 'Promote to 25 %' })
      await dialog.getByLabel(/^Why/).fill('enough for five percent')
      await dialog.getByRole('radio', { name: 'release-engineer' }).check()
      await dialog.getByRole('button', { name: 'Promote', exact: true }).click()
      for (const at of [ana, ben]) {
        await at.locator('.stages [aria-current=step]', { hasText: '25 %' }).waitFor({ timeout: PATIENCE_MS })
        await at.locator('.stages .is-left', { hasText: '5 %' }).waitFor()
      }
      await ana.locator('.story', { hasText: 'enough for five percent' }).waitFor()
      await ana.locator('.stages').getByRole('button', { name: /^5 %/ }).click()
      await ana.locator('.legend', { hasText: 'Only 5 %' }).waitFor()
      const stage = await newest(ana, 'errors')
      await ana.getByRole('button', { name: 'show all' }).click()
      await expect.poll(() => newest(ana, 'errors'), { timeout: PATIENCE_MS }).toBeGreaterThan(stage)
    })

    test('a window that slept shows every interval that it missed', async () => {
      const before = await newest(ben, 'errors')
      await ben.context().setOffline(true)
      await ben.locator('.lost-bar p', { hasText: 'Reconnecting' }).waitFor()
      await expect.poll(() => newest(ana, 'errors'), { timeout: PATIENCE_MS }).toBeGreaterThan(before + 4)
      expect(await newest(ben, 'errors')).toBeLessThan(before + 4)
      await ben.context().setOffline(false)
      await expect.poll(() => newest(ben, 'errors'), { timeout: PATIENCE_MS }).toBeGreaterThan(before + 4)
      const apart = async () => Math.abs((await newest(ana, 'errors')) - (await newest(ben, 'errors')))
      await expect.poll(apart, { timeout: PATIENCE_MS }).toBeLessThanOrEqual(2)
    })

    test('a roll back says so in words for both, and the charts stay', async () => {
      await decide(ben, 'Roll back', 'customers call')
      for (const at of [ana, ben]) {
        await at
          .locator('.standing', { hasText: /by ben: customers call.*1 of 1 back on stable/ })
          .waitFor({ timeout: PATIENCE_MS })
        await at.locator('.stages .is-stopped', { hasText: '25 %' }).waitFor()
        expect(await at.locator('.metric').count()).toBe(2)
      }
      await act(ana, 'Roll back').waitFor({ state: 'detached' })
      expect(((await (await fetch(`${good.admin}/weight`)).json()) as { percent: number }).percent).toBe(0)
      await ana.goto(`${team.server.address}/releases/${release}`)
      await ana.locator('.rollout .stage.is-stopped').waitFor()
      expect(await ana.locator('.margin-acts').getByRole('button', { name: 'Retry' }).count()).toBe(0)
    })

    test('an abort before there is any traffic leaves a page that says so', async () => {
      const many = Array.from({ length: 14 }, (_, at) => `{ weight: ${(at + 1) * 7}%, soak: 5m }`).join(', ')
      const text = rolloutText(good, {
        service: 'stock',
        stages: `[${many}, { weight: 100%, soak: 5m }]`,
      })
      const other = await team.start(text, { version: good.settings.version })
      await ben.goto(page(other))
      await ben
        .locator('.standing', { hasText: /Not begun: nobody is on 1\.9\.0 yet\. 15 stages from 7 % to 100 %/ })
        .waitFor()
      await ben.getByText('A chart will stand here for each of: errors, latency').waitFor()
      expect(await ben.locator('.stages li').count()).toBe(15)
      expect(await ben.evaluate('document.documentElement.scrollWidth')).toBe(360)
      await decide(ben, 'Abort', 'wrong version')
      await ben.getByText('It ended before anything was measured').waitFor({ timeout: PATIENCE_MS })
      await ben.locator('.standing', { hasText: 'wrong version' }).waitFor()
    })

    test('a bad version is rolled back under the eyes of two, with whom it harmed; nothing that strangers wrote runs', async () => {
      bad = await startWorld({ perSecond: 100, bad: 'errors', seed: 2 })
      bad = await startWorld({ perSecond: 100, bad: 'errors', seed: 2 })
      const text = rolloutText(bad, {
        service: 'bad-shop',
        stages: '[{ weight: 20%, soak: 20m }, { weight: 100%, soak: 20m }]',
        step: `Customers move ${ATTACK}`,
        metrics: [
          '      strange:',
          '        kind: ratio',
          `        bad: 'http_requests_total{code="${ATTACK}",{{arm}}}'`,
          "        total: 'http_requests_total{{{arm}}}'",
          '        rollback: "> 50%"',
          '        dry-run: true',
        ],
      })
      const other = await team.start(text, { version: bad.settings.version })
      await answer(other)
      await Promise.all([ana, ben].map((at) => at.goto(page(other))))
      for (const at of [ana, ben]) {
        await at
          .locator('.standing', { hasText: /by judge: errors .*beyond its rollback limit/ })
          .waitFor({ timeout: PATIENCE_MS })
        await at.locator('.figures', { hasText: /errors: \d+ of [\d,]+ failed/ }).waitFor()
        await at.locator('.stages .is-stopped', { hasText: '20 %' }).waitFor()
        await chart(at, 'errors').locator('.zone-word', { hasText: 'rollback' }).waitFor()
        await chart(at, 'errors').locator('.plot .dot.is-rollback').waitFor()
        await chart(at, 'strange').getByText('Query and table').click()
        expect(await chart(at, 'strange').locator('.query').innerText()).toContain(ATTACK)
        expect(await at.locator('h2', { hasText: ATTACK }).count()).toBe(1)
        expect(await at.evaluate('window.ran')).toBeUndefined()
      }
      expect(await ana.title()).toMatch(/^✕/)
    })
  },
  240_000,
)

/** Runs in the page, where this program's types do not reach. */
const WATCH_SHIFTS = `window.shifted = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value
}).observe({ type: 'layout-shift' })`

/** Ten metrics, an interval every 15 s. */
function longChart(count: number): Chart {
  const to = Array.from({ length: count }, (_, at) => 1_790_000_000_000 + at * 15_000)
  const labels = Array.from({ length: 10 }, (_, at) =>
    at === 0 ? ATTACK : at === 1 ? 'x'.repeat(200) : `metric ${at}`,
  )
  const wave = to.map((_, at) => 0.01 + 0.005 * Math.sin(at / 3))
  const none = to.map(() => null)
  return {
    step: 'any',
    policy: 'threshold',
    everyMs: 15_000,
    soaks: [{ stage: 0, startedAt: 1_790_000_000_000 - 15_000, endedAt: null }],
    metrics: labels.map((label) => ({
      label,
      metric: label,
      quantile: null,
      unit: 'ratio',
      dryRun: false,
      windowMs: 60_000,
      limits: [{ kind: 'rollback', stage: 0, value: 0.02, text: `> 2% ${ATTACK}` }],
      versusStable: [ATTACK],
      queries: { bad: ATTACK },
      source: ATTACK,
    })),
    arms: { canary: { [ATTACK]: ATTACK }, stable: {} },
    harm: [{ metric: ATTACK, requests: 9_000, failed: 90, wouldHave: 40 }],
    from: to.map((at) => at - 15_000),
    to,
    history: 0,
    zones: 'g'.repeat(count),
    columns: Object.fromEntries(
      labels.map((label) => [
        label,
        {
          canary: wave,
          stable: wave,
          canaryAlone: wave,
          low: none,
          high: none,
          slowerThan: null,
          ratioLimits: { go: null, rollback: null },
          zones: 'gh'.repeat(count).slice(0, count),
        },
      ]),
    ),
    more: false,
  }
}

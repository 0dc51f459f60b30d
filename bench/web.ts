/**
 * P13: opening the list of 10,000 releases beside opening a blank page of the same server, alternately, in headless
 * Chromium; what a first load transfers, compressed; the longest task while 600 steps scroll and change; the time from
 * one person's click to the other person's page; and what a live stream sends for it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { fillStore } from '../test/support/many-releases.ts'
import { manySteps } from '../test/support/many-steps.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../test/support/web-team.ts'
import { median, percentile, report } from './measure.ts'

const ROUNDS = 15
const CLICKS = 20
const ANSWERS = 8
const FIRST_LOAD_KB = 150
const SEEN_WITHIN_MS = 300
/** Answers with a page of one sentence, without script and style. */
const BLANK = '/v1/openid/callback'

/** Runs in the page: when the step's state is another one, by the clock that all pages of a machine share. */
const WAIT_FOR_STATE = `(selector) => new Promise((resolve) => {
  const step = document.querySelector(selector)
  const before = step.dataset.state
  new MutationObserver((_, observer) => {
    if (step.dataset.state === before) return
    observer.disconnect()
    requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()))
  }).observe(step, { attributes: true })
})`

/** Runs in a page: reads a release's stream as whole views and events, and as the pages ask for it; counts the bytes. */
const COUNT_STREAMS = `(path) => {
  window.counted = { whole: 0, changes: 0 }
  for (const [kind, query] of [['whole', ''], ['changes', '?live=changes&events=versions']])
    fetch(path + '/stream' + query).then(async (answer) => {
      for await (const piece of answer.body) window.counted[kind] += piece.length
    })
}`

/** Runs in a page: answers one question as the page would. */
const ANSWER = `async ([path, step]) => {
  const command = { kind: 'Answer', step, answer: 'yes', note: null, fields: {}, evidence: [] }
  const body = JSON.stringify({ command, seen: null })
  const answer = await fetch(path + '/commands', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  if (!answer.ok) throw new Error(await answer.text())
}`

if (hasChromium()) {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-web-'))
  await fillStore(folder, { ended: 9_700, open: 300 })
  const team = await startWebTeam(['--store', folder])
  const windows = await openWindows()
  try {
    await measure(team, windows)
  } finally {
    await windows.end()
    await team.end()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function measure(team: WebTeam, windows: Windows): Promise<void> {
  const { address } = team.server
  const root = await windows.signedIn(address, 'root', { viewport: { width: 1440, height: 900 } })
  await openList(root, address)
  const release = await team.start(manySteps(600))
  await firstLoads(root, windows, [`${address}/`, `${address}/releases/${release}`])
  await longTasks(root, `${address}/releases/${release}`)
  await fromClickToPage(team, windows, release)
  await bytesOfAnAnswer(team, windows, release)
}

async function openList(page: Page, address: string): Promise<void> {
  const times = { blank: [] as number[], list: [] as number[] }
  for (let round = 0; round < ROUNDS; round += 1) {
    times.blank.push(await opened(page, `${address}${BLANK}`, 'h1'))
    times.list.push(await opened(page, `${address}/`, '.row'))
  }
  report('P13 opening the list of 10,000 releases, beside a blank page', {
    value: median(times.list),
    baseline: median(times.blank),
    unit: 'ms',
    goal: 3,
  })
}

/** Until the first of these is on the screen. */
async function opened(page: Page, url: string, selector: string): Promise<number> {
  const start = performance.now()
  await page.goto(url, { waitUntil: 'commit' })
  await page.locator(selector).first().waitFor()
  return performance.now() - start
}

async function firstLoads(page: Page, windows: Windows, urls: readonly string[]): Promise<void> {
  const cookies = await page.context().cookies()
  for (const url of urls) {
    const context = await windows.open()
    await context.addCookies(cookies)
    const { kb, data } = await transferred(context, url)
    tell(kb <= FIRST_LOAD_KB, `P13 first load of ${new URL(url).pathname.replace(/s\/.*/, 's/…')}`, [
      `${kb.toFixed(1)} kB of program and page (goal <= ${FIRST_LOAD_KB} kB), and ${data.toFixed(1)} kB of data`,
    ])
    await context.close()
  }
}

/** As they came over the wire, with their headers. */
async function transferred(context: BrowserContext, url: string): Promise<{ kb: number; data: number }> {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  const paths = new Map<string, string>()
  const sums = { kb: 0, data: 0 }
  session.on('Network.requestWillBeSent', ({ requestId, request }) =>
    paths.set(requestId, new URL(request.url).pathname),
  )
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    sums[paths.get(requestId)?.startsWith('/v1/') === true ? 'data' : 'kb'] += encodedDataLength / 1_000
  })
  await session.send('Network.enable')
  await page.goto(url)
  await page.locator('.row, [data-step]').first().waitFor()
  await page.waitForTimeout(1_000)
  return sums
}

async function longTasks(page: Page, url: string): Promise<void> {
  const took = await opened(page, url, '[data-step]')
  tell(took <= 1_500, 'a release of 600 steps', [`open after ${took.toFixed(0)} ms (goal <= 1500 ms)`])
  const longest = await longestTask(page, async () => {
    for (let at = 0; at < 60; at += 1) {
      await page.mouse.wheel(0, 600)
      await page.waitForTimeout(30)
    }
  })
  tell(longest <= 100, 'scrolling through it', [`longest task ${longest.toFixed(0)} ms (goal <= 100 ms)`])
}

/** Tasks shorter than 50 ms are not told by the browser: 0 then. */
async function longestTask(page: Page, during: () => Promise<void>): Promise<number> {
  await page.evaluate(
    'window.tasks = []; window.watching = new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))); window.watching.observe({ type: "longtask" })',
  )
  await during()
  await page.waitForTimeout(300)
  return page.evaluate<number>('window.watching.disconnect(); Math.max(0, ...window.tasks)')
}

async function fromClickToPage(team: WebTeam, windows: Windows, release: string): Promise<void> {
  const url = `${team.server.address}/releases/${release}`
  const [ana, ben] = [
    await windows.signedIn(team.server.address, 'ana'),
    await windows.signedIn(team.server.address, 'ben'),
  ]
  const times: number[] = []
  await Promise.all([ana.goto(url), ben.goto(url)])
  const tasks: number[] = []
  for (let at = 0; at < CLICKS; at += 1) {
    const step = `[data-step$="question-${at + 1}"]`
    await ben.locator(step).waitFor()
    await ana.locator(`${step} .margin-acts button`).first().click()
    const button = ana.getByRole('dialog').locator('button[type=submit]')
    await button.waitFor()
    await ana.evaluate(
      `document.querySelector('dialog form').addEventListener('submit', () => { window.sentAt = performance.timeOrigin + performance.now() })`,
    )
    const seen = ben.evaluate<number>(`(${WAIT_FOR_STATE})(${JSON.stringify(step)})`)
    tasks.push(await longestTask(ben, () => button.click().then(() => seen.then(() => {}))))
    times.push((await seen) - (await ana.evaluate<number>('window.sentAt')))
    await ana.getByRole('dialog').waitFor({ state: 'detached' })
  }
  const [half, late] = [median(times), percentile(times, 0.95)]
  tell(late <= SEEN_WITHIN_MS, "from one person's click to the other's page, 600 steps", [
    `${half.toFixed(0)} ms, p95 ${late.toFixed(0)} ms (goal <= ${SEEN_WITHIN_MS} ms)`,
    `longest task ${Math.max(...tasks).toFixed(0)} ms`,
  ])
}

async function bytesOfAnAnswer(team: WebTeam, windows: Windows, release: string): Promise<void> {
  const page = await windows.signedIn(team.server.address, 'ana')
  const path = `/v1/releases/${release}`
  await page.goto(`${team.server.address}${path.slice(3)}`)
  const open = page.locator('[data-step]:not([data-state="passed"])')
  await open.first().waitFor()
  const steps = await open.evaluateAll((found) => found.map((step) => step.getAttribute('data-step')))
  const counted = () => page.evaluate<{ whole: number; changes: number }>('({ ...window.counted })')
  await page.evaluate(`(${COUNT_STREAMS})(${JSON.stringify(path)})`)
  await page.waitForTimeout(2_000)
  const before = await counted()
  for (const step of steps.slice(0, ANSWERS)) {
    await page.evaluate(`(${ANSWER})(${JSON.stringify([path, step])})`)
    await page.waitForTimeout(1_000)
  }
  const after = await counted()
  report('P13 a stream of 600 steps, bytes until it is up to date, beside whole views and events', {
    value: before.changes,
    baseline: before.whole,
    unit: 'B',
    goal: 0.5,
  })
  report('P13 a stream of 600 steps, bytes for an answer, beside whole views and events', {
    value: (after.changes - before.changes) / ANSWERS,
    baseline: (after.whole - before.whole) / ANSWERS,
    unit: 'B',
    goal: 0.1,
  })
}

function tell(isMet: boolean, name: string, words: readonly string[]): void {
  process.stdout.write(`${isMet ? 'met   ' : 'missed'} ${name}: ${words.join('; ')}\n`)
}

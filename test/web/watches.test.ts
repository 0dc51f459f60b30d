/** Watches, baselines, known issues and tables to fill in, in real Chromium over a real server: what overlaps, what is frozen, what people change. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOn, widthTooMuch } from '../support/look-at-page.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const ATTACK = '<img src=x onerror="window.ran=1">'

/** Answers every query with 0.0042, now and for every instant of the past. */
function startMetrics(): Promise<Server> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      const form = new URLSearchParams(body)
      const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name) ?? '0'))
      const isRange = request.url?.includes('query_range') === true
      const values = isRange ? seriesOf(start ?? 0, end ?? 0, step ?? 1) : []
      const result = isRange
        ? [{ metric: {}, values }]
        : [{ metric: {}, value: [Number(form.get('time') ?? Date.now() / 1000), '0.0042'] }]
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ status: 'success', data: { resultType: isRange ? 'matrix' : 'vector', result } }))
    })
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

function seriesOf(start: number, end: number, step: number): readonly (readonly [number, string])[] {
  const values: (readonly [number, string])[] = []
  for (let at = start; at <= end + 1e-6; at += step) values.push([at, '0.0042'])
  return values
}

const checklist = (port: number): string => `---
holdpoint: 1
service: checkout
environments: { staging: {} }
inputs: { metrics: { default: "127.0.0.1" } }
sources: { prom: { kind: prometheus, url: "http://{{ metrics }}:${port}" } }
---
# Checkout

## Before
- [ ] The usual numbers
  \`\`\`yaml baseline
  over: 1h
  at: same hour last week
  values:
    error-rate: { type: percent, query: "sum(errors) / sum(requests)" }
  \`\`\`
- [ ] What the review found
  \`\`\`yaml fields
  findings:
    label: Findings
    rows:
      least: 2
      columns:
        finding: text
        grade: { options: [grave, harmless] }
        share: { label: Share of users, type: percent, limit: "< 5%", required: false }
        fix-by: { type: date, required: false }
  \`\`\`

## Known issues
\`\`\`yaml known-issues
block: [critical]
ask: [medium]
\`\`\`

| Issue | Workaround | Severity | Target fix |
|---|---|---|---|
| Exports are slow ${ATTACK} | at night | medium | 2.2 |
| The logo is blurred | none | low | 2.1 |

## Watch
- [ ] The first minutes
  \`\`\`yaml watch
  for: 30m
  starts: 0s
  judge: { every: 1s, policy: threshold, metrics: { rate: { kind: gauge, query: "sum(errors) / sum(requests)", go: "< 1%", versus-baseline: "+20%", baseline: error-rate } } }
  \`\`\`
- [ ] From the second hour on
  \`\`\`yaml watch
  for: 1h
  starts: 1h
  judge: { every: 1m, metrics: { rate: { kind: gauge, query: "sum(errors)", go: "< 1%" } } }
  \`\`\`
- [ ] A whole day
  \`\`\`yaml watch
  for: 24h
  starts: 0s
  before: close
  judge: { every: 1s, metrics: { rate: { kind: gauge, query: "sum(errors)", go: "< 1%" } } }
  \`\`\`

## Sign-off
- [ ] The lead signs
  \`\`\`yaml approve
  count: 1
  \`\`\`
`

describe.skipIf(!hasChromium())('the page of a release that is watched', () => {
  let metrics: Server
  let team: WebTeam
  let windows: Windows
  let ana: Page
  let release: string
  const holdpoint = (...args: string[]) => team.server.holdpoint(team.server.person('ana'), args)

  beforeAll(async () => {
    metrics = await startMetrics()
    team = await startWebTeam()
    windows = await openWindows()
    ana = await windows.signedIn(team.server.address, 'ana', { viewport: { width: 1440, height: 900 } })
    release = await team.start(checklist((metrics.address() as AddressInfo).port))
    await ana.goto(`${team.server.address}/releases/${release}`)
  })
  afterAll(async () => {
    await windows?.end()
    await team?.end()
    metrics?.close()
  })

  test('a table is filled in by two people, and its step passes when there are rows enough and each is whole', async () => {
    const table = ana.getByRole('region', { name: 'Table: Findings' })
    const step = ana.locator('[data-step="before/what-the-review-found"]')
    await table.getByText('no row, at least 2 are needed').waitFor()
    await step.getByRole('button', { name: 'Add a row' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByLabel('finding').fill(`The logo is blurred ${ATTACK}`)
    await dialog.getByText('grave', { exact: true }).click()
    await dialog.getByLabel('Share of users').fill('many')
    await dialog.getByRole('button', { name: 'Add it' }).click()
    await dialog.getByText('Findings, the new row, Share of users: found "many", expected a percentage').waitFor()
    await dialog.getByLabel('Share of users').fill('7%')
    await dialog.getByRole('button', { name: 'Add it' }).click()
    await table.getByRole('row', { name: 'The logo is blurred' }).getByText('7 %').waitFor()
    const refused = await holdpoint('release', 'row', release, '--cell', 'grade=urgent')
    expect(refused.err).toContain('grade: found "urgent", expected one of grave, harmless')
    const added = await holdpoint(
      'release',
      'row',
      release,
      '--cell',
      'finding=Exports are slow',
      '--cell',
      'grade=harmless',
    )
    expect(added.code).toBe(0)
    await table.getByText('row 1 has Share of users 7 %, expected < 5%').waitFor()
    expect((await holdpoint('release', 'answer', release, 'What the review found', 'passed')).err).toContain(
      'row 1 has',
    )
    await table.getByRole('button', { name: 'Change row 1 of Findings' }).click()
    await dialog.getByLabel('Share of users').fill('0.4%')
    await dialog.getByRole('button', { name: 'Change it' }).click()
    await table.getByText('2 rows, at least 2 needed').waitFor()
    await step.getByRole('button', { name: 'Answer' }).click()
    await dialog.getByRole('button', { name: 'Answer' }).click()
    const shown = await holdpoint('release', 'row', release, '--json')
    expect(JSON.parse(shown.out)).toMatchObject([{ name: 'findings', isWhole: true, rows: [{ id: '1' }, { id: '2' }] }])
    expect(await ana.evaluate('window.ran')).toBeUndefined()
  })

  test('known issues of a middle severity are changed there, and nothing runs from what they say', async () => {
    const table = ana.getByRole('region', { name: 'Known issues: Known issues' })
    await table.getByText('(medium) to accept').waitFor()
    // The block stands right under its heading: what it asks is answered there.
    const step = ana.locator('[data-step="known-issues"]')
    await step.getByRole('button', { name: 'passed', exact: true }).waitFor()
    await table.getByRole('button', { name: 'Add an issue' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByLabel('Issue', { exact: true }).fill('Orders are lost')
    await dialog.getByText('critical', { exact: true }).click()
    await dialog.getByRole('button', { name: 'Add it' }).click()
    await table.getByText('"Orders are lost" (critical) must be closed first').waitFor()
    await table.getByRole('button', { name: 'Close Orders are lost' }).click()
    await ana.getByRole('dialog').getByLabel('Why').fill('fixed in 2.0.1')
    await ana.getByRole('dialog').getByRole('button', { name: 'Close it' }).click()
    await table.getByText('closed: fixed in 2.0.1').waitFor()
    expect(await ana.evaluate('window.ran')).toBeUndefined()
  })

  test('the terminal shows the same table, and lowers a severity', async () => {
    const shown = await holdpoint('release', 'known-issue', release)
    expect(shown.code).toBe(0)
    expect(shown.out).toContain('closed: fixed in 2.0.1')
    const refused = await holdpoint('release', 'known-issue', release, '--row', '1', '--severity', 'urgent')
    expect(refused.code).not.toBe(0)
    expect(refused.err).toContain('expected one of critical, high, medium, low')
    expect((await holdpoint('release', 'known-issue', release, '--row', '1', '--severity', 'low')).code).toBe(0)
  })

  test('watches stand in one table: what runs, what is to come, and when each can end', async () => {
    const table = ana.getByRole('region', { name: 'Watches' })
    const row = (name: string) => table.getByRole('row', { name })
    await row('The first minutes').getByText('of 30 min').waitFor()
    await row('From the second hour on').getByText('begins in').waitFor()
    await row('A whole day').getByText('goes on after the sign-off').waitFor()
    await row('The first minutes').getByText('baseline 0.42 %').waitFor()
    await table.getByText('In validation').waitFor()
  })

  test('the baseline is a table of its own among the facts', async () => {
    await ana.getByRole('button', { name: 'Facts' }).click()
    const table = ana.getByRole('region', { name: 'Baselines' })
    await table.getByText('0.42 %').first().waitFor()
    await table.getByText('60 of 60 samples').waitFor()
    await ana.getByRole('button', { name: 'Checklist' }).click()
  })

  test('a watch begins again on the word of a person, and the page says so', async () => {
    const asked = await holdpoint('release', 'rewatch', release, 'The first minutes', '--reason', 'pager at 14:02')
    expect(asked.err).toBe('')
    expect(asked.code).toBe(0)
    const longer = await holdpoint('release', 'rewatch', release, 'A whole day', '--extend', '2h', '--reason', 'pager')
    expect(longer.code).toBe(0)
    const table = ana.getByRole('region', { name: 'Watches' })
    await table.getByText('begun again once').waitFor()
    await table.getByText('2 h longer').waitFor()
    const early = await holdpoint('release', 'approve', release, 'The lead signs', '--yes')
    expect(early.code).not.toBe(0)
    const shown = await holdpoint('release', 'show', release)
    expect(shown.out).toContain('WATCH')
    expect(shown.out).toContain('in validation from')
  })

  test.each([
    ['light', 1440],
    ['light', 360],
    ['dark', 1440],
    ['dark', 360],
  ] as const)('in %s at %i pixels nothing is wrong with the page', async (scheme, width) => {
    await ana.emulateMedia({ colorScheme: scheme })
    await ana.setViewportSize({ width, height: 900 })
    await ana.getByRole('region', { name: 'Watches' }).waitFor()
    if (process.env['HOLDPOINT_SHOTS'])
      await ana.screenshot({ path: `${process.env['HOLDPOINT_SHOTS']}/watches-${scheme}-${width}.png`, fullPage: true })
    expect(await troublesOn(ana)).toEqual([])
    expect(await widthTooMuch(ana)).toBe(0)
  })
})

/** A chart shows for each interval what the judge said then, however the samples came in. */
import { expect, test } from 'vitest'
import { badRelease, counts, document, evident, goodRelease, Judged } from '../../../test/support/judged-release.ts'
import { phase, plan, rollout, stage, step } from '../../../test/support/plan-builder.ts'
import { chartOf } from './chart-of.ts'
import { ChartFold, type LoadSamples } from './chart-fold.ts'

const load =
  (judged: Judged): LoadSamples =>
  async (step, stage, after) =>
    judged.batches.filter((one) => one.step === step && one.stage === stage && (after === undefined || one.to > after))

async function folded(judged: Judged): Promise<ChartFold> {
  const fold = new ChartFold()
  fold.hear(judged.spec.recorded)
  await fold.advance(load(judged))
  return fold
}

test('each interval has its values, its verdict and the interval of the comparison; the past is told apart', async () => {
  const good = goodRelease()
  const chart = chartOf(await folded(good), 'r', null)!
  expect(chart.history).toBe(30)
  expect(chart.to).toEqual(good.batches.map(({ to }) => to))
  expect(chart.soaks.map(({ stage, endedAt }) => [stage, endedAt !== null])).toEqual([
    [0, true],
    [1, false],
  ])
  expect(chart.zones).toMatch(/^-{30}h+g+/)
  const errors = chart.columns['errors']!
  expect(errors.zones.slice(0, 30)).toBe('-'.repeat(30))
  expect(errors.canary.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 0.01))
  const at = good.batches.findIndex(({ stage }) => stage === 1) - 1
  expect(errors.low[at]).toBeGreaterThan(0)
  expect(errors.high[at]).toBeGreaterThan(errors.low[at]!)
  expect(chart.metrics[0]).toMatchObject({ label: 'errors', unit: 'ratio', windowMs: 10_000, versusStable: ['+50%'] })
  expect(chart.metrics[0]!.limits.filter(({ stage }) => stage === 0)).toEqual([
    { kind: 'go', stage: 0, value: 0.02, text: '< 2%' },
    { kind: 'rollback', stage: 0, value: 0.04, text: '> 4%' },
  ])
})

test('what a verdict of the log said, the chart says at the same interval', async () => {
  const bad = badRelease()
  const chart = chartOf(await folded(bad), 'r', null)!
  const told = bad.spec.recorded.flatMap(({ event }) => (event.kind === 'VerdictReached' ? [event.verdict] : []))
  expect(told.length).toBeGreaterThan(0)
  const letters = { go: 'g', hold: 'h', rollback: 'r' } as const
  for (const { upTo, zone } of told) expect(chart.zones[chart.to.indexOf(upTo)]).toBe(letters[zone])
  expect(chart.soaks[0]!.endedAt).not.toBeNull()
})

test('a fold that hears of everything little by little tells the same', async () => {
  const good = goodRelease()
  const fold = new ChartFold()
  const parts = new ChartFold()
  for (const recorded of good.spec.recorded) {
    parts.hear([recorded])
    await parts.advance(async (step, stage, after) =>
      (await load(good)(step, stage, after)).filter(({ to }) => to <= recorded.at),
    )
  }
  await parts.advance(load(good))
  fold.hear(good.spec.recorded)
  await fold.advance(load(good))
  expect(chartOf(parts, 'r', null)).toEqual(chartOf(fold, 'r', null))
})

test('news are asked for by the end of the last interval that is known', async () => {
  const good = goodRelease()
  const fold = await folded(good)
  const all = chartOf(fold, 'r', null)!
  const news = chartOf(fold, 'r', all.to.at(-4)!)!
  expect(news.to).toEqual(all.to.slice(-3))
  expect(news.columns['errors']!.canary).toEqual(all.columns['errors']!.canary.slice(-3))
  expect(news.history).toBe(0)
  expect(news.harm).toEqual(all.harm)
})

test('an amended plan judges what comes after it, and what was said before stays said, whoever looked when', async () => {
  const judged = new Judged().enter().observe(5, counts(2, 200), counts(40, 3800))
  const [first] = judged.spec.recorded
  const looser = evident.metrics.map((metric) => ({
    ...metric,
    rollback: [{ quantile: null, operator: '>', value: 0.9, text: '> 90%' } as const],
    versusStable: [],
  }))
  const block = rollout([stage(5), stage(50)], { judge: { ...evident, metrics: looser } })
  const event = {
    kind: 'ReleaseAmended',
    plan: { ...plan([phase('p', [step('r', block, { line: 2 })])]), document },
    by: 'ana',
    role: 'release-engineer',
    reason: 'known noise',
    kept: [],
    changed: ['r'],
    added: [],
    removed: [],
  } as const
  const last = judged.spec.recorded.at(-1)!
  const log = [...judged.spec.recorded, { ...first!, at: last.at, version: last.version + 1, event }]
  const early = new ChartFold()
  early.hear(log.slice(0, -1))
  await early.advance(load(judged))
  const before = chartOf(early, 'r', null)!
  // One request in ten fails from here on: far beyond the old limit, within the new one.
  judged.observe(20, counts(20, 200), counts(40, 3800))
  early.hear(log.slice(-1))
  await early.advance(load(judged))
  const late = new ChartFold()
  late.hear(log)
  await late.advance(load(judged))
  const after = chartOf(late, 'r', null)!
  expect(chartOf(early, 'r', null)).toEqual(after)
  expect(after.zones.slice(0, before.zones.length)).toBe(before.zones)
  expect(after.to).toHaveLength(25)
  expect(after.zones).not.toContain('r')
  expect(after.metrics[0]!.limits).toContainEqual({ kind: 'rollback', stage: 0, value: 0.9, text: '> 90%' })
})

test('harm is what failed at the canary beside what as many requests would have had at stable', async () => {
  const chart = chartOf(await folded(badRelease()), 'r', null)!
  expect(chart.harm).toEqual([{ metric: 'errors', requests: 4600, failed: 406, wouldHave: 48 }])
})

test('a step that nobody has observed has no chart, and no samples yet are a chart without intervals', async () => {
  const judged = new Judged()
  expect(chartOf(await folded(judged), 'r', null)).toBeNull()
  judged.enter()
  expect(chartOf(await folded(judged), 'nobody', null)).toBeNull()
  expect(chartOf(await folded(judged), 'r', null)).toMatchObject({ to: [], zones: '', more: false, harm: [] })
  judged.observe(1, counts(0, 10), counts(0, 90))
  expect(chartOf(await folded(judged), 'r', null)!.zones).toBe('h')
})

/** `judge explain` as people read it: golden screens at 80 and 120 columns, and nothing wider than them. */
import { expect, test } from 'vitest'
import { badRelease, shop } from '../../test/support/judged-release.ts'
import { ReleaseSpec } from '../../test/support/release-spec.ts'
import type { EvidenceReading } from '../core/judge/verdict.ts'
import { type JudgeStory, judgeStory, type MomentStory } from '../report/judge-story.ts'
import { storyLines } from './judge-story-text.ts'
import { lineWidth, paint } from './terminal/line.ts'

const start = Date.UTC(2026, 2, 1, 10, 0, 0)

function moment(
  seconds: number,
  given: Pick<MomentStory, 'zone' | 'why' | 'say' | 'rule'>,
  canary: number | null,
  evidence: Partial<EvidenceReading>,
): MomentStory {
  const known = { rollback: 0.4, rollbackNeeded: 100, isBeyondLimit: false, go: 1.1, goNeeded: 20 }
  return {
    ...given,
    upTo: start + seconds * 1000,
    metrics: [
      {
        metric: 'errors',
        quantile: null,
        unit: 'ratio',
        canary,
        stable: 0.004,
        samples: 900,
        zone: given.zone,
        why: given.why,
        limits: { go: null, rollback: '> 2%', versusStable: '+25%' },
        say: '',
        ratio: { slowerThan: null, value: 5.4, low: 2.2, high: 13, rollback: 1.25, go: 2 },
        evidence: { ...known, dispersion: 1.8, moreMs: null, moreRequests: null, ...evidence },
      },
      {
        metric: 'latency',
        quantile: 0.95,
        unit: 'seconds',
        canary: 0.21,
        stable: 0.2,
        samples: 900,
        zone: 'go',
        why: 'healthy',
        limits: { go: null, rollback: null, versusStable: 'p95 +20%' },
        say: '',
        dryRun: true,
        ratio: { slowerThan: 0.25, value: 1.05, low: 0.001, high: 90, rollback: 1.2, go: 1.35 },
        evidence: { ...known, rollback: 120, dispersion: 1, moreMs: null, moreRequests: null },
      },
    ],
  }
}

const moments = [
  moment(
    15,
    { zone: 'hold', why: 'too-few', say: 'hold: errors 0.9 % · stable 0.4 %; evidence 6 of 100 needed', rule: null },
    0.009,
    { rollback: 6, go: 3 },
  ),
  moment(
    45,
    {
      zone: 'rollback',
      why: 'breach',
      say: 'errors 2.2 % · stable 0.4 % · 5.4 × stable (2.2 to 13) · beyond its limit versus stable (+25%); evidence 414 of 100 needed to roll back',
      rule: '+25%',
    },
    0.022,
    { rollback: 414, isBeyondLimit: true, go: 0.02 },
  ),
]

const part = { quantile: null, dryRun: false, beyond: 'stable', suspicious: true } as const

/** Numbers of no judge in particular: what is shown of them is what is tested here. */
const told: JudgeStory = {
  release: 'shop-2.0-abcd',
  service: 'shop',
  releaseVersion: '2.0',
  environment: 'production',
  planDigest: 'ab'.repeat(32),
  observed: [
    {
      step: 'rollout/traffic',
      text: 'Move traffic',
      line: 41,
      stage: 0,
      weightPercent: 5,
      policy: 'statistical',
      falseAlarm: 0.01,
      falseGo: 0.05,
      everyMs: 15_000,
      warmUpMs: 60_000,
      neededMs: 600_000,
      history: {
        say: 'history of errors: 240 intervals; no history of latency: the source keeps no past',
        metrics: [
          { metric: 'errors', intervals: 240, canaryRequests: 12_000, stableRequests: 36_000 },
          { metric: 'latency', intervals: 0, canaryRequests: null, stableRequests: null },
        ],
      },
      startedAt: start,
      leftAt: null,
      leftBy: null,
      soakMs: 30_000,
      samples: 3,
      moments,
      latest: moments[1]!,
      decided: {
        zone: 'rollback',
        from: start + 30_000,
        to: start + 45_000,
        samples: [
          {
            metric: 'errors',
            canary: { kind: 'ratio', bad: 12, total: 214 },
            stable: { kind: 'ratio', bad: 3, total: 4120 },
          },
          {
            metric: 'latency',
            canary: { kind: 'histogram', le: [0.25, Infinity], counts: [200, 214] },
            stable: { kind: 'no-data', why: 'the source did not answer' },
          },
        ],
        rule: { metric: 'errors', text: '+25%', line: 52 },
        arithmetic: {
          evidence: 414,
          needed: 100,
          falseAlarm: 0.01,
          parts: [
            {
              ...part,
              metric: 'errors',
              aspect: 'share',
              weight: 0.35,
              significance: 1183,
              materiality: 12,
              open: true,
              gateNeeded: 5,
            },
            {
              ...part,
              metric: 'errors',
              aspect: 'outage',
              weight: 0.1,
              significance: 3,
              materiality: 0.2,
              open: false,
              gateNeeded: 100,
            },
          ],
          certificates: [],
          missing: [],
        },
      },
    },
  ],
  replay: { samples: 46, verdicts: 7, same: true, identical: true, differences: [] },
}

const unbounded = { width: Number.POSITIVE_INFINITY, colour: false }

test.each([80, 120])('the whole story stands in %d columns', async (width) => {
  const text = storyLines(told, width).map((line) => paint(line, unbounded))
  await expect(`${text.join('\n')}\n`).toMatchFileSnapshot(`../../golden/screens/judge-explain-${width}.txt`)
})

test.each([60, 80, 100, 140])('no line is wider than %d columns', (width) => {
  const { spec, batches } = badRelease()
  // A wide table needs its columns: below 80 they are kept, and the terminal wraps them.
  const widest = Math.max(width, 76)
  for (const line of storyLines(judgeStory(spec.recorded, batches), width))
    expect(lineWidth(line), paint(line, unbounded)).toBeLessThanOrEqual(widest)
})

test('what the samples do not give is told with the event that says otherwise', () => {
  const { spec, batches } = badRelease()
  const text = storyLines(judgeStory(spec.recorded, batches.slice(0, -1)), 100).map((line) => paint(line, unbounded))
  expect(text.join('\n')).toMatch(
    /✖ replayed 22 samples: not what the log says, 1 time\n {2}event \d+, [\d:]+, r, stage 1: samples\n {4}recorded {2}20 samples with the digest \w{12}\n {4}replayed {2}19 samples with the digest \w{12}/,
  )
})

test('of a release that nothing was judged of it says so', () => {
  const lines = storyLines(judgeStory(new ReleaseSpec().start(shop).recorded, []), 80)
  expect(paint(lines.at(-1)!, unbounded)).toBe('◌ nothing has been judged yet')
})

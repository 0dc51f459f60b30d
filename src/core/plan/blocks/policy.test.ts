import { describe, expect, test } from 'vitest'
import { compile } from '../compile.ts'
import type { JudgePlan } from '../plan.ts'
import { testKinds } from '../test-kinds.ts'

const errors = 'errors: { kind: ratio, bad: "b", total: "t", rollback: "> 2%" }'
const pool = 'pool: { kind: gauge, query: "q", rollback: "> 80%" }'

/** The judges of a rollout and of the watch after it, by what stands under `judge:`. */
function judges(rollout: string, watch = ''): { rollout: JudgePlan; watch: JudgePlan | null } {
  const text = `---
holdpoint: 1
sources: { prom: { kind: prometheus, url: "http://localhost:9090" } }
---
# Release
## Rollout
- [ ] Move traffic
  \`\`\`yaml rollout
  components: { api: { traffic: command, set: ./set.sh, read: ./read.sh, restore: ./restore.sh } }
  stages: [{ weight: 100%, soak: 10m }]
  judge: ${rollout}
  \`\`\`
- [ ] Watch
  \`\`\`yaml watch
  for: 1h
  ${watch === '' ? '' : `judge: ${watch}`}
  \`\`\`
`
  const { plan, problems } = compile(
    { file: 'release.md', bytes: new TextEncoder().encode(text), shared: null },
    testKinds,
  )
  expect(problems).toEqual([])
  const blocks = plan?.steps.map((step) => step.block) ?? []
  const moved = blocks.find((block) => block.word === 'rollout')
  const watched = blocks.find((block) => block.word === 'watch')
  if (moved?.word !== 'rollout') throw new Error('no rollout')
  return { rollout: moved.judge, watch: watched?.word === 'watch' ? watched.judge : null }
}

describe('the usual traffic of a service', () => {
  test('is a rate, or a rate with errors and latency, and goes down to the watch', () => {
    const { rollout, watch } = judges(`{ metrics: { ${errors} }, traffic: 90/m }`)
    expect(rollout.traffic).toEqual({ perSecond: 1.5, errorRate: null, p95Seconds: null })
    expect(watch?.traffic).toEqual(rollout.traffic)
    const more = judges(`{ metrics: { ${errors} }, traffic: { rate: 200/s, error-rate: 0.3%, p95: 380ms } }`)
    expect(more.rollout.traffic).toEqual({ perSecond: 200, errorRate: 0.003, p95Seconds: 0.38 })
  })

  test('is not in the plan of a checklist that does not declare it', () => {
    expect(judges(`{ metrics: { ${errors} } }`).rollout).not.toHaveProperty('traffic')
  })
})

describe('the policy of a judge', () => {
  test('is statistical where arms can be compared by counts, with an hour of history', () => {
    const { rollout } = judges(`{ metrics: { ${errors}, ${pool} } }`)
    expect(rollout).toMatchObject({
      policy: 'statistical',
      falseAlarm: 0.01,
      falseGo: 0.05,
      history: { forMs: 3_600_000, splitBy: 'instance' },
      allowedFailures: null,
      sharedBreach: 'hold',
    })
  })

  test('is threshold where there are only gauges, without history', () => {
    const { rollout } = judges(`{ metrics: { ${pool} } }`)
    expect(rollout).toMatchObject({ policy: 'threshold', history: null, sharedBreach: 'rollback' })
  })

  test('goes down to the watch with everything that was set', () => {
    const { watch } = judges(
      `{ policy: threshold, allowed-failures: { consecutive: 2, total: 5 }, shared-breach: hold, metrics: { ${errors} } }`,
    )
    expect(watch).toMatchObject({
      policy: 'threshold',
      allowedFailures: { consecutive: 2, total: 5 },
      sharedBreach: 'hold',
    })
  })

  test('that was named stays with a watch of other metrics, the usual one follows from them', () => {
    const named = judges(`{ policy: threshold, metrics: { ${errors} } }`, `{ metrics: { ${errors} } }`)
    expect(named.watch?.policy).toBe('threshold')
    const usual = judges(`{ metrics: { ${errors} } }`, `{ metrics: { ${pool} } }`)
    expect(usual.watch?.policy).toBe('threshold')
  })

  test('of a watch may differ, and begins with what is usual for it', () => {
    const { watch } = judges(
      `{ policy: threshold, allowed-failures: { total: 3 }, metrics: { ${errors} } }`,
      '{ policy: statistical }',
    )
    expect(watch).toMatchObject({
      policy: 'statistical',
      allowedFailures: null,
      history: { forMs: 3_600_000, splitBy: 'instance' },
      sharedBreach: 'hold',
    })
  })
})

describe('history', () => {
  test.each([
    ['none', null],
    ['2h', { forMs: 7_200_000, splitBy: 'instance' }],
    ['{ for: 30m, split-by: pod }', { forMs: 1_800_000, splitBy: 'pod' }],
    ['{ split-by: pod }', { forMs: 3_600_000, splitBy: 'pod' }],
  ])('%s', (written, history) => {
    expect(judges(`{ history: ${written}, metrics: { ${errors} } }`).rollout.history).toEqual(history)
  })

  test('that the rollout does without is not read for its watch', () => {
    expect(judges(`{ history: none, metrics: { ${errors} } }`, '{ every: 10s }').watch?.history).toBeNull()
  })
})

test('allowed failures without a number in a row may all be in a row, and without a total are any number', () => {
  const of = (written: string): JudgePlan['allowedFailures'] =>
    judges(`{ policy: threshold, allowed-failures: ${written}, metrics: { ${errors} } }`).rollout.allowedFailures
  expect(of('{ total: 5 }')).toEqual({ consecutive: 5, total: 5 })
  expect(of('{ consecutive: 2 }')).toEqual({ consecutive: 2, total: null })
})

test('a metric has a direction, and a ratio its floor and its outage', () => {
  const { rollout } = judges(
    `{ metrics: { errors: { kind: ratio, bad: "b", total: "t", versus-stable: "+20%", go-versus-stable: "+35%", floor: 0.2%, outage: 10%, dry-run: true }, orders: { kind: events, count: "c", total: "t", versus-stable: "+10%" }, logins: { kind: ratio, bad: "b", total: "t", worse: lower, rollback: "< 90%" } } }`,
  )
  expect(rollout.metrics).toMatchObject([
    {
      dryRun: true,
      worse: 'higher',
      floor: 0.002,
      outage: 0.1,
      goVersusStable: [{ quantile: null, relative: 0.35, points: null, text: '+35%' }],
    },
    { dryRun: false, worse: 'lower', goVersusStable: [] },
    { worse: 'lower', floor: null, outage: null },
  ])
  expect(rollout.metrics[1]).not.toHaveProperty('floor')
})

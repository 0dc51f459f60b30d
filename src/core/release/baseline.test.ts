import { describe, expect, test } from 'vitest'
import { started } from '../../../test/support/canary.ts'
import { person, type ReleaseSpec, verdict } from '../../../test/support/release-spec.ts'
import { besideBaseline } from '../judge/versus-baseline.ts'
import { compile, type Compiled } from '../plan/compile.ts'
import { renderProblem } from '../plan/problem.ts'
import { testKinds } from '../plan/test-kinds.ts'
import { judgeFor } from './baseline.ts'
import { bindingsOf, variablesOf } from './values.ts'

const document = (values: string, rest = '', metric = 'versus-baseline: "+20%", baseline: error-rate') => `---
holdpoint: 1
environments: { staging: {}, production: {} }
sources: { prom: { kind: prometheus, url: "http://localhost:9090" } }
---
# R

## Before
- [ ] The usual numbers
  \`\`\`yaml baseline
${values}
  \`\`\`
${rest}
## Watch
- [ ] Quiet
  \`\`\`yaml watch
  for: 1h
  judge: { every: 1m, policy: threshold, metrics: { errors: { kind: ratio, bad: 'sum(increase(bad[1m]))', total: 'sum(increase(all[1m]))', min-samples: 1, ${metric} } } }
  \`\`\`
`

const usual = `  over: 1h
  at: same hour last week
  values:
    error-rate: { type: percent, query: "sum(rate(bad[5m])) / sum(rate(all[5m]))", take: p95 }
    latency: "avg(latency)"`

function read(text: string): Compiled {
  return compile({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
}

function begun(text = document(usual)): ReleaseSpec {
  const { plan, problems } = read(text)
  expect(problems.filter(({ severity }) => severity === 'error').map(renderProblem)).toEqual([])
  return started(plan!)
}

const step = 'before/the-usual-numbers'
const watch = 'watch/quiet'
const seen = {
  samples: 60,
  expected: 60,
  median: 0.004,
  mean: 0.0041,
  p95: 0.0042,
  lowest: 0,
  highest: 0.01,
  spread: 0.001,
}
const window = { ...seen, from: 1, to: 2 }

const captured = (spec: ReleaseSpec) =>
  spec
    .do({ kind: 'CaptureField', step, field: 'error_rate', value: 0.0042, say: 'p95', window })
    .do({ kind: 'CaptureField', step, field: 'latency', value: 0.2, say: 'median' })

const judgeOf = (spec: ReleaseSpec) => {
  const { block } = spec.current.index.step.get(watch)!
  if (block.word !== 'watch') throw new Error('no watch')
  return judgeFor(spec.current, block.judge, null)
}

describe('a baseline', () => {
  test('is a window, not an instant: so long, so often, from when, and how many samples it needs', () => {
    const { plan } = read(document(usual))
    const { block } = plan!.steps.find(({ id }) => id === step)!
    expect(block).toMatchObject({
      word: 'fields',
      baseline: true,
      fields: [
        {
          name: 'error_rate',
          type: 'percent',
          capture: {
            source: 'prom',
            window: { overMs: 3_600_000, everyMs: 60_000, agoMs: 7 * 86_400_000, minSamples: 54, take: 'p95' },
          },
        },
        { name: 'latency', capture: { window: { take: 'median' } } },
      ],
    })
  })

  test('closes by itself once every value is captured, and is frozen with the release', () => {
    const spec = begun()
    expect(spec.owes()).toEqual([`field ${step} error_rate`, `field ${step} latency`])
    captured(spec)
    expect(spec.current.steps.get(step)).toMatchObject({
      closed: { how: 'passed' },
      windows: { error_rate: { window } },
    })
    expect(spec.current.steps.get(step)?.closed?.why).toBe('captured: error_rate 0.42 %, latency 0.2')
    spec.refused({ kind: 'CaptureField', step, field: 'latency', value: 9, say: 'later' }, person('engine'), 'not-due')
  })

  test('that cannot be captured waits: a person gives it with a note, or has it tried again', () => {
    const spec = begun()
    spec.do({ kind: 'CaptureField', step, field: 'error_rate', value: null, say: '3 of 60 samples' })
    spec.do({ kind: 'CaptureField', step, field: 'latency', value: 0.2, say: 'median' })
    expect(spec.current.steps.get(step)?.closed).toBeNull()
    const answer = { kind: 'Answer', step, answer: 'passed', fields: { error_rate: '0.5%' }, evidence: [] } as const
    spec.refused({ ...answer, note: null }, person('ana'), 'reason-required')
    spec.do({ kind: 'Retry', step }, person('ana'))
    expect(spec.owes()).toEqual([`field ${step} error_rate`])
    spec.do({ ...answer, note: 'Grafana, last Tuesday' }, person('ana'))
    expect(spec.current.steps.get(step)?.closed?.how).toBe('answered')
    expect(spec.current.captures.get('baseline.error_rate')).toBe('0.005')
  })

  test('is a number in conditions and a text in messages and queries', () => {
    const spec = captured(
      begun(document(usual, '- [ ] Calm\n  ```sh check id=calm when="baseline.error_rate < 0.01"\n  true\n  ```\n')),
    )
    expect(spec.current.steps.get('calm')?.closed).toBeNull()
    expect(spec.current.steps.get('calm')?.reachedAt).not.toBeNull()
    expect(variablesOf(spec.current)).toMatchObject({ 'baseline.error_rate': '0.0042' })
    expect(bindingsOf(spec.current)).toMatchObject({ baseline: { error_rate: 0.0042, latency: 0.2 } })
  })

  test('moves the limits of a metric that is compared with it', () => {
    const spec = captured(begun())
    const [metric] = judgeOf(spec).metrics
    expect(metric).toMatchObject({ baseline: 0.0042, rollback: [{ operator: '>', text: 'baseline +20%' }] })
    expect(metric?.rollback[0]?.value).toBeCloseTo(0.00504, 10)
    expect(judgeOf(spec)).toBe(judgeOf(spec))
  })

  test('that is missing holds what is compared with it; one that was waived is not compared', () => {
    const spec = begun()
    const [missing] = judgeOf(spec).metrics
    expect(missing?.baseline).toBeNull()
    const go = { verdict: { ...verdict('go', 'healthy', 5), metrics: [] }, soakMs: 1000 }
    const held = besideBaseline(go, judgeOf(spec))
    expect(held).toMatchObject({ soakMs: 0, verdict: { zone: 'hold', why: 'no-data' } })
    expect(held.verdict.say).toBe('hold: errors has no baseline "error_rate" to be compared with')
    spec.do({ kind: 'Waive', step, role: 'lead', reason: 'new service', expires: null }, person('ana'))
    expect(judgeOf(spec).metrics[0]).not.toHaveProperty('baseline')
    expect(besideBaseline(go, judgeOf(spec))).toBe(go)
  })

  test('stands beside the number of the metric, in its words', () => {
    const spec = captured(begun())
    const reading = { metric: 'errors', say: 'errors 0.31 % < 0.504 % rollback · stable unknown' }
    const said = { ...verdict('go', 'healthy', 5), say: reading.say, metrics: [reading as never] }
    const { verdict: told } = besideBaseline({ verdict: said, soakMs: 1 }, judgeOf(spec))
    expect(told.say).toBe('errors 0.31 % < 0.504 % rollback · stable unknown · baseline 0.42 %')
    expect(told.metrics[0]?.baseline).toBe(0.0042)
  })

  test('nobody captures is refused with the names there are, and so is a window without end', () => {
    const codes = (text: string) => read(text).problems.map(({ code }) => code)
    expect(codes(document(usual, '', 'versus-baseline: "+20%", baseline: error-rat'))).toEqual(['unknown-metric'])
    expect(codes(document('  over: 1h\n  every: 1ms\n  values: { a: "avg(a)" }', '', 'go: "< 1%"'))).toEqual([
      'bad-value',
    ])
    expect(codes(document('  at: tomorrow\n  values: { a: "avg(a)" }', '', 'go: "< 1%"'))).toEqual(['bad-value'])
    expect(codes(document('  over: 1h', '', 'go: "< 1%"'))).toEqual(['missing-attribute'])
    const condition = '- [ ] Calm\n  ```sh check when="baseline.typo < 1"\n  true\n  ```\n'
    expect(codes(document(usual, condition))).toEqual(['bad-condition'])
  })
})

describe('a stage that lays its own distance from a baseline over the metric', () => {
  const text = document(usual).replace(
    /## Watch[^]*$/,
    `## Rollout
- [ ] Out
  \`\`\`yaml rollout
  components: { api: { traffic: command, set: ./set.sh, read: ./read.sh, restore: ./restore.sh } }
  stages: [{ weight: 5%, soak: 5m, judge: { latency: { versus-baseline: "+20%" } } }, { weight: 100% }]
  judge: { metrics: { latency: { kind: gauge, query: 'max(latency)', versus-baseline: "+50%" } } }
  \`\`\`
`,
  )
  const limitsIn = (spec: ReleaseSpec, at: number) => {
    const { block } = spec.current.index.step.get('rollout/out')!
    if (block.word !== 'rollout') throw new Error('no rollout')
    return judgeFor(spec.current, block.judge, block.stages[at]!).metrics[0]
  }

  test('is judged by both there, and by that of the metric elsewhere', () => {
    const spec = captured(begun(text))
    const values = (at: number) => limitsIn(spec, at)?.rollback.map(({ value }) => Number(value.toFixed(3)))
    expect(values(0)).toEqual([0.3, 0.24])
    expect(values(1)).toEqual([0.3])
  })

  test('is not healthy while the baseline is missing', () => {
    expect(limitsIn(begun(text), 0)).toMatchObject({ baseline: null, rollback: [] })
  })
})

describe('limits by environment', () => {
  const metric = 'go: "< 1%", rollback: "> 2%", environments: { staging: { rollback: "> 10%" } }'

  test('stand instead of the general ones where they are said, and nowhere else', () => {
    const { plan } = read(document('  values: { a: "avg(a)" }', '', metric))
    const texts = (environment: string) => {
      const spec = started({ ...plan!, environments: plan!.environments })
      const { block } = spec.current.index.step.get(watch)!
      const judge = block.word === 'watch' ? judgeFor({ ...spec.current, environment }, block.judge, null) : null
      return judge?.metrics[0]?.rollback.map(({ text }) => text)
    }
    expect(texts('staging')).toEqual(['> 10%'])
    expect(texts('production')).toEqual(['> 2%'])
  })

  test('of an environment that is not declared are refused', () => {
    const wrong = 'go: "< 1%", environments: { stagin: { go: "< 5%" } }'
    const { problems } = read(document('  values: { a: "avg(a)" }', '', wrong))
    expect(problems.map(({ code }) => code)).toEqual(['unknown-environment'])
  })
})

import { expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import { testKinds } from '../core/plan/test-kinds.ts'
import { planLines } from './plan-text.ts'
import { paint } from './terminal/line.ts'

function plan(traffic: string): string {
  const text = `---
holdpoint: 1
sources: { prom: { kind: prometheus, url: "http://localhost:9090" } }
---
# Release
## Rollout
- [ ] Move traffic
  \`\`\`yaml rollout
  components: { api: { traffic: command, set: ./set.sh, read: ./read.sh, restore: ./restore.sh } }
  stages: [{ weight: 5%, soak: 30m, on-inconclusive: ask }, { weight: 25%, soak: 20m }, { weight: 100%, soak: 15m }]
  judge:
    ${traffic}
    warm-up: 60s
    arms: { canary: { version: a }, stable: { version: b } }
    metrics:
      errors: { kind: ratio, bad: "b", total: "t", go: "< 1%", rollback: "> 2%", versus-stable: "+25%" }
  \`\`\`
`
  const { plan: compiled } = compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
  if (compiled === null) throw new Error('it does not compile')
  return planLines(compiled)
    .map((line) => paint(line, { width: Number.POSITIVE_INFINITY, colour: false }))
    .join('\n')
}

test('a plan tells what each stage can find out at the traffic that is declared, and where the soak is too short', () => {
  const text = plan('traffic: 20/s')
  expect(text).toContain('rollout of api, usually 20/s')
  const [first, second, third] = text.split('\n').filter((line) => line.includes('canary requests'))
  expect(first).toMatch(
    /1\.8k canary requests, can go after about 1h \d+m \(errors\), finds errors x\d\.\d; people are/,
  )
  expect(second).toMatch(/! 6k canary requests, can go after about \d+m.* \(errors\), .*longer than its soak/)
  expect(third).toMatch(/^ +18k canary requests, can go after about \d+m/)
})

test('with more traffic a stage needs less time and finds smaller faults', () => {
  const numbers = (traffic: string): readonly number[] => {
    const line =
      plan(traffic)
        .split('\n')
        .find((each) => each.includes('canary requests')) ?? ''
    return [...line.matchAll(/errors x([\d.]+)/g)].map((match) => Number(match[1]))
  }
  const [small = Number.NaN] = numbers('traffic: 2000/s')
  const [large = Number.NaN] = numbers('traffic: 20/s')
  expect(small).toBeLessThan(large)
})

test('without declared traffic a plan guesses nothing', () => {
  expect(plan('every: 30s')).not.toContain('canary requests')
})

/** A release that was judged by evidence, with the samples it was judged by. */
import { canaryJudge } from '../../src/core/judge/policies.ts'
import type { ArmSample, JudgeState, SampleBatch } from '../../src/core/judge/verdict.ts'
import { digestOf } from '../../src/core/log/canonical.ts'
import { measurementsDigest } from '../../src/core/log/measurements.ts'
import type { MetricPlan } from '../../src/core/plan/plan.ts'
import type { JudgeSubject } from '../../src/core/ports/judge.ts'
import { observeEffects } from '../../src/core/release/due-traffic.ts'
import { subjectOf } from '../../src/core/release/earlier-soaks.ts'
import { judge, phase, plan, rollout, stage, step } from './plan-builder.ts'
import { ReleaseSpec } from './release-spec.ts'

const errors: MetricPlan = {
  name: 'errors',
  kind: 'ratio',
  source: null,
  queries: {},
  forMs: 0,
  minSamples: 30,
  windowMs: 10_000,
  unit: 'ratio',
  go: [{ quantile: null, operator: '<', value: 0.02, text: '< 2%' }],
  rollback: [{ quantile: null, operator: '>', value: 0.04, text: '> 4%' }],
  versusStable: [{ quantile: null, relative: 0.5, points: null, text: '+50%' }],
}

export const document = `# Shop
- [ ] Move traffic
  \`\`\`yaml rollout
  judge:
    metrics:
      other:
        rollback: "> 4%"
      errors:
        rollback: "> 4%"
        versus-stable: "+50%"
  \`\`\`
`

export const evident = judge({
  policy: 'statistical',
  falseGo: 0.05,
  arms: { canary: { version: '2.0' }, stable: { version: '1.0' } },
  metrics: [errors],
  history: { forMs: 60_000, splitBy: 'pod' },
})

export const shop = {
  ...plan([phase('p', [step('r', rollout([stage(5), stage(50)], { judge: evident }), { line: 2 })])]),
  document,
}

export const counts = (bad: number, total: number): ArmSample => ({ kind: 'ratio', bad, total })

/** A release that is judged as an engine does it: every sample is folded, and each record names what it is made of. */
export class Judged {
  readonly spec = new ReleaseSpec()
  readonly batches: SampleBatch[] = []
  #state: JudgeState | null = null
  #subject: JudgeSubject | null = null

  constructor(of = shop) {
    this.spec.start(of)
  }

  /** All traffic of the next stage is where it should be. */
  enter(): this {
    this.spec.shift('r', 'api')
    return this.begin()
  }

  begin(): this {
    const effect = observeEffects(this.spec.current).find((one) => one.kind === 'Observe')
    if (effect?.kind !== 'Observe') throw new Error('nothing is observed')
    this.#subject = subjectOf(effect)
    this.#state = canaryJudge.start(this.#subject, this.#state)
    return this
  }

  /** Intervals of a second, told in one record. */
  observe(count: number, canary: ArmSample, stable: ArmSample, past: readonly SampleBatch[] = []): this {
    const observation = [...this.spec.current.observations.values()].at(-1)!
    const from = Math.max(observation.startedAt, observation.upTo ?? 0)
    const news = [
      ...past,
      ...Array.from(
        { length: count },
        (_, i): SampleBatch => ({
          step: observation.step,
          stage: observation.stage,
          from: from + i * 1000,
          to: from + (i + 1) * 1000,
          samples: [{ metric: 'errors', canary, stable }],
          weights: [],
        }),
      ),
    ]
    for (const batch of news) this.#state = canaryJudge.observe(this.#state!, batch, this.#subject!)
    this.batches.push(...news)
    this.spec.now = news.at(-1)!.to
    const { verdict, soakMs } = canaryJudge.report(this.#state!, this.#subject!)
    this.spec.do({
      kind: 'RecordMeasurements',
      step: observation.step,
      stage: observation.stage,
      from: news[0]!.to,
      to: news.at(-1)!.to,
      batches: news.length,
      digest: measurementsDigest(news),
      judgeStateDigest: digestOf(JSON.parse(JSON.stringify(this.#state))),
      soakMs,
      verdict,
    })
    return this
  }

  past(count: number): readonly SampleBatch[] {
    const { startedAt, step: id, stage: index } = [...this.spec.current.observations.values()].at(-1)!
    return Array.from(
      { length: count },
      (_, i): SampleBatch => ({
        step: id,
        stage: index,
        history: true,
        from: startedAt - (count - i) * 1000,
        to: startedAt - (count - 1 - i) * 1000,
        samples: [{ metric: 'errors', canary: counts(3, 300), stable: counts(7, 700) }],
        weights: [],
      }),
    )
  }
}

/** Its first stage is left with go after 81 samples and a past of 30; its second has begun. */
export function goodRelease(): Judged {
  const good = new Judged().enter()
  good.observe(1, counts(2, 200), counts(40, 3800), good.past(30))
  for (let i = 0; i < 8; i += 1) good.observe(10, counts(2, 200), counts(40, 3800))
  good.spec.tick()
  return good.enter().observe(5, counts(20, 2000), counts(20, 2000))
}

/** One request in ten fails from the fourth sample on. */
export function badRelease(): Judged {
  return new Judged()
    .enter()
    .observe(3, counts(2, 200), counts(40, 3800))
    .observe(20, counts(20, 200), counts(40, 3800))
}

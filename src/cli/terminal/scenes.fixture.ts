/** Releases at telling moments, played through the real rules: what the golden screens are drawn from. */
import type { Live } from '../../core/ports/live.ts'
import {
  approval,
  check,
  phase,
  plan,
  question,
  rollout,
  run,
  stage,
  step,
  trigger,
  message,
  wait,
  judge,
  command,
} from '../../../test/support/plan-builder.ts'
import { person, ReleaseSpec } from '../../../test/support/release-spec.ts'
import type { SampleBatch, Verdict } from '../../core/judge/verdict.ts'
import type { MetricPlan } from '../../core/plan/plan.ts'
import type { ReleaseView } from '../../report/view.ts'
import { viewOf } from '../../report/view.ts'

const errors: MetricPlan = {
  name: 'errors',
  kind: 'ratio',
  source: null,
  queries: {},
  forMs: 0,
  minSamples: 100,
  windowMs: 60_000,
  unit: 'ratio',
  go: [{ quantile: null, operator: '<', value: 0.01, text: '< 1%' }],
  rollback: [{ quantile: null, operator: '>', value: 0.02, text: '> 2%' }],
  versusStable: [],
}

const shop = plan(
  [
    phase(
      'readiness',
      [
        step('tests', check(), { text: 'All tests pass' }),
        step('backup', check(), { text: 'The newest backup is complete, readable and less than an hour old' }),
        step('notes', question, { text: 'Release notes read by 支援チーム \u001b[31mred', owner: 'support' }),
        step('sign', approval({ roles: ['engineer', 'product'], count: 2, not: ['author'] }), {
          text: 'Two people approve',
        }),
      ],
      { title: 'Readiness' },
    ),
    phase(
      'rollout',
      [
        step('deploy', run('deploy'), { text: 'Deploy the canary', undo: command('undeploy') }),
        step(
          'traffic',
          rollout([stage(5), stage(25, { soakMs: 20_000 }), stage(50, { promote: 'engineer' }), stage(100)], {
            components: ['shop', 'search'],
            judge: judge({ metrics: [errors] }),
          }),
          { text: 'Move traffic' },
        ),
        step('settle', wait(600_000), { text: 'Let caches settle' }),
      ],
      { kind: 'rollout', title: 'Rollout' },
    ),
    phase('rollback', [step('tell', question, { text: 'Customers told' })], { kind: 'rollback', title: 'Rollback' }),
  ],
  {
    name: 'Shop release',
    service: 'shop',
    roles: { engineer: [{ id: 'bo', key: null }], product: [{ id: 'cy', key: null }] },
    triggers: [trigger('p1', { text: 'A P1 is open' })],
    messages: [message('started', 'rollout.started')],
    expectedMs: 40_000,
  },
)

export const start = Date.UTC(2026, 2, 1, 10, 0, 0)

function begun(): ReleaseSpec {
  const spec = new ReleaseSpec()
  spec.now = start
  return spec.start(shop, { release: 'shop-2.0-abcd' })
}

function ready(): ReleaseSpec {
  const spec = begun()
  spec.now += 12_000
  spec.attempt('tests', 'check', 'passed', { say: 'exit 0 in 11.8 s' })
  spec.attempt('backup', 'check', 'passed', { say: 'exit 0 in 0.4 s' })
  return spec.do(
    { kind: 'Answer', step: 'notes', answer: 'passed', note: 'fine', fields: {}, evidence: [] },
    person('sue'),
  )
}

function signed(): ReleaseSpec {
  const spec = ready()
  spec.now += 30_000
  const approving = { kind: 'Approve', step: 'sign', digest: null, typed: null, note: null } as const
  return spec
    .do({ ...approving, role: 'engineer' }, person('bo'))
    .do({ ...approving, role: 'product' }, person('cy'))
    .attempt('deploy', 'action', 'passed', { say: 'exit 0 in 2.1 s' })
}

function reading(zone: Verdict['zone'], canary: number | null, at: number): Verdict {
  const say =
    zone === 'rollback'
      ? 'errors 3.1 % > 2 % rollback · stable 0.4 %'
      : canary === null
        ? 'errors: no data from prometheus for 12 s'
        : 'errors 0.4 % < 1 % go · stable 0.4 %'
  return {
    zone,
    why: zone === 'rollback' ? 'breach' : canary === null ? 'no-data' : 'healthy',
    say,
    rule: null,
    since: at,
    upTo: at,
    metrics: [
      {
        metric: 'errors',
        quantile: null,
        unit: 'ratio',
        canary,
        stable: 0.004,
        samples: 1240,
        zone,
        why: zone === 'rollback' ? 'breach' : 'healthy',
        limits: { go: '< 1%', rollback: '> 2%', versusStable: null },
        say,
      },
    ],
  }
}

function soaking(): ReleaseSpec {
  const spec = signed()
  spec.shift('traffic', 'shop').shift('traffic', 'search')
  spec.now += 6000
  spec.measure('traffic', 0, 5000, reading('go', 0.004, spec.now)).tick()
  spec.shift('traffic', 'shop').shift('traffic', 'search')
  spec.now += 9000
  return spec.measure('traffic', 1, 8000, reading('go', 0.0042, spec.now))
}

/** As the statistical judge says it: with ratios, their intervals, and what speaks for either way. */
function compared(at: number): Verdict {
  const reading = { samples: 4200, zone: 'hold', why: 'too-few' } as const
  const evidence = { rollbackNeeded: 100, goNeeded: 20, moreMs: 840_000, moreRequests: 4200 } as const
  const say =
    'errors 0.9 % · stable 0.4 % · 2.2 × stable (1.1 to 4.6); evidence 6 of 100 needed to roll back, 3 of 20 needed to go on; at this traffic about 14 more minutes (4,200 requests)'
  return {
    zone: 'hold',
    why: 'too-few',
    say: `hold: ${say}`,
    rule: null,
    since: at,
    upTo: at,
    metrics: [
      {
        ...reading,
        metric: 'errors',
        quantile: null,
        unit: 'ratio',
        canary: 0.009,
        stable: 0.004,
        limits: { go: '< 1%', rollback: '> 2%', versusStable: '+25%' },
        say,
        ratio: { slowerThan: null, value: 2.2, low: 1.1, high: 4.6, rollback: 1.25, go: 2 },
        evidence: { ...evidence, rollback: 6, isBeyondLimit: false, go: 3, dispersion: 1.8 },
      },
      {
        ...reading,
        metric: 'latency',
        quantile: 0.95,
        unit: 'seconds',
        canary: 0.21,
        stable: 0.2,
        limits: { go: 'p95 < 400ms', rollback: 'p95 > 1s', versusStable: 'p95 +20%' },
        say: 'latency p95 210 ms · stable 200 ms',
        ratio: { slowerThan: 0.25, value: 1.05, low: 0.94, high: 1.17, rollback: 1.2, go: 1.35 },
        evidence: { ...evidence, rollback: 0.04, isBeyondLimit: false, go: 26, dispersion: 1, moreMs: null },
        zone: 'go',
        why: 'healthy',
      },
      {
        ...reading,
        metric: 'sign-ups',
        quantile: null,
        unit: 'ratio',
        canary: 0.031,
        stable: 0.03,
        limits: { go: null, rollback: null, versusStable: '−20%' },
        say: 'sign-ups 3.1 % · stable 3 %',
        dryRun: true,
        ratio: { slowerThan: null, value: 1.03, low: 0.001, high: 31, rollback: 0.8, go: 0.76 },
        evidence: { ...evidence, rollback: 0.4, isBeyondLimit: false, go: 0.9, dispersion: 1, moreMs: null },
      },
    ],
  }
}

function recent(spec: ReleaseSpec, verdict = reading('go', 0.0042, spec.now)): Live {
  const shares = [2, 5, 3, 6, 4, 5, 3, 4]
  const batch = (bad: number, index: number): SampleBatch => ({
    step: 'traffic',
    stage: 1,
    from: start + index * 1000,
    to: start + (index + 1) * 1000,
    samples: [
      {
        metric: 'errors',
        canary: index === 5 ? { kind: 'no-data', why: 'gap' } : { kind: 'ratio', bad, total: 1000 },
        stable: { kind: 'ratio', bad: 4, total: 1000 },
      },
    ],
    weights: [],
  })
  const report = { verdict, soakMs: 8000 }
  return { attempts: [], observations: [{ step: 'traffic', stage: 1, report, recent: shares.map(batch) }] }
}

const shown = (spec: ReleaseSpec, live: Live | null = null, later = 3000): ReleaseView =>
  viewOf(spec.current, live, spec.now + later)

/** By name: the golden file of each is named after it. */
export const scenes: Readonly<Record<string, () => ReleaseView>> = {
  'checks-run': () => {
    const spec = begun()
    spec.do({ kind: 'BeginAttempt', step: 'tests', purpose: 'check', epoch: 1 })
    return shown(spec)
  },
  'check-failed': () => {
    const spec = begun()
    spec.now += 4000
    return shown(spec.attempt('tests', 'check', 'failed', { say: 'exit 1: 3 of 214 tests failed' }))
  },
  signatures: () => shown(ready()),
  soaking: () => {
    const spec = soaking()
    return shown(spec, recent(spec))
  },
  'dry-run': () => {
    const spec = soaking()
    const healthy = reading('go', 0.0042, spec.now)
    const tried = reading('rollback', 0.031, spec.now).metrics.map((one) => ({
      ...one,
      metric: 'retries',
      dryRun: true,
    }))
    return shown(spec.measure('traffic', 1, 9000, { ...healthy, metrics: [...healthy.metrics, ...tried] }))
  },
  calibrated: () => {
    const spec = soaking()
    const say = 'judge calibrated 3d ago: 0 of 84 healthy windows rolled back (at most 3.5 %), promised 1 %'
    const state = spec.measure('traffic', 1, 9000, compared(spec.now)).current
    const calibrations = new Map([['traffic', say]])
    return viewOf(state, recent(spec, compared(spec.now)), spec.now + 3000, { calibrations })
  },
  compared: () => {
    const spec = soaking()
    return shown(spec.measure('traffic', 1, 9000, compared(spec.now)), recent(spec, compared(spec.now)))
  },
  promote: () => {
    const spec = soaking()
    spec.measure('traffic', 1, 20_000, reading('go', 0.0041, spec.now)).tick()
    spec.shift('traffic', 'shop').shift('traffic', 'search')
    spec.now += 7000
    return shown(spec.measure('traffic', 2, 5000, reading('go', 0.0041, spec.now)))
  },
  held: () => shown(soaking().do({ kind: 'Hold', why: 'the pager rings' }, person('ana'))),
  'rolling-back': () => {
    const spec = soaking()
    return shown(spec.measure('traffic', 1, 8000, reading('rollback', 0.031, spec.now)).tick())
  },
  unknown: () => {
    const spec = ready()
    const approving = { kind: 'Approve', step: 'sign', digest: null, typed: null, note: null } as const
    spec.do({ ...approving, role: 'engineer' }, person('bo')).do({ ...approving, role: 'product' }, person('cy'))
    return shown(spec.attempt('deploy', 'action', 'unknown', { say: 'the launcher died before it ended' }))
  },
}

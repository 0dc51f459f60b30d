/** A release told by hand, with hostile words in every place where others may write. */
import { digestOf, sha256Hex } from '../../core/log/canonical.ts'
import { genesisHash, sealEvents } from '../../core/log/chain.ts'
import { measurementsDigest } from '../../core/log/measurements.ts'
import type { SampleBatch, Verdict } from '../../core/judge/verdict.ts'
import type { Block, CommandSpec, JudgePlan, Plan, StepPlan } from '../../core/plan/plan.ts'
import type { StoredEvent } from '../../core/ports/store.ts'
import type { Actor, Evidence, ReleaseEvent } from '../../core/release/events.ts'

export const hostile =
  '</td><script>alert(1)</script> [x](javascript:alert(1)) ![i](http://evil.example/p) **b** `c` | d \u001b[31m \u202e www.evil.example'

export const evidenceBytes = new TextEncoder().encode('200 OK\n')

export const evidence: Evidence = {
  name: 'stdout',
  sha256: sha256Hex(evidenceBytes),
  size: evidenceBytes.byteLength,
  mediaType: 'text/plain',
  truncated: false,
}

const ana: Actor = { id: 'ana', kind: 'person', assurance: 'claimed' }
const engine: Actor = { id: 'engine', kind: 'engine', assurance: 'engine' }

const document = `---
holdpoint: 1
---
# Checkout release
## Readiness
- [ ] All tests pass
- [ ] Somebody looked at the dashboards
- [ ] Two engineers approve
## Rollout
- [ ] Move traffic
## Rollback
`

const judge: JudgePlan = {
  everyMs: 1000,
  warmUpMs: 0,
  falseAlarm: 0.01,
  source: null,
  arms: null,
  metrics: [],
  // oxlint-disable-next-line unicorn/no-thenable -- the plan's own word
  noData: { holdMs: 1000, then: 'rollback' },
  grey: { ask: null, withinMs: 1000, otherwise: 'rollback' },
  deadlineFactor: 3,
}

const command: CommandSpec = {
  shell: 'bash',
  script: 'npm test',
  cwd: null,
  timeoutMs: 1000,
  secrets: [],
  captures: [],
}

function step(
  id: string,
  text: string,
  line: number,
  phase: string,
  block: Block,
  more: Partial<StepPlan> = {},
): StepPlan {
  const rest = {
    parent: null,
    children: [],
    after: [],
    afterActionOf: null,
    stage: null,
    when: null,
    only: [],
    never: [],
    owner: null,
  }
  return {
    id,
    name: id,
    text,
    line,
    endLine: line,
    phase,
    section: [],
    severity: 'blocker',
    danger: false,
    block,
    undo: null,
    answer: null,
    digest: digestOf([id, text]),
    ...rest,
    ...more,
  }
}

function planOf(words: string): Plan {
  const phase = (id: string, title: string, kind: 'gate' | 'rollout' | 'rollback', line: number) => ({
    id,
    title,
    kind,
    line,
    environment: null,
    when: null,
    window: null,
    lead: null,
    owner: null,
    branch: null,
    for: null,
  })
  const stage = (id: string, weightPercent: number) => ({
    id,
    title: words,
    line: 10,
    weightPercent,
    soakMs: 2000,
    deadlineMs: null,
    promote: null,
    onInconclusive: 'hold' as const,
    actions: [],
    steps: [],
    overrides: {},
  })
  const answer = { word: 'answer', evidence: 'optional', options: null, passes: null, fields: [], due: null } as const
  const plan: Omit<Plan, 'digest'> = {
    format: 1,
    name: 'Checkout release',
    service: 'checkout',
    source: { file: 'release.md', sha256: sha256Hex(document) },
    document: document + words,
    environments: { production: { protected: false } },
    inputs: {},
    env: [],
    secrets: {},
    sources: {},
    roles: {},
    channels: {},
    windows: {},
    contacts: {},
    phases: [
      phase('readiness', 'Readiness', 'gate', 5),
      phase('rollout', `Rollout ${words}`, 'rollout', 9),
      phase('back', 'Rollback', 'rollback', 11),
    ],
    steps: [
      step(
        'tests',
        'All tests pass',
        6,
        'readiness',
        { word: 'run', command, probe: null, idempotent: true, retries: 1, irreversible: null, component: null },
        { undo: command },
      ),
      step('looked', `Somebody looked at the dashboards ${words}`, 7, 'readiness', answer),
      step('signed', 'Two engineers approve', 8, 'readiness', {
        word: 'approve',
        roles: ['engineer'],
        count: 2,
        not: [],
      }),
      step('move', 'Move traffic', 10, 'rollout', {
        word: 'rollout',
        components: [{ name: 'web', driver: 'demo', config: {} }],
        stages: [stage('five', 5), stage('full', 100)],
        judge,
      }),
    ],
    triggers: [],
    messages: [],
    unreversed: [],
    expectedMs: 4000,
  }
  return { ...plan, digest: digestOf(plan) }
}

function verdict(zone: Verdict['zone'], why: Verdict['why'], say: string, words: string): Verdict {
  const limits = { go: '< 1%', rollback: '> 2%', versusStable: null }
  const reading = {
    metric: `errors ${words}`,
    quantile: null,
    unit: 'ratio',
    canary: 0.031,
    stable: 0.004,
    samples: 900,
    zone,
    why,
    limits,
    say,
  } as const
  return { zone, why, say: `${say} ${words}`, rule: '> 2%', since: 0, upTo: 0, metrics: [reading] }
}

export function batchTo(to: number): SampleBatch {
  const canary = { kind: 'histogram', le: [0.5, Infinity], counts: [8, 10] } as const
  return {
    step: 'move',
    stage: 0,
    from: to - 1000,
    to,
    samples: [{ metric: 'latency', canary, stable: { kind: 'no-data', why: 'down' } }],
    weights: [],
  }
}

const start = Date.UTC(2026, 10, 21, 14, 0, 0)
export const batches: readonly SampleBatch[] = [batchTo(start + 21_000), batchTo(start + 22_000)]

export interface Told {
  readonly plan: Plan
  readonly events: readonly StoredEvent<ReleaseEvent>[]
}

/** Ready, waived, signed, moved to 5 %, failed there, rolled back. */
export function toldRelease(words = hostile): Told {
  const plan = planOf(words)
  const news: [seconds: number, by: Actor, event: ReleaseEvent][] = [
    [
      0,
      ana,
      {
        kind: 'ReleaseStarted',
        release: 'r1',
        plan,
        version: 'v2',
        previous: 'v1',
        environment: 'production',
        inputs: { ticket: words },
        workspace: { root: '/srv', commit: 'abc', dirty: true },
        artefact: null,
        superseded: null,
        rehearsal: false,
      },
    ],
    [0, engine, { kind: 'PhaseOpened', phase: 'readiness' }],
    [0, engine, { kind: 'StepReached', step: 'tests' }],
    [1, engine, { kind: 'AttemptStarted', step: 'tests', attempt: 'r1/tests/1', purpose: 'action', epoch: 1 }],
    [
      2,
      engine,
      {
        kind: 'AttemptFinished',
        step: 'tests',
        attempt: 'r1/tests/1',
        outcome: 'failed',
        say: `exit 1 ${words}`,
        evidence: [evidence],
        captures: {},
        facts: {},
        observedAt: start + 2000,
      },
    ],
    [3, engine, { kind: 'AttemptStarted', step: 'tests', attempt: 'r1/tests/2', purpose: 'action', epoch: 1 }],
    [
      4,
      engine,
      {
        kind: 'AttemptFinished',
        step: 'tests',
        attempt: 'r1/tests/2',
        outcome: 'passed',
        say: 'exit 0',
        evidence: [],
        captures: {},
        facts: {},
        observedAt: start + 4000,
      },
    ],
    [4, engine, { kind: 'StepClosed', step: 'tests', how: 'passed', why: '' }],
    [
      5,
      ana,
      {
        kind: 'StepWaived',
        step: 'looked',
        by: 'ana',
        role: 'engineer',
        reason: `no time ${words}`,
        expires: start + 86_400_000,
      },
    ],
    [5, ana, { kind: 'StepClosed', step: 'looked', how: 'waived', why: '' }],
    [
      6,
      { ...ana, id: 'bo' },
      {
        kind: 'ApprovalGiven',
        step: 'signed',
        by: 'bo',
        role: 'engineer',
        digest: 'd'.repeat(64),
        assurance: 'claimed',
        note: words,
      },
    ],
    [7, engine, { kind: 'ApprovalVoided', step: 'signed', by: 'bo', why: 'a result changed' }],
    [
      8,
      { ...ana, id: 'bo' },
      {
        kind: 'ApprovalGiven',
        step: 'signed',
        by: 'bo',
        role: 'engineer',
        digest: 'e'.repeat(64),
        assurance: 'signed',
        note: null,
      },
    ],
    [8, engine, { kind: 'StepClosed', step: 'signed', how: 'approved', why: '' }],
    [9, engine, { kind: 'PhaseClosed', phase: 'readiness', how: 'done', why: '' }],
    [9, engine, { kind: 'PhaseOpened', phase: 'rollout' }],
    [9, engine, { kind: 'StepReached', step: 'move' }],
    [10, engine, { kind: 'StageEntered', rollout: 'move', stage: 0 }],
    [
      10,
      engine,
      {
        kind: 'ShiftStarted',
        rollout: 'move',
        component: 'web',
        weightPercent: 5,
        purpose: 'advance',
        attempt: 's1',
        epoch: 1,
      },
    ],
    [
      11,
      engine,
      {
        kind: 'ShiftVerified',
        rollout: 'move',
        component: 'web',
        attempt: 's1',
        weightPercent: 5,
        say: `5 % ${words}`,
      },
    ],
    [11, engine, { kind: 'SoakStarted', rollout: 'move', stage: 0 }],
    [
      12,
      engine,
      {
        kind: 'MessageQueued',
        message: 'm1',
        notify: 'n',
        channel: 'team',
        subject: `5 % ${words}`,
        body: `\`\`\`\n${words}\n\`\`\``,
        on: 'stage.entered',
      },
    ],
    [13, engine, { kind: 'MessageFailed', message: 'm1', tries: 5, say: `410 Gone ${words}`, final: true }],
    [
      21,
      engine,
      {
        kind: 'VerdictReached',
        step: 'move',
        stage: 0,
        verdict: verdict('hold', 'too-few', '12 of 100 requests', words),
      },
    ],
    [
      22,
      engine,
      {
        kind: 'MeasurementsRecorded',
        step: 'move',
        stage: 0,
        from: batches[0]!.to,
        to: batches[1]!.to,
        batches: 2,
        digest: measurementsDigest(batches),
        judgeStateDigest: 'f'.repeat(64),
        soakMs: 1000,
      },
    ],
    [
      22,
      engine,
      {
        kind: 'VerdictReached',
        step: 'move',
        stage: 0,
        verdict: verdict('rollback', 'breach', 'errors 3.1 % > 2 %', words),
      },
    ],
    [
      22,
      engine,
      { kind: 'RollbackStarted', cause: 'verdict', by: 'judge', why: `errors 3.1 % > 2 % ${words}`, serving: 'v1' },
    ],
    [22, engine, { kind: 'TrafficRestoreStarted', rollout: 'move', component: 'web', attempt: 'b1', epoch: 1 }],
    [23, engine, { kind: 'TrafficRestored', component: 'web', say: 'all on stable' }],
    [24, ana, { kind: 'NoteAdded', step: null, by: 'ana', note: words }],
    [25, engine, { kind: 'RollbackFinished', tookMs: 3000, say: 'everything is back' }],
  ]
  const sealed = sealEvents(
    'release/r1',
    genesisHash,
    0,
    news.map(([seconds, by, event]) => ({ at: start + seconds * 1000, by, event })),
  )
  return {
    plan,
    events: sealed.map(({ stored }, index) => ({ ...stored, position: index + 1 }) as StoredEvent<ReleaseEvent>),
  }
}

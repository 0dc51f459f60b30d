/** Plans in a line or two, for tests that are about what a release does and not about how a document reads. */
import { digestOf } from '../../src/core/log/canonical.ts'
import type {
  ApproveBlock,
  Block,
  CheckBlock,
  CommandSpec,
  JudgePlan,
  MessagePlan,
  PhaseKind,
  PhasePlan,
  Plan,
  RunBlock,
  StagePlan,
  StepPlan,
  TriggerPlan,
  WatchBlock,
} from '../../src/core/plan/plan.ts'

export const command = (script: string, more: Partial<CommandSpec> = {}): CommandSpec => ({
  shell: 'bash',
  script,
  cwd: null,
  timeoutMs: 60_000,
  secrets: [],
  captures: [],
  ...more,
})

export const check = (more: Partial<CheckBlock> = {}): CheckBlock => ({
  word: 'check',
  kind: 'command',
  config: { shell: 'bash', script: 'true', cwd: null, match: null, forbid: null, json: false },
  timeoutMs: 60_000,
  maxAgeMs: null,
  captures: [],
  secrets: [],
  expect: null,
  ...more,
})

export const run = (script = 'deploy', more: Partial<RunBlock> = {}): RunBlock => ({
  word: 'run',
  command: command(script),
  probe: null,
  idempotent: false,
  retries: 0,
  irreversible: null,
  component: null,
  ...more,
})

export const approval = (more: Partial<ApproveBlock> = {}): ApproveBlock => ({
  word: 'approve',
  roles: [],
  count: 1,
  not: [],
  ...more,
})

export const question: Block = {
  word: 'answer',
  evidence: 'optional',
  options: null,
  passes: null,
  fields: [],
  due: null,
}

export const group: Block = { word: 'group' }

export const judge = (more: Partial<JudgePlan> = {}): JudgePlan => ({
  everyMs: 1000,
  warmUpMs: 0,
  falseAlarm: 0.01,
  source: null,
  arms: null,
  metrics: [],
  noData: { holdMs: 10_000, then: 'rollback' },
  grey: { ask: null, withinMs: 60_000, otherwise: 'rollback' },
  deadlineFactor: 3,
  ...more,
})

export const stage = (weightPercent: number, more: Partial<StagePlan> = {}): StagePlan => ({
  id: `stage-${weightPercent}`,
  title: `${weightPercent} %`,
  line: 1,
  weightPercent,
  soakMs: 5000,
  deadlineMs: null,
  promote: null,
  onInconclusive: 'hold',
  actions: [],
  steps: [],
  overrides: {},
  ...more,
})

export const rollout = (
  stages: readonly StagePlan[],
  more: { components?: readonly string[]; judge?: JudgePlan } = {},
): Block => ({
  word: 'rollout',
  components: (more.components ?? ['api']).map((name) => ({ name, driver: 'fake', config: {} })),
  stages,
  judge: more.judge ?? judge(),
})

export const watch = (forMs: number, more: Partial<WatchBlock> = {}): WatchBlock => ({
  word: 'watch',
  forMs,
  judge: judge(),
  checks: [],
  onFailure: 'rollback',
  ...more,
})

export const wait = (forMs: number): Block => ({ word: 'wait', forMs, untilWindow: null })

export const trigger = (id: string, more: Partial<TriggerPlan> = {}): TriggerPlan => ({
  id,
  line: 1,
  text: id,
  severity: 'P1',
  action: 'rollback',
  everyMs: 1000,
  forMs: 0,
  check: check(),
  ...more,
})

export const message = (id: string, on: string, more: Partial<MessagePlan> = {}): MessagePlan => ({
  id,
  line: 1,
  on,
  to: ['console'],
  everyMs: null,
  when: null,
  body: `${id} {{version}}`,
  ...more,
})

/** A step before the plan knows where it stands: `after` is filled in from its place unless given. */
export type StepDraft = Partial<Omit<StepPlan, 'id' | 'block'>> & { readonly id: string; readonly block: Block }

export const step = (id: string, block: Block, more: Partial<StepPlan> = {}): StepDraft => ({ ...more, id, block })

export interface PhaseDraft {
  readonly id: string
  readonly kind: PhaseKind
  readonly steps: readonly StepDraft[]
  readonly more: Partial<PhasePlan>
}

export const phase = (id: string, steps: readonly StepDraft[], more: Partial<PhasePlan> = {}): PhaseDraft => ({
  id,
  kind: more.kind ?? 'gate',
  steps,
  more,
})

const barriers = ['run', 'rollout', 'watch', 'wait', 'approve']

/** Document order as the reader compiles it, for flat lists: actions and waits are barriers, the rest stands side by side. */
function ordered(drafts: readonly StepDraft[], phaseId: string): StepPlan[] {
  let barrier: string[] = []
  let open: string[] = []
  return drafts.map((draft, at) => {
    const isInner = draft.parent != null || draft.stage != null
    const isBarrier = barriers.includes(draft.block.word)
    const after = draft.after ?? (isBarrier ? [...barrier, ...open] : [...barrier])
    if (!isInner) {
      if (isBarrier) [barrier, open] = [[draft.id], []]
      else open = [...open, draft.id]
    }
    const full = {
      name: draft.id.replaceAll(/[^A-Za-z0-9_]/g, '_'),
      text: draft.id,
      line: at + 1,
      endLine: at + 1,
      phase: phaseId,
      section: [],
      parent: null,
      children: [],
      afterActionOf: null,
      stage: null,
      when: null,
      only: [],
      never: [],
      severity: 'blocker',
      owner: null,
      danger: false,
      undo: null,
      answer: null,
      ...draft,
      after,
    } as Omit<StepPlan, 'digest'>
    return { ...full, digest: digestOf(full) }
  })
}

export function plan(phases: readonly PhaseDraft[], more: Partial<Plan> = {}): Plan {
  const body = {
    format: 1 as const,
    name: 'Test',
    service: 'shop',
    source: { file: 'release.md', sha256: '' },
    document: '',
    environments: {},
    inputs: {},
    env: [],
    secrets: {},
    sources: {},
    roles: {},
    channels: {},
    windows: {},
    contacts: {},
    phases: phases.map(
      ({ id, kind, more: extra }): PhasePlan => ({
        id,
        title: id,
        line: 1,
        environment: null,
        when: null,
        window: null,
        lead: null,
        owner: null,
        branch: null,
        for: null,
        ...extra,
        kind,
      }),
    ),
    steps: phases.flatMap(({ id, steps }) => ordered(steps, id)),
    triggers: [],
    messages: [],
    unreversed: [],
    expectedMs: 0,
    ...more,
  }
  return { ...body, digest: digestOf(body) }
}

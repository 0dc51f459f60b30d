/** Random plans: every block kind, nested steps, stages with steps, undos, probes, rollback phases, triggers, watches, messages. */
import { digestOf } from '../src/core/log/canonical.ts'
import type {
  AnswerSpec,
  Block,
  CheckBlock,
  CommandSpec,
  ComponentPlan,
  JudgePlan,
  MessagePlan,
  PhasePlan,
  Plan,
  RolloutBlock,
  RunBlock,
  StagePlan,
  StepPlan,
  TriggerPlan,
} from '../src/core/plan/plan.ts'
import type { Rng } from './rng.ts'

/** What a fake command or check does; travels as its script or config. */
export interface Behaviour {
  readonly act: 'apply' | 'undo' | 'probe' | 'read'
  readonly step: string
  readonly maxMs: number
  readonly fail: number
  readonly lose: number
}

export const roles = { 'release-engineer': ['ben', 'cleo'], sre: ['cleo', 'dan'] } as const
export const people = ['ana', 'ben', 'cleo', 'dan', 'eve'] as const

export interface PlanWishes {
  /** It begins with actions side by side, the slow one without an undo: the way back often begins while it acts. */
  readonly crowded?: boolean
  /** Draws phases that act elsewhere, and has a lock that all services share; null = one environment for itself. */
  readonly places?: Rng | null
}

export function randomPlan(rng: Rng, service: string, { crowded = false, places = null }: PlanWishes = {}): Plan {
  return new PlanMaker(rng, service, places).make(crowded)
}

const sharedPlaces: Plan['environments'] = {
  production: { protected: false, locks: ['cluster'] },
  staging: { protected: false },
}

class PlanMaker {
  readonly #rng: Rng
  readonly #policyRng: Rng
  readonly #service: string
  readonly #places: Rng | null
  readonly #steps: StepPlan[] = []
  readonly #phases: PhasePlan[] = []
  #count = 0

  constructor(rng: Rng, service: string, places: Rng | null) {
    this.#places = places
    this.#rng = rng
    this.#policyRng = rng.branch()
    this.#service = service
  }

  make(crowded: boolean): Plan {
    const rng = this.#rng
    if (crowded) this.#crowd()
    for (let gates = rng.int(1, 2); gates > 0; gates -= 1) this.#gate()
    const hasRollout = rng.chance(0.85)
    if (hasRollout) this.#rollout()
    if (rng.chance(0.3)) this.#gate()
    if (rng.chance(0.5)) this.#watch()
    if (rng.chance(0.35)) this.#rollback()
    const triggers = hasRollout && rng.chance(0.6) ? [this.#trigger()] : []
    return this.#plan(triggers)
  }

  #plan(triggers: readonly TriggerPlan[]): Plan {
    const content: Omit<Plan, 'digest'> = {
      format: 1,
      name: `release of ${this.#service}`,
      service: this.#service,
      source: { file: 'release.md', sha256: '0'.repeat(64) },
      document: '# Release\n',
      environments: this.#places === null ? { production: { protected: false } } : sharedPlaces,
      inputs: {},
      env: [],
      secrets: {},
      sources: {},
      roles: Object.fromEntries(
        Object.entries(roles).map(([role, members]) => [role, members.map((id) => ({ id, key: null }))]),
      ),
      channels: { team: { kind: 'console', config: {} } },
      windows: {},
      contacts: {},
      phases: this.#phases,
      steps: this.#steps,
      triggers,
      messages: this.#messages(),
      unreversed: [],
      expectedMs: 0,
    }
    return { ...content, digest: digestOf(content) }
  }

  #messages(): readonly MessagePlan[] {
    const topics = ['rollback.started', 'stage.entered', 'release.closed', 'rollback.failed', 'decision.asked']
    return topics
      .filter(() => this.#rng.chance(0.5))
      .map((on, index) => ({
        id: `message-${index}`,
        line: 1,
        on,
        to: ['team'],
        everyMs: on === 'stage.entered' && this.#rng.chance(0.3) ? 90_000 : null,
        when: null,
        body: '',
      }))
  }

  #phase(kind: PhasePlan['kind'], title: string): string {
    const id = `${kind}-${this.#phases.length}`
    this.#phases.push({
      id,
      title,
      kind,
      line: 1,
      environment: this.#places?.chance(0.4) === true ? this.#places.pick(['production', 'staging']) : null,
      when: null,
      window: null,
      lead: null,
      owner: null,
      branch: null,
      for: null,
    })
    return id
  }

  #gate(): void {
    const phase = this.#phase('gate', 'Gate')
    let barrier: string[] = []
    let sinceBarrier: string[] = []
    for (let count = this.#rng.int(1, 4); count > 0; count -= 1) {
      const isAct = this.#rng.chance(0.5)
      const after = isAct ? [...barrier, ...sinceBarrier] : barrier
      const id = isAct ? this.#act(phase, after) : this.#ask(phase, after)
      if (isAct) [barrier, sinceBarrier] = [[id], []]
      else sinceBarrier.push(id)
    }
  }

  #crowd(): void {
    const phase = this.#phase('gate', 'Crowd')
    for (const maxMs of [60_000, 50, 50]) {
      const id = this.#newId()
      const command = (act: 'apply' | 'undo'): CommandSpec => commandOf({ act, step: id, maxMs, fail: 0, lose: 0 })
      const block: RunBlock = { ...this.#runBlock(id), command: command('apply'), probe: null }
      this.#steps.push(this.#make(id, phase, [], block, { undo: maxMs < 1000 ? command('undo') : null }))
    }
  }

  /** Something that changes the world or waits: a barrier in document order. */
  #act(phase: string, after: readonly string[]): string {
    const word = this.#rng.pick(['run', 'run', 'run', 'approve', 'wait'] as const)
    if (word === 'approve') return this.#step(phase, after, this.#approve())
    if (word === 'wait')
      return this.#step(phase, after, { word: 'wait', forMs: this.#rng.int(1, 60) * 1000, untilWindow: null })
    return this.#run(phase, after, null)
  }

  #approve(): Block {
    const some = this.#rng.chance(0.5) ? [this.#rng.pick(Object.keys(roles))] : []
    return { word: 'approve', roles: some, count: this.#rng.int(1, 2), not: this.#rng.chance(0.5) ? ['author'] : [] }
  }

  /** Checks, questions, records, fields, groups of them. */
  #ask(phase: string, after: readonly string[], depth = 0): string {
    const kinds = ['check', 'check', 'answer', 'record', 'fields', ...(depth === 0 ? ['group'] : [])]
    switch (this.#rng.pick(kinds)) {
      case 'check':
        return this.#check(phase, after, null)
      case 'answer':
        return this.#step(phase, after, { word: 'answer', ...this.#answer() })
      case 'record':
        return this.#step(phase, after, { word: 'record', name: 'restore-test', maxAgeMs: 3_600_000, drill: null })
      case 'fields':
        return this.#step(phase, after, { word: 'fields', fields: [this.#field()] })
      default:
        return this.#group(phase, after, depth)
    }
  }

  #answer(): AnswerSpec {
    return {
      evidence: this.#rng.chance(0.3) ? 'required' : 'optional',
      options: null,
      passes: null,
      fields: [],
      due: null,
    }
  }

  #field() {
    return {
      name: `value_${this.#count}`,
      label: 'Value',
      type: 'number',
      options: [],
      required: true,
      limit: this.#rng.chance(0.5) ? '< 100' : null,
      capture: this.#rng.chance(0.7) ? { source: 'prom', query: 'value' } : null,
    } as const
  }

  #group(phase: string, after: readonly string[], depth: number): string {
    const at = this.#steps.length
    const id = this.#newId()
    const children = Array.from({ length: this.#rng.int(1, 3) }, () => this.#ask(phase, after, depth + 1))
    for (const [index, step] of this.#steps.entries())
      if (children.includes(step.id)) this.#steps[index] = { ...step, parent: id }
    this.#steps.splice(at, 0, this.#make(id, phase, [...after, ...children], { word: 'group' }, { children }))
    return id
  }

  #check(phase: string, after: readonly string[], stage: StepPlan['stage']): string {
    const id = this.#newId()
    const block = this.#checkBlock(id)
    this.#steps.push(
      this.#make(id, phase, after, block, { stage, severity: this.#rng.chance(0.2) ? 'warning' : 'blocker' }),
    )
    return id
  }

  #checkBlock(step: string): CheckBlock {
    const rng = this.#rng
    const behaviour: Behaviour = {
      act: 'read',
      step,
      maxMs: rng.pick([50, 2_000, 20_000]),
      fail: rng.pick([0, 0.1, 0.5]),
      lose: 0.05,
    }
    return {
      word: 'check',
      kind: rng.chance(0.5) ? 'command' : 'http',
      config: { script: JSON.stringify(behaviour) },
      timeoutMs: 60_000,
      maxAgeMs: rng.chance(0.15) ? 120_000 : null,
      captures: [],
      secrets: [],
      expect: null,
    }
  }

  #run(phase: string, after: readonly string[], stage: StepPlan['stage']): string {
    const id = this.#newId()
    this.#steps.push(
      this.#make(id, phase, after, this.#runBlock(id), {
        stage,
        danger: this.#rng.chance(0.1),
        undo: this.#rng.chance(0.7) ? this.#command('undo', id) : null,
      }),
    )
    return id
  }

  #runBlock(step: string): RunBlock {
    const idempotent = this.#rng.chance(0.35)
    return {
      word: 'run',
      command: this.#command('apply', step),
      probe: this.#rng.chance(0.5) ? this.#command('probe', step) : null,
      idempotent,
      retries: idempotent ? this.#rng.int(0, 2) : 0,
      irreversible: null,
      component: null,
    }
  }

  #command(act: Behaviour['act'], step: string): CommandSpec {
    const rng = this.#rng
    const behaviour: Behaviour = {
      act,
      step,
      maxMs: rng.pick([50, 3_000, 30_000]),
      fail: rng.pick([0, 0.1, 0.4]),
      lose: rng.pick([0, 0.1, 0.3]),
    }
    return commandOf(behaviour)
  }

  #rollout(): void {
    const phase = this.#phase('rollout', 'Rollout')
    const id = this.#newId()
    const at = this.#steps.length
    const weights = this.#rng.pick([[100], [10, 100], [5, 50, 100], [5, 25, 50, 100]])
    const stages = weights.map((weightPercent, index) => this.#stage(phase, id, weightPercent, index))
    const components: ComponentPlan[] = Array.from({ length: this.#rng.int(1, 2) }, (_, index) => ({
      name: `component-${index}`,
      driver: 'fake',
      config: {},
    }))
    const block: RolloutBlock = { word: 'rollout', components, stages, judge: this.#judge() }
    this.#steps.splice(at, 0, this.#make(id, phase, [], block))
  }

  #stage(phase: string, rollout: string, weightPercent: number, index: number): StagePlan {
    const rng = this.#rng
    const stage = { rollout, index }
    const actions = rng.chance(0.4) ? [this.#run(phase, [], stage)] : []
    const steps = rng.chance(0.4)
      ? [
          rng.chance(0.6)
            ? this.#check(phase, [], stage)
            : this.#step(phase, [], { word: 'answer', ...this.#answer() }, stage),
        ]
      : []
    return {
      id: `stage-${index}`,
      title: `${weightPercent} %`,
      line: 1,
      weightPercent,
      soakMs: rng.int(2, 8) * 10_000,
      deadlineMs: rng.chance(0.5) ? rng.int(120, 600) * 1000 : null,
      promote: rng.chance(0.25) ? rng.pick(Object.keys(roles)) : null,
      onInconclusive: rng.chance(0.3) ? 'ask' : 'hold',
      actions,
      steps,
      overrides: {},
    }
  }

  #policy(): Pick<JudgePlan, 'policy' | 'history'> {
    const rng = this.#policyRng
    if (rng.chance(0.4)) return { policy: 'threshold', history: null }
    const history = rng.chance(0.2) ? null : { forMs: rng.pick([60_000, 300_000]), splitBy: 'instance' }
    return { policy: 'statistical', history }
  }

  #judge(): JudgePlan {
    const rng = this.#rng
    return {
      ...this.#policy(),
      everyMs: rng.pick([5_000, 10_000]),
      warmUpMs: rng.pick([0, 10_000]),
      falseAlarm: 0.01,
      source: 'prom',
      arms: { canary: { version: '2' }, stable: { version: '1' } },
      metrics: [
        {
          name: 'errors',
          kind: 'ratio',
          source: null,
          queries: { bad: 'bad', total: 'total' },
          forMs: 0,
          minSamples: 50,
          windowMs: 30_000,
          unit: 'ratio',
          go: [{ quantile: null, operator: '<', value: 0.01, text: '< 1%' }],
          rollback: [{ quantile: null, operator: '>', value: 0.02, text: '> 2%' }],
          versusStable: [],
        },
      ],
      // oxlint-disable-next-line unicorn/no-thenable -- the word of the checklist's own language
      noData: { holdMs: rng.int(60, 240) * 1000, then: rng.chance(0.5) ? 'rollback' : 'ask' },
      grey: {
        ask: rng.chance(0.5) ? 'release-engineer' : null,
        withinMs: rng.int(60, 300) * 1000,
        otherwise: rng.chance(0.5) ? 'rollback' : 'hold',
      },
      deadlineFactor: 3,
    }
  }

  #watch(): void {
    const phase = this.#phase('watch', 'Watch')
    this.#step(phase, [], {
      word: 'watch',
      checks: this.#rng.chance(0.3) ? [{ name: 'smoke', check: this.#checkBlock('smoke') }] : [],
      forMs: this.#rng.int(3, 12) * 10_000,
      judge: this.#judge(),
      onFailure: this.#rng.chance(0.7) ? 'rollback' : 'ask',
    })
  }

  #rollback(): void {
    const phase = this.#phase('rollback', 'Rollback')
    const run = this.#run(phase, [], null)
    if (this.#rng.chance(0.5)) this.#check(phase, [run], null)
  }

  #trigger(): TriggerPlan {
    const rng = this.#rng
    return {
      id: 'trigger-1',
      line: 1,
      text: 'complaints pile up',
      severity: 'P1',
      action: rng.pick(['rollback', 'rollback', 'ask', 'page']),
      everyMs: 15_000,
      forMs: rng.pick([0, 30_000]),
      check: this.#checkBlock('trigger-1'),
    }
  }

  #newId(): string {
    this.#count += 1
    return `step-${this.#count}`
  }

  #step(phase: string, after: readonly string[], block: Block, stage: StepPlan['stage'] = null): string {
    const id = this.#newId()
    this.#steps.push(this.#make(id, phase, after, block, { stage }))
    return id
  }

  /** Conditions that hold, that do not, and that cannot be decided; a rollout that is blocked would only be a dead end. */
  #when(block: Block): string | null {
    if (block.word === 'rollout' || block.word === 'watch' || block.word === 'approve' || this.#rng.chance(0.92))
      return null
    return this.#rng.pick(['environment == "production"', 'environment == "staging"', 'missing > 1'])
  }

  #make(id: string, phase: string, after: readonly string[], block: Block, more: Partial<StepPlan> = {}): StepPlan {
    const step = {
      id,
      name: id.replaceAll('-', '_'),
      text: `${block.word} ${id}`,
      line: 1,
      endLine: 1,
      phase,
      section: [],
      parent: null,
      children: [],
      after,
      afterActionOf: null,
      stage: null,
      when: this.#when(block),
      only: [],
      never: [],
      severity: 'blocker',
      owner: null,
      danger: false,
      block,
      undo: null,
      answer: null,
      ...more,
    } as const
    return { ...step, digest: digestOf(step) }
  }
}

function commandOf(behaviour: Behaviour): CommandSpec {
  return { shell: 'bash', script: JSON.stringify(behaviour), cwd: null, timeoutMs: 60_000, secrets: [], captures: [] }
}

/** Adds to a random plan what people and the calendar bring: windows, lead times, severities, a hand-over, drafts and required messages. */
import { digestOf } from '../src/core/log/canonical.ts'
import type { HandoverBlock, MessagePlan, PhasePlan, Plan, StepPlan, WindowPlan } from '../src/core/plan/plan.ts'
import type { Instant } from '../src/core/units.ts'
import type { Rng } from './rng.ts'

/** Besides the roles of every plan. Who holds it opens windows. */
export const managers = ['dan', 'eve'] as const
export const manager = 'release-manager'

export function eventfulPlan(plan: Plan, rng: Rng, now: Instant): Plan {
  const lead = rng.chance(0.4)
  const window = rng.chance(0.7) ? randomWindow(rng, minuteOf(now), !lead) : null
  const withHandover = rng.chance(0.6) ? handedOver(plan, rng) : plan
  const withIncident = rng.chance(0.5) ? incidentPhase(withHandover) : withHandover
  const { digest: _, ...content } = {
    ...withIncident,
    roles: { ...plan.roles, [manager]: managers.map((id) => ({ id, key: null })) },
    phases: withIncident.phases.map((phase, index) => ({
      ...phase,
      ...(window !== null && index === windowed(plan, rng) && { window: 'office' }),
      ...(lead && index === 0 && { due: { side: 'before', unit: 'ms', amount: rng.int(1, 4) * 30_000 } as const }),
    })),
    windows: window === null ? {} : { office: window },
    severities: {
      P1: { action: 'rollback', tell: [], withinMs: null },
      P2: { action: 'ask', tell: ['team'], withinMs: rng.chance(0.5) ? rng.int(20, 240) * 1000 : null },
      P3: { action: 'page', tell: [], withinMs: null },
    } satisfies Plan['severities'],
    messages: messagesOf(plan, rng),
  }
  return { ...content, digest: digestOf(content) }
}

export function minuteOf(at: Instant): number {
  return Math.floor(at / 60_000) % 1440
}

/** Mostly the rollout's phase, which is also the one that a planned start is about. */
function windowed({ phases }: Plan, rng: Rng): number {
  const rollout = phases.findIndex(({ kind }) => kind === 'rollout')
  return rollout !== -1 && rng.branch().chance(0.8) ? rollout : 0
}

/** Opens by itself within minutes, or on a day that never comes: then nothing but an override opens it. */
function randomWindow(rng: Rng, minute: number, mayNeverOpen: boolean): WindowPlan {
  const soon = minute + rng.int(0, 5)
  const never = mayNeverOpen && rng.chance(0.4)
  const rule = never
    ? { weekdays: null, dates: ['2026-12-24'], fromMinute: null, toMinute: null }
    : { weekdays: null, dates: null, fromMinute: soon, toMinute: 1440 }
  const frozen = minute + rng.int(0, 3)
  const freeze = { weekdays: null, dates: null, fromMinute: frozen, toMinute: frozen + 4, absolute: true } as const
  return {
    zone: 'UTC',
    allow: [rule],
    deny: rng.chance(0.4) ? [freeze] : [],
    ...((never || rng.chance(0.6)) && { override: manager }),
  }
}

function handedOver(plan: Plan, rng: Rng): Plan {
  const phase = plan.phases.find(({ kind }) => kind === 'gate')
  if (!phase) return plan
  const block: HandoverBlock = {
    word: 'handover',
    from: rng.chance(0.5) ? 'release-engineer' : null,
    to: ['sre', 'release-engineer'],
    withinMs: rng.chance(0.5) ? 60_000 : null,
  }
  const after = plan.steps.filter((step) => step.phase === phase.id && step.parent === null).map(({ id }) => id)
  return withStep(plan, phase, { id: 'handover', block, after })
}

function incidentPhase(plan: Plan): Plan {
  const [first] = plan.phases
  if (!first) return plan
  const phase: PhasePlan = { ...first, id: 'incident', title: 'Incident', kind: 'incident', environment: null }
  const block: StepPlan['block'] = {
    word: 'answer',
    evidence: 'optional',
    options: null,
    passes: null,
    fields: [],
    due: null,
  }
  return withStep({ ...plan, phases: [...plan.phases, phase] }, phase, { id: 'looked-at', block, after: [] })
}

function withStep(plan: Plan, phase: PhasePlan, own: Pick<StepPlan, 'id' | 'block' | 'after'>): Plan {
  const { digest: _, ...step }: StepPlan = {
    name: own.id.replaceAll('-', '_'),
    text: own.id,
    line: 1,
    endLine: 1,
    phase: phase.id,
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
    digest: '',
    ...own,
  }
  const last = plan.steps.findLastIndex((each) => each.phase === phase.id)
  const at = last === -1 ? plan.steps.length : last + 1
  return { ...plan, steps: plan.steps.toSpliced(at, 0, { ...step, digest: digestOf(step) }) }
}

function messagesOf({ messages }: Plan, rng: Rng): readonly MessagePlan[] {
  const more = ['incident.declared', 'phase.opened'].map(
    (on, index): MessagePlan => ({
      id: `more-${index}`,
      line: 1,
      on,
      to: ['team'],
      everyMs: null,
      when: null,
      body: '',
    }),
  )
  return [...messages, ...more].map((message) => ({
    ...message,
    ...(rng.chance(0.5) && { preview: { role: rng.pick([null, 'release-engineer']) } }),
    ...(rng.chance(0.4) && { required: true as const }),
  }))
}

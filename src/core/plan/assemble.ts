/** A finished draft becomes the plan: plain JSON with digests. */
import type { Compiling, Draft, DraftPhase, DraftRollout, DraftStage, DraftStep } from './draft.ts'
import { distinct, slug } from './ids.ts'
import { withDescendants } from './order.ts'
import { isForward } from './phase-kinds.ts'
import { planDigest, stepDigest } from './plan-digest.ts'
import { withWayBack } from './way-back.ts'
import type { Block, PhasePlan, Plan, StagePlan, StepPlan } from './plan.ts'

export interface Source {
  readonly name: string
  readonly service: string
  readonly file: string
  readonly sha256: string
  readonly text: string
}

export function assemblePlan(source: Source, draft: Draft, compiling: Compiling): Plan {
  const { declared } = compiling
  const rollouts = new Map(draft.rollouts.map((rollout) => [rollout.step, rollout]))
  const stages = new Map(
    draft.rollouts.flatMap((rollout) => rollout.stages.map((stage) => [stage, rollout.step] as const)),
  )
  const phases = draft.phases.map(phasePlan)
  const steps = withWayBack(
    { phases, steps: draft.steps.map((step) => stepPlan(step, rollouts, stages)) },
    declared.rollbackWithinMs ?? undefined,
  )
  const plan: Omit<Plan, 'digest'> = {
    format: 2,
    name: source.name,
    service: source.service,
    source: { file: source.file, sha256: source.sha256 },
    document: source.text,
    environments: declared.environments,
    inputs: declared.inputs,
    env: declared.env,
    ...(declared.worker !== null && { worker: declared.worker }),
    secrets: declared.secrets,
    sources: declared.sources,
    roles: declared.roles,
    ...(Object.keys(declared.delegates).length > 0 && { delegates: declared.delegates }),
    channels: withBuiltIn(draft, compiling),
    windows: windowsOf(draft, compiling),
    ...(declared.roster !== null && { roster: declared.roster }),
    ...(Object.keys(declared.rosterRoles).length > 0 && { rosterRoles: declared.rosterRoles }),
    contacts: declared.contacts,
    ...(Object.keys(declared.verifiedContacts).length > 0 && { verifiedContacts: declared.verifiedContacts }),
    ...(declared.severities !== null && { severities: declared.severities }),
    ...(declared.postMortem !== null && { postMortem: declared.postMortem }),
    ...(declared.followUps !== null && { followUps: declared.followUps }),
    ...(declared.reviewAfter !== null && { reviewAfter: declared.reviewAfter }),
    ...(declared.audiences !== null && { audiences: declared.audiences }),
    ...(declared.messageDigest !== null && { messageDigest: declared.messageDigest }),
    ...(declared.rollbackWithinMs !== null && { rollbackWithinMs: declared.rollbackWithinMs }),
    ...(declared.schedule !== null && { schedule: declared.schedule }),
    ...(declared.retentionMs !== null && { retentionMs: declared.retentionMs }),
    phases,
    steps,
    triggers: distinctIds(draft.triggers),
    messages: distinctIds(draft.messages),
    unreversed: unreversed(draft),
    expectedMs: expectedMs(draft),
  }
  return { ...plan, digest: planDigest(plan) }
}

function phasePlan(phase: DraftPhase): PhasePlan {
  return { id: phase.id, ...phase.plan }
}

function stepPlan(
  step: DraftStep,
  rollouts: ReadonlyMap<DraftStep, DraftRollout>,
  stages: ReadonlyMap<DraftStage, DraftStep>,
): StepPlan {
  const { common } = step
  const rollout = rollouts.get(step)
  const owner = step.stage && stages.get(step.stage)
  const plan: Omit<StepPlan, 'digest'> & { digest: string } = {
    id: step.id,
    name: step.name,
    text: step.text,
    line: step.line,
    endLine: step.endLine,
    phase: step.phase.id,
    section: step.section,
    parent: step.parent?.id ?? null,
    children: idsOf(step.children),
    after: idsOf(step.after),
    afterActionOf: step.afterActionOf?.id ?? null,
    stage: step.stage && owner ? { rollout: owner.id, index: step.stage.index } : null,
    when: allOf(common.when),
    only: common.only,
    never: common.never,
    severity: common.severity,
    owner: common.owner,
    danger: common.danger,
    block: rollout ? rolloutBlock(rollout) : step.block,
    undo: step.undo,
    answer: step.answer,
    digest: '',
  }
  plan.digest = stepDigest(plan)
  return plan
}

/** Holidays are written once as days that are denied; on their own only where something counts in working days. */
function windowsOf(draft: Draft, { declared }: Compiling): Plan['windows'] {
  if (draft.phases.some(({ plan }) => plan.due !== undefined)) return declared.windows
  return Object.fromEntries(
    Object.entries(declared.windows).map(([name, window]) => {
      const { holidays: _, ...rest } = window
      return [name, window.workingDays === undefined && window.eves === undefined ? rest : window]
    }),
  )
}

const none: readonly string[] = Object.freeze([])

function idsOf(steps: readonly DraftStep[]): readonly string[] {
  return steps.length === 0 ? none : steps.map((step) => step.id)
}

function allOf(conditions: readonly string[]): string | null {
  if (conditions.length <= 1) return conditions[0] ?? null
  return conditions.map((each) => `(${each})`).join(' && ')
}

function rolloutBlock(rollout: DraftRollout): Block {
  const used = new Map<string, number>()
  return { ...rollout.block, stages: rollout.stages.map((stage) => stagePlan(stage, used)) }
}

function stagePlan(stage: DraftStage, used: Map<string, number>): StagePlan {
  const steps = stage.roots.flatMap(withDescendants)
  return {
    ...stage.plan,
    id: distinct(stage.plan.id ?? (slug(stage.plan.title) || `stage-${stage.index + 1}`), used),
    actions: steps.filter((step) => step.block.word === 'run').map((step) => step.id),
    steps: steps.filter((step) => step.block.word !== 'run').map((step) => step.id),
  }
}

function distinctIds<T extends { readonly id: string }>(items: readonly T[]): readonly T[] {
  const used = new Map<string, number>()
  return items.map((item) => ({ ...item, id: distinct(item.id, used) }))
}

/** They need no declaration: the console is where the release runs, the status page is the server's. */
function withBuiltIn(draft: Draft, compiling: Compiling): Plan['channels'] {
  const { channels } = compiling.declared
  const used = ['console', 'status'].filter(
    (name) => !Object.hasOwn(channels, name) && draft.messages.some((message) => message.to.includes(name)),
  )
  return used.length === 0
    ? channels
    : { ...channels, ...Object.fromEntries(used.map((kind) => [kind, { kind, config: {} }])) }
}

/** Forward actions that nothing takes back: no undo, no reason why not, no rollback phase for them or for everything. */
function unreversed(draft: Draft): readonly string[] {
  const covered = new Set(draft.phases.filter((phase) => phase.plan.kind === 'rollback').map((phase) => phase.plan.for))
  if (covered.has(null)) return []
  return draft.steps.flatMap((step) => {
    if (step.block.word !== 'run' || !isForward(step.phase.plan.kind)) return []
    const { irreversible, component } = step.block
    const isCovered = step.undo !== null || irreversible !== null || (component !== null && covered.has(component))
    return isCovered ? [] : [step.id]
  })
}

/** Steps one after another; watches with an offset run beside them, from the end of the rollout before them. */
function expectedMs(draft: Draft): number {
  let now = 0
  let anchor = 0
  let beside = 0
  let background = 0
  let phase: DraftStep['phase'] | null = null
  for (const step of draft.steps) {
    if (!isForward(step.phase.plan.kind)) continue
    if (step.phase !== phase) [now, beside, phase] = [Math.max(now, beside), 0, step.phase]
    const { block } = step
    const soaks = step.rollout?.stages.reduce((total, stage) => total + stage.plan.soakMs, 0) ?? 0
    if (block.word === 'watch' && (block.startsMs !== undefined || block.before !== undefined)) {
      const end = Math.max(now, anchor + (block.startsMs ?? 0)) + block.forMs
      if (block.before === 'close') background = Math.max(background, end)
      else beside = Math.max(beside, end)
    } else if (block.word === 'watch') now = Math.max(now, beside) + block.forMs
    else if (block.word === 'wait') now += block.forMs ?? 0
    else if (soaks > 0) anchor = now += soaks
  }
  return Math.max(now, beside, background)
}

/** One `kind: drill` phase of a plan as a plan of its own: what a drill that is started by its name runs, and nothing else. */
import { leastTimeOf, watchTimeOf } from './least-time.ts'
import { planDigest } from './plan-digest.ts'
import type { PhasePlan, Plan, StepPlan } from './plan.ts'

/** Marks a plan as that of a drill. */
export interface DrillPart {
  /** The phase of the checklist. */
  readonly phase: string
  readonly title: string
  /** Digest of the whole checklist's plan. */
  readonly of: string
}

export type DrillFound =
  | { readonly kind: 'drill'; readonly plan: Plan }
  | { readonly kind: 'refused'; readonly reason: string }

export function drillsOf({ phases }: Pick<Plan, 'phases'>): readonly PhasePlan[] {
  return phases.filter(({ kind }) => kind === 'drill')
}

/**
 * `name` is the id or the title of the phase. Messages are those written in it, follow-ups those of a rehearsal; triggers,
 * ways back and incidents belong to releases. Its steps keep their digests.
 */
export function drillPlan(whole: Plan, name: string): DrillFound {
  const wanted = name.trim().toLowerCase()
  const drills = drillsOf(whole)
  const phase =
    drills.find(({ id }) => id === name) ??
    drills.find(({ id, title }) => id.toLowerCase() === wanted || title.toLowerCase() === wanted)
  if (phase === undefined) return refused(noSuchDrill(whole, drills, name))
  const inside = whole.steps.filter((step) => step.phase === phase.id)
  const moving = inside.find(({ block }) => block.word === 'rollout')
  if (moving !== undefined)
    return refused(
      `"${phase.title}" is a drill and moves traffic (line ${moving.line}): a drill runs checks, questions and actions only. To go through a rollout without moving anybody: --dry-run`,
    )
  const steps = inside.map((step) => within(step, new Set(inside.map(({ id }) => id))))
  const { schedule: _, reviewAfter: __, followUps, ...rest } = whole
  const left = Object.entries(followUps ?? {}).filter(([, { after }]) => after.includes('rehearsal'))
  const plan: Omit<Plan, 'digest'> = {
    ...rest,
    ...(left.length > 0 && { followUps: Object.fromEntries(left) }),
    drill: { phase: phase.id, title: phase.title, of: whole.digest },
    phases: [asGate(phase)],
    steps,
    triggers: [],
    messages: whole.messages.filter(({ line }) => isWithin(whole, phase, line)),
    unreversed: steps.filter(isUnreversed).map(({ id }) => id),
    expectedMs: leastTimeOf(whole, phase.id) + watchTimeOf(whole, phase.id),
  }
  return { kind: 'drill', plan: { ...plan, digest: planDigest(plan) } }
}

/** Where a drill acts: in the environment that its phase names. null = it names none, and acts on no target. */
export function drillEnvironment({ drill, phases }: Pick<Plan, 'drill' | 'phases'>): string | null {
  return phases.find(({ id }) => id === drill?.phase)?.environment ?? null
}

function refused(reason: string): DrillFound {
  return { kind: 'refused', reason }
}

function noSuchDrill({ phases }: Plan, drills: readonly PhasePlan[], name: string): string {
  const other = phases.find(({ id, title }) => id === name || title.toLowerCase() === name.trim().toLowerCase())
  const found = other === undefined ? `There is no drill "${name}"` : `"${other.title}" is no drill but a ${other.kind}`
  const [first] = drills
  if (first === undefined)
    return `${found}; this checklist has no drills. A phase becomes one by: \`\`\`yaml phase\nkind: drill\n\`\`\``
  const known = drills.map(({ id, title }) => `${id} ("${title}")`).join(', ')
  return `${found}; this checklist has ${known}. For example: --drill ${first.id}`
}

/** The one phase that runs: it waits for its window and its lock as a gate does. */
function asGate(drill: PhasePlan): PhasePlan {
  const { due: _, onlyFor: __, ...phase } = drill
  return { ...phase, kind: 'gate', branch: null, lead: null }
}

function within(step: StepPlan, ids: ReadonlySet<string>): StepPlan {
  const { parent, afterActionOf } = step
  return {
    ...step,
    parent: parent !== null && ids.has(parent) ? parent : null,
    after: step.after.filter((id) => ids.has(id)),
    afterActionOf: afterActionOf !== null && ids.has(afterActionOf) ? afterActionOf : null,
  }
}

function isUnreversed({ block, undo }: StepPlan): boolean {
  return block.word === 'run' && undo === null && block.irreversible === null
}

/** Phases stand in document order, each from its own line to the next one's. */
function isWithin({ phases }: Plan, phase: PhasePlan, line: number): boolean {
  const next = phases.find((other) => other.line > phase.line)
  return line >= phase.line && (next === undefined || line < next.line)
}

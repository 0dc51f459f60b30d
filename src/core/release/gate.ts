/** Whether somebody outside may go on at a point of a release: what other deployers ask. Doubt keeps the gate shut. */
import type { StepPlan } from '../plan/plan.ts'
import { presenceOf, presenceWords } from './presence.ts'
import { isClosed, isPractice, rolloutsOf, stepPlan, stepState } from './standing.ts'
import type { ReleaseState } from './state.ts'

/** What is asked about. */
export type GatePoint =
  /** Everything before the watch is done: it is released. */
  | { readonly kind: 'release' }
  /** The step is closed, and everything that it comes after. */
  | { readonly kind: 'step'; readonly step: string }
  /** The phase is done. */
  | { readonly kind: 'phase'; readonly phase: string }
  /** A rollout entered the stage: its number from 1, its weight such as `25%`, or its id. */
  | { readonly kind: 'stage'; readonly stage: string }

export interface GateReading {
  /** `waiting` may still become `open`; `closed` means no: somebody, or the release itself, has decided against it. */
  readonly status: 'open' | 'waiting' | 'closed'
  /** One sentence: why. */
  readonly say: string
}

/** null = the release has no such step, phase or stage. */
export function gateOf(state: ReleaseState, point: GatePoint): GateReading | null {
  if (!isThere(state, point)) return null
  return standsAgainst(state) ?? readingAt(state, point)
}

/** Whoever asks whether to turn back: true once the release does, whatever comes of it. */
export function wantsRollback(state: ReleaseState): boolean {
  return !isPractice(state) && state.rollback !== null
}

/** What keeps every gate of a release shut, wherever it is asked. */
function standsAgainst(state: ReleaseState): GateReading | null {
  if (state.rehearsal) return closed('This is a rehearsal: it opens nothing.')
  if (isPractice(state)) return closed('This is a drill: only records that it makes open anything.')
  switch (state.phase) {
    case 'rolling-back':
    case 'rolled-back':
    case 'rollback-failed':
      return closed(`The release goes back: ${state.rollback?.why ?? 'no reason given'}`)
    case 'left':
    case 'superseded':
      return closed(`The release has ended: ${state.endedWhy ?? state.phase}`)
    default:
      if (state.hold !== null) return waiting(`Held by ${state.hold.by}: ${state.hold.why}`)
      return state.owedMessages.length === 0 ? presenceReading(state) : waiting('A required message has not been sent.')
  }
}

/** Who deploys elsewhere goes on with as many people as the checklist wants here. */
function presenceReading(state: ReleaseState): GateReading | null {
  const standing = presenceOf(state)
  return standing && standing.missing > 0 ? waiting(`${presenceWords(standing)}.`) : null
}

function readingAt(state: ReleaseState, point: GatePoint): GateReading {
  switch (point.kind) {
    case 'release':
      return state.phase === 'running' ? waiting('The release is under way.') : open('It is released.')
    case 'phase':
      return phaseReading(state, point.phase)
    case 'step':
      return stepReading(state, point.step)
    case 'stage':
      return stageReading(state, point.stage)
  }
}

function phaseReading(state: ReleaseState, id: string): GateReading {
  const steps = state.index.idsOfPhase.get(id) ?? []
  const status = state.phases.get(id)?.status
  if (status === 'not-applicable') return open(`"${id}" does not apply.`)
  const rejected = steps.map((step) => rejectionAt(state, step)).find((reading) => reading !== null)
  if (rejected) return rejected
  // A step of a phase that is done may have been opened again.
  const isDone = status === 'closed' && steps.every((step) => isClosed(state, step))
  return isDone ? open(`"${id}" is done.`) : waiting(`"${id}" is not done.`)
}

function stepReading(state: ReleaseState, id: string): GateReading {
  const rejected = rejectionAt(state, id)
  if (rejected) return rejected
  const step = stepState(state, id).closed
  if (step?.how === 'warned') return closed(`"${id}" did not pass: ${step.why}`)
  const missing = [...before(state, id), id].filter((one) => !isClosed(state, one))
  if (missing.length === 0) return open(`"${id}" is closed: ${step?.how ?? ''}.`)
  const named = missing.slice(0, MOST_NAMED).join(', ')
  return waiting(`Not closed: ${named}${missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : ''}`)
}

const MOST_NAMED = 5

function rejectionAt(state: ReleaseState, id: string): GateReading | null {
  const { rejected } = stepState(state, id)
  return rejected === null ? null : closed(`${rejected.by} rejected "${id}": ${rejected.why}`)
}

/** All that a step comes after, however far back: any of them may have been opened again. */
function before(state: ReleaseState, id: string): ReadonlySet<string> {
  const found = new Set<string>()
  const look = (plan: StepPlan) => {
    for (const each of plan.after) {
      if (found.has(each)) continue
      found.add(each)
      look(stepPlan(state, each))
    }
  }
  look(stepPlan(state, id))
  return found
}

function stageReading(state: ReleaseState, given: string): GateReading {
  for (const { plan, block, state: rollout } of rolloutsOf(state)) {
    const wanted = stageAt(block.stages, given)
    if (wanted < 0) continue
    const title = block.stages[wanted]?.title ?? given
    const isIn = rollout.stage === wanted && (rollout.doing === 'soaking' || rollout.doing === 'done')
    if (!isIn && rollout.stage <= wanted)
      return waiting(`"${plan.id}" has not reached ${title}${rollout.stage === wanted ? `: ${rollout.doing}` : ''}.`)
    if (rollout.doing === 'putting-back') return waiting(`"${plan.id}" is putting its traffic back.`)
  }
  return open('The rollout has entered that stage.')
}

function stageAt(stages: readonly { readonly id: string; readonly weightPercent: number }[], given: string): number {
  const byId = stages.findIndex(({ id }) => id === given)
  if (byId >= 0) return byId
  const weight = /^(\d+(?:\.\d+)?)\s*%$/.exec(given)
  if (weight) return stages.findIndex(({ weightPercent }) => weightPercent === Number(weight[1]))
  return /^[1-9]\d{0,3}$/.test(given) && Number(given) <= stages.length ? Number(given) - 1 : -1
}

function isThere(state: ReleaseState, point: GatePoint): boolean {
  if (point.kind === 'step') return state.steps.get(point.step) !== undefined
  if (point.kind === 'phase') return state.phases.has(point.phase)
  if (point.kind === 'release') return true
  return rolloutsOf(state).some(({ block }) => stageAt(block.stages, point.stage) >= 0)
}

function open(say: string): GateReading {
  return { status: 'open', say }
}

function waiting(say: string): GateReading {
  return { status: 'waiting', say }
}

function closed(say: string): GateReading {
  return { status: 'closed', say }
}

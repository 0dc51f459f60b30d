/** What goes with a hand-over, whom it asks now, and when it goes on to the next. */
import { digestOf } from '../log/canonical.ts'
import type { HandoverBlock, Plan, StepPlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import type { EventOf } from './events.ts'
import type { HandoverState, ReleaseState, StepState } from './state.ts'

/** The way back, from the document: the steps of its rollback phases, then what takes each action back. */
export function wayBackLines({ phases, steps }: Plan): readonly string[] {
  const back = phases.filter(({ kind }) => kind === 'rollback')
  const inPhases = back.flatMap((phase) => [
    `${phase.title}:`,
    ...steps.filter((step) => step.phase === phase.id).map((step) => `- ${step.text}${scriptWords(step)}`),
  ])
  const undone = steps.filter(({ undo }) => undo !== null)
  const undos = undone.map(({ text, undo }) => `- to take back "${text}": ${oneLine(undo?.script ?? '')}`)
  const lines = [...inPhases, ...undos]
  return lines.length === 0 ? ['The checklist says no way back.'] : lines
}

function scriptWords({ block }: StepPlan): string {
  return block.word === 'run' ? `: ${oneLine(block.command.script)}` : ''
}

const longestScript = 400

function oneLine(script: string): string {
  const text = script.trim().replaceAll(/\s*\n\s*/g, '; ')
  return text.length > longestScript ? `${text.slice(0, longestScript)}…` : text
}

/** What the receiver acknowledges, line by line. */
export function handoverLines(
  state: ReleaseState,
  { by, notes }: Pick<HandoverState, 'by' | 'notes'>,
): readonly string[] {
  return [
    `version ${state.releaseVersion} in ${state.environment}, handed over by ${by}`,
    ...notes.trim().split('\n'),
    ...wayBackLines(state.plan),
  ]
}

export function handoverDigest(state: ReleaseState, given: Pick<HandoverState, 'by' | 'notes'>): string {
  return digestOf(handoverLines(state, given))
}

/** Roles that may acknowledge now: whoever was asked first still may. */
export function askedRoles(block: HandoverBlock, handover: HandoverState | undefined): readonly string[] {
  return block.to.slice(0, (handover?.asked ?? 0) + 1)
}

/** When it goes on to the next; null = it does not by itself. */
export function escalatesAt(block: HandoverBlock, { handover, closed }: StepState): Instant | null {
  if (!handover || handover.acknowledged || handover.isUnanswered || closed || block.withinMs === null) return null
  return handover.askedAt + block.withinMs
}

export function escalation(
  step: StepState,
  block: HandoverBlock,
  now: Instant,
): EventOf<'HandoverEscalated'> | undefined {
  const at = escalatesAt(block, step)
  if (at === null || now < at || !step.handover) return undefined
  const from = block.to[step.handover.asked] ?? ''
  return { kind: 'HandoverEscalated', step: step.id, from, to: block.to[step.handover.asked + 1] ?? null }
}

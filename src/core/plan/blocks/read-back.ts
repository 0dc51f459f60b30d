/** The look that a rollback phase ends with: each component whose version was read before it changed serves that one again. */
import { servingName } from '../../release/serving-name.ts'
import type { Compiling, DraftPhase, DraftStep, ReadBack } from '../draft.ts'
import { isForward } from '../phase-kinds.ts'
import { servedAgainScript } from './deploy-scripts.ts'

const readTimeoutMs = 60_000

/** What a release brings out on its way; what serves before a step of a way back, a drill or an incident is no version to go back to. */
export function addReadBack(one: ReadBack, { at, readBacks }: Compiling): void {
  if (at === null || isForward(at.phase.plan.kind)) readBacks.push(one)
}

/** Of several phases that take it back the last; null = an undo does, and looks itself. */
export function phaseThatTakesBack(phases: readonly DraftPhase[], component: string): DraftPhase | null {
  const covers = ({ plan, roots }: DraftPhase): boolean =>
    plan.kind === 'rollback' && roots.length > 0 && (plan.for === null || plan.for === component)
  return phases.findLast(covers) ?? null
}

export function readReadBack(step: DraftStep, { component, serves, withinMs, common }: ReadBack): void {
  step.block = {
    word: 'check',
    kind: 'command',
    config: { shell: 'bash', script: servedAgainScript(serves, servingName(component)), cwd: common.cwd },
    timeoutMs: readTimeoutMs,
    maxAgeMs: null,
    captures: [],
    secrets: common.secrets,
    expect: null,
    ...(common.worker !== undefined && { worker: common.worker }),
    retryForMs: withinMs,
    servesAgain: component,
    component,
  }
}

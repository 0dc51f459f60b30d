/** The look that a rollback phase ends with: each component whose version was read before it changed serves that one again. */
import { servingName } from '../../release/serving-name.ts'
import type { Compiling, DraftPhase, DraftStep, ReadBack } from '../draft.ts'
import { isForward } from '../phase-kinds.ts'
import { servedAgainScript } from './deploy-scripts.ts'

const readTimeoutMs = 60_000

/** What a release brings out on its way; what serves before a step of a way back, a drill or an incident is no version to go back to. */
export function addReadBack(one: Omit<ReadBack, 'environment'>, { at, readBacks }: Compiling): void {
  if (at !== null && !isForward(at.phase.plan.kind)) return
  const environment = at?.phase.plan.environment ?? null
  const isKnown = readBacks.some(
    (other) => other.component === one.component && other.serves === one.serves && other.environment === environment,
  )
  if (!isKnown) readBacks.push({ ...one, environment })
}

/**
 * Of several phases that take it back the last; null = none does, or an undo, which looks itself. What was brought out
 * elsewhere, such as in staging on the way to production, is not what a way back in production answers for.
 */
export function phaseThatTakesBack(
  phases: readonly DraftPhase[],
  { component, environment }: Pick<ReadBack, 'component' | 'environment'>,
): DraftPhase | null {
  const covers = ({ plan, roots }: DraftPhase): boolean =>
    plan.kind === 'rollback' &&
    roots.length > 0 &&
    (environment === null || plan.environment === environment) &&
    (plan.for === null || plan.for === component)
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

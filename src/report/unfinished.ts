/** Steps of a release that has ended: what still says `running` will never run. */
import { stoppedWords } from './view/steps.ts'
import type { PhaseView, ReleaseView, StepView, StepWord } from './view.ts'

export type Unfinished = 'not reached' | 'not finished'
export type ToldStep = Omit<StepView, 'state'> & { readonly state: StepWord | Unfinished }
export type ToldPhase = Omit<PhaseView, 'steps'> & { readonly steps: readonly ToldStep[] }

export function phasesAsTheyStand(view: ReleaseView): readonly ToldPhase[] {
  if (!view.decision?.ended) return view.phases
  return view.phases.map((phase) => ({ ...phase, steps: phase.steps.map(afterTheEnd) }))
}

const unfinished: Readonly<Partial<Record<StepWord, Unfinished>>> = {
  waiting: 'not reached',
  running: 'not finished',
  held: 'not finished',
  stale: 'not finished',
  'needs a person': 'not finished',
}

function afterTheEnd(step: StepView): ToldStep {
  if (step.state === 'waiting' && (step.attempts > 0 || step.say === stoppedWords))
    return { ...step, state: 'not finished' }
  return { ...step, state: unfinished[step.state] ?? step.state }
}

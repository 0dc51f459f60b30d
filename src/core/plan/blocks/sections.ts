/** Blocks that stand under a heading and say what its section is: a phase, or steps that belong together. */
import type { Common, Compiling, DraftPhase } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import { phaseKinds } from '../phase-kinds.ts'
import type { PhasePlan } from '../plan.ts'
import { checkEnvironment, checkWindow } from './common.ts'

const example = '```yaml phase\nkind: rollback\n```'

export function plainPhase(title: string, line: number): DraftPhase['plan'] {
  return {
    title,
    line,
    kind: 'gate',
    environment: null,
    when: null,
    window: null,
    lead: null,
    owner: null,
    branch: null,
    for: null,
  }
}

export function readPhase(block: ReadBlock, title: string, line: number, compiling: Compiling): Omit<PhasePlan, 'id'> {
  const { settings } = block
  const environmentPlace = settings.placeOf('environment')
  const environment = settings.text('environment')
  if (environment !== null) checkEnvironment(environment, environmentPlace, compiling)
  const windowPlace = settings.placeOf('window')
  const window = settings.text('window')
  if (window !== null) checkWindow(window, windowPlace, compiling)
  const componentPlace = settings.placeOf('for')
  const component = settings.text('for')
  if (component !== null) compiling.laterNames.push({ kind: 'component', name: component, place: componentPlace })
  const phase = {
    title,
    line,
    kind: settings.choice('kind', phaseKinds) ?? 'gate',
    environment,
    when: settings.text('when'),
    window,
    lead: settings.text('lead'),
    owner: settings.text('owner'),
    branch: settings.text('branch'),
    for: component,
  }
  settings.finish(example)
  return phase
}

export function phaseCommon(phase: Pick<PhasePlan, 'owner'>, base: Common): Common {
  return { ...base, owner: phase.owner }
}

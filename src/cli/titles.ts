/** Words for the ids of one release's phases and steps. */
import type { ReleaseView } from '../report/view.ts'
import type { Titles } from './terminal/news.ts'

export function titlesOf(view: ReleaseView): Titles {
  const steps = new Map(view.phases.flatMap((phase) => phase.steps).map((step) => [step.id, step.text]))
  const phases = new Map(view.phases.map((phase) => [phase.id, phase.title]))
  return { step: (id) => steps.get(id) ?? id, phase: (id) => phases.get(id) ?? id }
}

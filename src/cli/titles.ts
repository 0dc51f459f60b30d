/** Words for the ids of one release's phases and steps. */
import type { Titles } from './terminal/news.ts'

export interface Titled {
  readonly phases: readonly {
    readonly id: string
    readonly title: string
    readonly steps: readonly { readonly id: string; readonly text: string }[]
  }[]
}

export function titlesOf({ phases }: Titled): Titles {
  const steps = new Map(phases.flatMap((phase) => phase.steps).map((step) => [step.id, step.text]))
  const names = new Map(phases.map((phase) => [phase.id, phase.title]))
  return { step: (id) => steps.get(id) ?? id, phase: (id) => names.get(id) ?? id }
}

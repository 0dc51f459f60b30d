/** Attending without a terminal: one timestamped line per event. */
import type { StoredEvent } from '../../core/ports/store.ts'
import type { ReleaseEvent } from '../../core/release/events.ts'
import type { ReleaseView } from '../../report/view.ts'
import { paint } from '../terminal/line.ts'
import { newsLine, newsOf } from '../terminal/news.ts'
import { titlesOf } from '../titles.ts'
import type { Presenter } from './presenter.ts'

/** `say` gets each line: stdout, or stderr when stdout is kept for one JSON document. */
export function linePresenter(say: (line: string) => void): Presenter {
  let titles = titlesOf({ phases: [] })
  return {
    event: ({ at, event }: StoredEvent<ReleaseEvent>) => {
      if (event.kind === 'ReleaseStarted' || event.kind === 'ReleaseAmended') titles = titlesOf(planTitles(event.plan))
      const line = paint(newsLine(newsOf(event, titles)), { width: Number.POSITIVE_INFINITY, colour: false })
      say(`${new Date(at).toISOString().slice(0, 19)}Z ${line}`)
    },
    view: (view: ReleaseView) => {
      titles = titlesOf(view)
    },
    disconnected: (why) => say(`lost the engine (${why}), trying again`),
    end: () => {},
  }
}

/** Titles from a plan, before the first view has come. */
export function planTitles(plan: {
  readonly phases: readonly { readonly id: string; readonly title: string }[]
  readonly steps: readonly { readonly id: string; readonly text: string; readonly phase: string }[]
}): Parameters<typeof titlesOf>[0] {
  return {
    phases: plan.phases.map(({ id, title }) => ({ id, title, steps: plan.steps.filter((step) => step.phase === id) })),
  }
}

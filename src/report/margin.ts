/** The checklist's own text with each step's result in its margin. */
import type { ReleaseState } from '../core/release/state.ts'
import { block, visible } from './escape.ts'
import type { ToldStep } from './unfinished.ts'

/** A code block: the text stands as its author wrote it and nothing in it is live. */
export function documentWithMargin(state: ReleaseState, steps: readonly ToldStep[]): string {
  // Of several on one line the first is the one that stands there.
  const words = new Map(steps.map((step) => [step.line, step.state] as const).toReversed())
  const width = Math.max(6, ...steps.map((step) => step.state.length))
  const lines = state.plan.document.split(/\r\n|\r|\n/)
  if (lines.at(-1) === '') lines.pop()
  // An unseen character takes its visible form first, so that the margin stays straight.
  return block(
    lines
      .map((line, index) => `${(words.get(index + 1) ?? '').padEnd(width)} │ ${visible(line, true)}`.trimEnd())
      .join('\n'),
  )
}

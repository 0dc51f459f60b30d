/** Approvals that say `after-watch` wait for every watch above them, whatever their own list would allow. */
import { waitFor } from './conditions.ts'
import type { Compiling, Draft } from './draft.ts'
import { isForward } from './phase-kinds.ts'

export function waitForWatches(draft: Draft, compiling: Compiling): void {
  for (const { step, place } of compiling.afterWatches) {
    const above = draft.steps.slice(0, draft.steps.indexOf(step))
    const watches = above.filter(
      // One that only the closing waits for outlasts the sign-off by its own word.
      ({ block, phase }) => block.word === 'watch' && block.before !== 'close' && isForward(phase.plan.kind),
    )
    // Those of earlier phases have ended when this one begins.
    for (const watch of watches) waitFor(step, watch)
    if (watches.length > 0) continue
    compiling.problems.error('bad-value', place, {
      found: '"after-watch" in an approval with no watch above it',
      expected: above.some(({ block }) => block.word === 'watch' && block.before === 'close')
        ? 'a watch above it without "before: close", which outlasts every signature'
        : 'the watch above the step that signs it off',
      example:
        '- [ ] Two hours healthy\n  ```yaml watch\n  for: 2h\n  ```\n- [ ] Signed off\n  ```yaml approve\n  role: lead\n  after-watch: true\n  ```',
    })
  }
}

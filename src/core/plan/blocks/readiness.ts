/** `yaml readiness`: a yes that is derived from the steps before it. */
import { aspects } from '../../readiness/roll-up.ts'
import type { ReadBlock } from '../fences.ts'
import type { ReadinessBlock } from '../plan.ts'

export function readReadiness({ settings }: ReadBlock): ReadinessBlock {
  const readiness: ReadinessBlock = {
    word: 'readiness',
    of: settings.choice('of', aspects) ?? 'items',
    match: settings.pattern('match'),
  }
  settings.finish('```yaml readiness\nof: tests\n```')
  return readiness
}

/** Takes every automatic step that is due by time alone. */
import type { Effect } from '../../core/release/effects.ts'
import type { Handler } from '../work.ts'

export const tick: Handler<Extract<Effect, { kind: 'Tick' }>> = async ({ desk }) => {
  await desk.submit({ kind: 'Tick' })
}

/** The release decides: a command in, events or a refusal out. */
import type { Decision, Facts, ReleaseCommand } from './commands.ts'
import type { ReleaseState } from './state.ts'

/**
 * Decides one command. Accepted events include every automatic consequence that follows at `facts.now`
 * (phases that open, steps that close, stages that are entered), so one append leaves nothing half done.
 */
export function decide(_state: ReleaseState | null, _command: ReleaseCommand, _facts: Facts): Decision {
  throw new Error('being built')
}

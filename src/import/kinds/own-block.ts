/** Whether what a command does is a check or an action of a kind of ours, which sees at least as much as the command. */
import type { OwnBlock } from './block.ts'
import { clusterBlock } from './cluster-commands.ts'
import { gitBlock } from './git-commands.ts'
import { serviceBlock } from './service-commands.ts'
import { webBlock } from './web-commands.ts'

/** null = the command stays as the team wrote it. `words`: those of the step it stands in. */
export function ownBlock(script: string, words: string): OwnBlock | null {
  if (script.length > 2_000) return null
  return gitBlock(script, words) ?? clusterBlock(script, words) ?? serviceBlock(script) ?? webBlock(script)
}

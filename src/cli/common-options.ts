/** Options that commands of several groups share. */
import type { OptionSpec } from './command-entry.ts'

export const json: OptionSpec = { flags: '--json', about: 'print one JSON document and nothing else' }
export const store: OptionSpec = {
  flags: '--store <folder>',
  about: 'use the store in this folder instead of $HOLDPOINT_HOME',
}
export const as: OptionSpec = {
  flags: '--as <name>',
  about: 'the name you claim (default: your operating-system user)',
}
/** Of everything that asks the engine. */
export const engine = [json, store, as] as const

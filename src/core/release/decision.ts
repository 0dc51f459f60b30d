/** How rules answer: with events, or with a refusal that has a stable code and a sentence for the person. */
import type { Accepted, CommandOf, Decision, Facts, Refusal, RefusalCode, ReleaseCommand } from './commands.ts'
import type { ReleaseEvent } from './events.ts'
import type { ReleaseState } from './state.ts'

export type Rule<K extends ReleaseCommand['kind']> = (
  state: ReleaseState,
  command: CommandOf<K>,
  facts: Facts,
) => Decision

export function accept(...events: readonly ReleaseEvent[]): Accepted {
  return { kind: 'accepted', events }
}

export function refuse(code: RefusalCode, reason: string): Refusal {
  return { kind: 'refused', code, reason }
}

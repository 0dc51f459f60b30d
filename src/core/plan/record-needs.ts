/** Which records a plan asks for, and how old each may be. */
import type { Millis } from '../units.ts'
import type { Plan } from './plan.ts'

/** A step is satisfied by a record of this name that is no older than this. */
export interface RecordNeed {
  readonly name: string
  readonly maxAgeMs: Millis
  /** The drill that makes a new record, if one is named. */
  readonly drill: string | null
  readonly step: string
  readonly text: string
}

export function needsOf({ steps }: Pick<Plan, 'steps'>): readonly RecordNeed[] {
  return steps.flatMap(({ block, id, text }) =>
    block.word === 'record' ? [{ name: block.name, maxAgeMs: block.maxAgeMs, drill: block.drill, step: id, text }] : [],
  )
}

/** Which records a plan asks for, and how old each may be. */
import type { RecordWish } from '../records/wish.ts'
import type { Plan } from './plan.ts'

/** A step is satisfied by a record of this name that is no older than this. */
export interface RecordNeed extends RecordWish {
  /** The drill that makes a new record, if one is named. */
  readonly drill: string | null
  readonly step: string
  readonly text: string
}

export function needsOf({ steps }: Pick<Plan, 'steps'>): readonly RecordNeed[] {
  return steps.flatMap(({ block, id, text }) => {
    if (block.word !== 'record') return []
    const { word: _, ...wish } = block
    return [{ ...wish, step: id, text }]
  })
}

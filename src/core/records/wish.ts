/** What somebody asks of a record. */
import type { Millis } from '../units.ts'
import type { RecordAge } from './age.ts'

/** What somebody asks of a record; absent = nothing is asked of it. */
export interface RecordWish extends RecordAge {
  readonly name: string
  /** How long before its end a record is told to be ending. */
  readonly warnMs?: Millis
  /** Only one with evidence counts. */
  readonly evidence?: 'required'
  /** Only one of that environment counts. */
  readonly environment?: string
  /** Digest of the way back that it has to be of, as its fact `way_back` says. */
  readonly wayBack?: string
  /** Limits of its facts, such as `recovery: "< 30m"`; `took` is how long it took. Durations are seconds. */
  readonly limits?: Readonly<Record<string, string>>
}

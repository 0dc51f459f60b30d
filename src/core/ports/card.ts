/** The release in a few words, as channels get it for a card that they keep up to date. */
import type { Instant } from '../units.ts'

export interface ReleaseCard {
  readonly service: string
  readonly version: string
  readonly previous: string | null
  readonly environment: string
  /** A decision there needs a sign-in on the page. */
  readonly isProtected: boolean
  /** As in release/state.ts: `running`, `validating`, `rolled-back`, ... */
  readonly phase: string
  /** `good` done or being watched · `busy` under way · `person` somebody is asked · `bad` stopped or taken back. */
  readonly tone: 'good' | 'busy' | 'person' | 'bad'
  /** One line: `Soaking: 10 %`, `Held by ana: errors`. */
  readonly now: string
  /** Last word of the judge about the stage; empty = none yet. */
  readonly verdict: string
  /** Steps that wait for a person, in document order. */
  readonly asks: readonly CardAsk[]
  /** Why somebody would be called now. */
  readonly causes: readonly Cause[]
  readonly isHeld: boolean
  readonly isEnded: boolean
  readonly startedBy: string
  readonly startedAt: Instant
  /** When it is through if nobody dawdles. */
  readonly expectedEnd: Instant
}

export interface CardAsk {
  readonly step: string
  readonly word: 'approve' | 'answer' | 'fields' | 'promote'
  readonly text: string
  /** What may be answered by a word alone; empty = nothing can. */
  readonly answers: readonly string[]
  /** Of a signature: what it is to cover, so that nothing else is signed. */
  readonly digest?: string
  /** Of a question of the judge: the stage it is about. */
  readonly stage?: number | null
}

export interface Cause {
  /** `hold`, `decision`, `rollback`, `trigger:ID`, `step:ID` (it failed), `ask:ID` (it waits for a person). */
  readonly id: string
  readonly say: string
  readonly severity: 'critical' | 'error' | 'warning'
}

/** The port of a worker process to the server that it takes commands from. */
import type { SignedOffer } from '../work/assignment.ts'
import type { Millis } from '../units.ts'
import type { CommandResult } from './launcher.ts'
import type { Finished, HeartbeatAnswer } from './work.ts'

export interface NextAsked {
  readonly claim: string
  readonly urgentOnly: boolean
  readonly waitMs: Millis
}

export interface NextAnswer {
  readonly offer: SignedOffer | null
  /** What the operator should know, such as that this server runs those commands itself. */
  readonly told: string | null
  readonly leaseMs: Millis
}

/** `code` is one of the surface's; null = nobody answered, so it may be asked again. */
export class WorkServerFault extends Error {
  override name = 'WorkServerFault'
  readonly code: string | null
  constructor(message: string, code: string | null, options: { cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}

/** Every call rejects with WorkServerFault. */
export interface WorkServer {
  next(asked: NextAsked, signal: AbortSignal): Promise<NextAnswer>
  heartbeat(attempt: string, claim: string, waitMs: Millis, signal: AbortSignal): Promise<HeartbeatAnswer>
  output(attempt: string, claim: string, text: string): Promise<void>
  finish(attempt: string, claim: string, result: CommandResult): Promise<Finished['kind']>
}

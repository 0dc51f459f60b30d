/** Checks the chains of a whole log as it is read, event by event in the order of the log, holding only where each chain ends. */
import type { StoredEvent, StreamId } from '../ports/store.ts'
import { type ChainHead, emptyChain, eventBody, eventHash } from './chain.ts'

export interface LogFault {
  /** null = of the order of the log as a whole. */
  readonly stream: StreamId | null
  /** Where in the log: of the event that does not fit, or that is not there. */
  readonly position: number
  /** Of the event in its stream; null for the order of the log. */
  readonly version: number | null
  readonly say: string
}

export class LogCheck {
  readonly #ends = new Map<StreamId, ChainHead>()
  #position = 0

  /** The next event. After a fault the chain goes on from what is there: each break is told once. */
  take(event: StoredEvent): readonly LogFault[] {
    const faults: LogFault[] = []
    this.#position += 1
    if (event.position !== this.#position) {
      const say = `event ${this.#position} is missing: the next one is ${event.position}`
      faults.push({ stream: null, position: this.#position, version: null, say })
      this.#position = event.position
    }
    const { stream, version, position } = event
    const say = faultOf(event, this.#ends.get(stream) ?? emptyChain)
    if (say !== null) faults.push({ stream, position, version, say })
    this.#ends.set(stream, { version, hash: event.hash })
    return faults
  }

  /** Of the last event taken; 0 = none. */
  get position(): number {
    return this.#position
  }

  /** Where each chain ends now. */
  get ends(): ReadonlyMap<StreamId, ChainHead> {
    return this.#ends
  }
}

function faultOf(event: StoredEvent, end: ChainHead): string | null {
  if (event.version !== end.version + 1) return `version ${event.version} comes after ${end.version}`
  const fits = event.previousHash === end.hash && eventHash(end.hash, eventBody(event)) === event.hash
  return fits ? null : `version ${event.version} is not what was written`
}

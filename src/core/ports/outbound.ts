/** What goes wrong with a request to the outside, as checks, sources and notifiers see it. */

/** An answer, as much of it as was asked for. A `Response` of the runtime is one as well. */
export interface OutboundAnswer {
  readonly status: number
  readonly redirected: boolean
  /** Names in small letters; several of one name are joined with `, `. */
  readonly headers: { get(name: string): string | null; forEach(tell: (value: string, name: string) => void): void }
  text(): Promise<string>
  json(): Promise<unknown>
  bytes(): Promise<Uint8Array>
}

export interface OutboundAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** A server that may be connected to, at exactly these addresses: the name is not looked up again. */
export interface OutboundPlace {
  /** In small letters, without brackets; what its certificate has to say. */
  readonly host: string
  readonly port: number
  /** At least one. */
  readonly addresses: readonly OutboundAddress[]
}

/** Why a request has no answer. `refused` = our own guard said no; the words say which rule. */
export type OutboundCode = 'refused' | 'unreachable' | 'broken-answer' | 'too-large' | 'too-many-redirects' | 'aborted'

/** A fault of the outside world or of the guard; `retryable` says whether trying again can help. */
export class OutboundFault extends Error {
  override name = 'OutboundFault'
  readonly code: OutboundCode
  readonly retryable: boolean
  constructor(code: OutboundCode, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.code = code
    this.retryable = options.retryable
  }
}

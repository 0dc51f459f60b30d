/** What goes wrong with a request to the outside, as checks, sources and notifiers see it. */

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

/** What AWS refuses, in words. */

/** AWS refuses, or gives no answer that can be used: one sentence, never with a key. */
export class AwsFault extends Error {
  override name = 'AwsFault'
  /** `NoSuchBucket`; empty = it came without one. */
  readonly code: string
  /** Of the answer; 0 = it came without a usable one. */
  readonly status: number
  constructor(message: string, code: string, status: number) {
    super(message)
    this.code = code
    this.status = status
  }
}

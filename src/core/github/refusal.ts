/** What GitHub says when it refuses, as one sentence. */
import type { Json } from '../units.ts'

/** GitHub refuses, or gives no answer that can be used: one sentence, never with the token. */
export class GithubFault extends Error {
  override name = 'GithubFault'
  /** Of the answer; 0 = it came without a usable one. */
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

/** `Validation Failed: tag_name already_exists`. */
export function messageOf(text: string): string {
  try {
    const { message, errors } = JSON.parse(text) as { message?: Json; errors?: Json }
    const details = (Array.isArray(errors) ? errors : []).map((one: Json) => {
      if (typeof one !== 'object' || one === null) return String(one)
      const { message: words, field, code } = one as Readonly<Record<string, Json>>
      return [words ?? [field, code]]
        .flat()
        .filter((part) => typeof part === 'string')
        .join(' ')
    })
    return [typeof message === 'string' ? message : 'without a word', ...details].join(': ').slice(0, 300)
  } catch {
    return 'without a word'
  }
}

/** An answer that was read whole: a Response of the runtime costs several times as much, and thousands come each second. */
import type { OutboundAnswer } from '../core/ports/outbound.ts'

export class PlainAnswer implements OutboundAnswer {
  readonly status: number
  readonly redirected = false
  readonly #rawHeaders: readonly string[]
  readonly #body: Buffer

  /** `rawHeaders`: names and values in turn, as they came. */
  constructor(status: number, rawHeaders: readonly string[], body: Buffer) {
    this.status = status
    this.#rawHeaders = rawHeaders
    this.#body = body
  }

  get headers(): OutboundAnswer['headers'] {
    const of = new Headers()
    for (let index = 0; index + 1 < this.#rawHeaders.length; index += 2)
      of.append(this.#rawHeaders[index] ?? '', printable(this.#rawHeaders[index + 1] ?? ''))
    return of
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(this.#body)
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(this.#body)
  }
}

function printable(value: string): string {
  return value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?')
}

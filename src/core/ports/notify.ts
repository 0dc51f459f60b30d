/** The port behind which every notifier lives: one file per kind in src/notify. `render` is pure, `send` is thin. */
import type { z } from 'zod'
import type { Clock } from './clock.ts'
import type { OutboundAnswer, OutboundPlace } from './outbound.ts'

export interface Message {
  /** Unique among those of its release; what a receiver may drop repeats by is release and id. */
  readonly id: string
  readonly release: string
  readonly on: string
  readonly subject: string
  readonly body: string
}

export interface NotifyPowers {
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly root: string
  readonly http: (
    url: string,
    init: {
      method: string
      headers: Readonly<Record<string, string>>
      body?: string
      signal: AbortSignal
      redirect?: 'follow' | 'manual'
    },
  ) => Promise<OutboundAnswer>
  /** Asks the guard of `http` where a mail server (`smtp://`, `smtps://`) may be connected to. Throws OutboundFault. */
  readonly place: (url: string) => Promise<OutboundPlace>
  /** Lines for attached terminals and the engine's own log. */
  readonly console: (line: string) => void
}

export interface NotifierDefinition<C = unknown> {
  readonly kind: string
  readonly summary: string
  readonly config: z.ZodType<C>
  readonly example: string
  /** Addresses of a service that is always at the same place: naming the kind declares them, as if they stood in the document. */
  readonly addresses?: readonly string[]
  /** What will be sent, for preview and record. */
  render(message: Message, config: C): string
  /** Resolves with a word of proof (`200 OK`, `written to out.log`); throws NotifyFault. */
  send(rendered: string, message: Message, config: C, powers: NotifyPowers): Promise<string>
}

export class NotifyFault extends Error {
  override name = 'NotifyFault'
  readonly retryable: boolean
  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.retryable = options.retryable
  }
}

export function defineNotifier<C>(definition: NotifierDefinition<C>): NotifierDefinition<C> {
  return definition
}

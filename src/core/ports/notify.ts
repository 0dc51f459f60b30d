/** The port behind which every notifier lives: one file per kind in src/notify. `render` is pure, `send` is thin. */
import type { z } from 'zod'
import type { ReleaseCard } from './card.ts'
import type { Millis } from '../units.ts'
import type { Clock } from './clock.ts'
import type { OutboundAnswer, OutboundPlace } from './outbound.ts'

export interface Message {
  /** Unique among those of its release; what a receiver may drop repeats by is release and id. */
  readonly id: string
  readonly release: string
  readonly on: string
  readonly subject: string
  readonly body: string
  /** What the checklist says it is for a status page: `investigating`, `completed`, ...; absent = its event says. */
  readonly status?: string
  /** Nobody asked for it to be told: what is kept up to date (a card, an open entry) follows the release, and no more. */
  readonly quiet?: true
  /** What earlier messages of this release left behind in this channel, the newest word of each; absent = nothing. */
  readonly kept?: ChannelFacts
  /** The release as it stands while this is sent; absent where nobody knows (a preview). */
  readonly card?: ReleaseCard
  /** Where a browser finds the release; absent = no server has an address. */
  readonly page?: string
}

/** Names of what a channel has to find again: the thread in a chat, the open entry of a status page. Never a secret. */
export type ChannelFacts = Readonly<Record<string, string>>

export interface Delivered {
  /** A word of proof: `200 OK`. */
  readonly say: string
  /** For the next message of the same release to the same channel; an empty text forgets a name. */
  readonly keep?: ChannelFacts
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
  /** Resolves with a word of proof (`200 OK`, `written to out.log`), and with what is to be kept; throws NotifyFault. */
  send(rendered: string, message: Message, config: C, powers: NotifyPowers): Promise<string | Delivered>
  /** Asks whether a message would be taken, and sends none; resolves with a word of proof, throws NotifyFault. Absent = nothing can be asked. */
  ask?(config: C, powers: NotifyPowers): Promise<string>
}

export class NotifyFault extends Error {
  override name = 'NotifyFault'
  readonly retryable: boolean
  /** What was reached before it failed, and must be found by the next try. */
  readonly keep: ChannelFacts | undefined
  /** So long the other side asks to be left alone. */
  readonly afterMs: Millis | undefined
  constructor(
    message: string,
    options: { retryable: boolean; cause?: unknown; keep?: ChannelFacts; afterMs?: Millis | undefined },
  ) {
    super(message, { cause: options.cause })
    this.retryable = options.retryable
    this.keep = options.keep
    this.afterMs = options.afterMs ?? (options.cause instanceof NotifyFault ? options.cause.afterMs : undefined)
  }
}

export function defineNotifier<C>(definition: NotifierDefinition<C>): NotifierDefinition<C> {
  return definition
}

/** Everything that can have happened to a message of a release. Only ever grows, as events.ts does. */
import type { ChannelFacts } from '../ports/notify.ts'
import type { Instant } from '../units.ts'
import type { Evidence } from './events.ts'

export type MessageEvent =
  | {
      readonly kind: 'MessageQueued'
      readonly message: string
      readonly notify: string
      readonly channel: string
      readonly subject: string
      readonly body: string
      readonly on: string
      /** What it is for a status page, where the checklist says so. */
      readonly status?: string
      /** Nobody asked for it: it keeps a card or an open entry up to date. */
      readonly quiet?: true
      /** The release goes no further until it was delivered. */
      readonly required?: true
      /** It waits for a person, of this role where one is named, because of `why`. */
      readonly draft?: { readonly role: string | null; readonly why: 'preview' | 'missing' }
      /** Names in its text whose value nobody knew. */
      readonly missing?: readonly string[]
      /** Who it is for, where the checklist names an audience. */
      readonly audience?: string
      /** Too many went to this channel within a minute: it waits for a digest. */
      readonly gathered?: true
      /** Who is on call is asked when it is sent, and filled in then. */
      readonly asksOnCall?: true
      /** Messages that this one, a digest, says in their place. */
      readonly covers?: readonly string[]
    }
  /** Who is on call was asked, and stands in the text; null = it could not be read, and a required message waits for a person. */
  | {
      readonly kind: 'MessageFilled'
      readonly message: string
      readonly onCall: readonly string[] | null
      readonly body: string
    }
  /** A person changed what will be sent. */
  | {
      readonly kind: 'MessageEdited'
      readonly message: string
      readonly by: string
      readonly subject: string
      readonly body: string
    }
  /** A person let a draft go, or has one that failed tried again from the beginning. */
  | { readonly kind: 'MessageLetGo'; readonly message: string; readonly by: string }
  | { readonly kind: 'MessageDropped'; readonly message: string; readonly by: string; readonly why: string }
  /** A person told them another way. */
  | {
      readonly kind: 'MessageSentByHand'
      readonly message: string
      readonly by: string
      readonly note: string
      readonly evidence: readonly Evidence[]
    }
  | {
      readonly kind: 'MessageWaived'
      readonly message: string
      readonly by: string
      readonly role: string
      readonly reason: string
    }
  /** `keep` = what the channel gave back for the next message of this release. */
  | {
      readonly kind: 'MessageDelivered'
      readonly message: string
      readonly say: string
      readonly keep?: ChannelFacts
    }
  | {
      readonly kind: 'MessageFailed'
      readonly message: string
      readonly tries: number
      readonly say: string
      readonly final: boolean
      readonly keep?: ChannelFacts
      /** The other side asks to be left alone until then. */
      readonly retryAt?: Instant
    }

/** Who asks on the local socket. It is only open to its owner, so a name given there is a claim by that user. */
import type { Context } from 'hono'
import type { Actor } from '../core/release/events.ts'
import { RouteRefusal } from './wire/problem.ts'

export const ACTOR_HEADER = 'x-holdpoint-actor'
/** `scripted` marks the demo's invented people; a report says so. Any other word is a person. */
export const ACTOR_KIND_HEADER = 'x-holdpoint-actor-kind'

const LONGEST_NAME = 200

/** The header is percent-encoded: names are not ASCII everywhere. Without it the engine's own user asks. */
export function claimedActor(context: Context, user: string): Actor {
  const kind = context.req.header(ACTOR_KIND_HEADER) === 'scripted' ? 'scripted' : 'person'
  return { id: nameIn(context.req.header(ACTOR_HEADER)) ?? user, kind, assurance: 'claimed' }
}

function nameIn(header: string | undefined): string | null {
  if (header === undefined || header === '') return null
  const name = decoded(header)
  // oxlint-disable-next-line no-control-regex -- control characters in a name would forge lines of the record
  if (name === null || name.length > LONGEST_NAME || name.trim() === '' || /[\u0000-\u001f\u007f]/.test(name)) {
    throw new RouteRefusal(
      'bad-query',
      `The header ${ACTOR_HEADER} holds no usable name; expected a percent-encoded name, for example "ana".`,
    )
  }
  return name
}

function decoded(header: string): string | null {
  try {
    return decodeURIComponent(header)
  } catch {
    return null
  }
}

/** Whom a plan tells what and when, as rows of a table: event, audience, channels, condition. */
import type { MessagePlan, Plan } from '../core/plan/plan.ts'
import { routesOf } from '../core/release/messages.ts'
import { durationWords } from './words.ts'

export interface MessageRow {
  readonly on: string
  /** `users (status, mail)`, or channels by themselves. */
  readonly to: string
  /** CEL; null = always. */
  readonly when: string | null
  /** `every 30 min`, `required`, `lead looks at it first`; one string each. */
  readonly notes: readonly string[]
  /** With its names still in it; empty = the news itself. */
  readonly text: string
}

/** Document order; one row for each audience of a message, so that who hears what can be read down a column. */
export function messageRows(plan: Plan): readonly MessageRow[] {
  return plan.messages.flatMap(rowsOf)
}

function rowsOf(message: MessagePlan): readonly MessageRow[] {
  const { on, body: text, everyMs, required, preview } = message
  const notes = [
    ...(everyMs === null ? [] : [`every ${durationWords(everyMs)}`]),
    ...(required === true ? ['required'] : []),
    ...(preview ? [`${preview.role ?? 'a person'} looks at it first`] : []),
  ]
  const routes = routesOf(message)
  const audiences = [...new Set(routes.map((route) => route.audience))]
  return audiences.map((audience) => {
    const own = routes.filter((route) => route.audience === audience)
    const channels = own.map((route) => route.channel).join(', ')
    const to = audience === null ? channels : `${audience} (${channels})`
    return { on, to, when: both(message.when, own[0]?.when ?? null), notes, text }
  })
}

function both(one: string | null, other: string | null): string | null {
  return one !== null && other !== null ? `(${one}) && (${other})` : (one ?? other)
}

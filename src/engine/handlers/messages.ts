/** Sends queued messages, not before their time, and reports what became of them. */
import type { Effect } from '../../core/release/effects.ts'
import { cardOf } from '../../core/release/card.ts'
import { keptIn } from '../../core/release/kept.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import type { Message } from '../../core/ports/notify.ts'
import { contextOf, sleepUntil } from '../work.ts'
import type { Handler } from '../work.ts'

type Sending = Extract<Effect, { kind: 'SendMessage' }>

export const sendMessage: Handler<Sending> = async ({ effect, desk, signal }) => {
  if (!(await sleepUntil(desk, effect.notBefore, signal))) return
  const { ok, final, say, keep, afterMs } = await desk.ports.messenger.send(
    messageOf(effect, desk.state()),
    effect.channel,
    contextOf(desk, effect.message, desk.lease.epoch, signal),
  )
  const kept = { ...(keep === undefined ? {} : { keep }), ...(afterMs === undefined ? {} : { afterMs }) }
  await desk.submit({ kind: 'ReportDelivery', message: effect.message, ok, final, say, ...kept })
}

function messageOf(effect: Sending, state: ReleaseState): Message {
  const { on = '', told, quiet } = state.messages.get(effect.message) ?? {}
  const kept = keptIn(state, effect.channel)
  return {
    id: effect.message,
    release: state.id,
    on,
    subject: effect.subject,
    body: effect.body,
    ...(told === undefined ? {} : { status: told }),
    ...(quiet === undefined ? {} : { quiet }),
    ...(kept === undefined ? {} : { kept }),
    card: cardOf(state),
  }
}

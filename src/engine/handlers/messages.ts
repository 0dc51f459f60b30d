/** Sends queued messages, not before their time, and reports what became of them. */
import type { Effect } from '../../core/release/effects.ts'
import { contextOf, sleepUntil } from '../work.ts'
import type { Handler } from '../work.ts'

export const sendMessage: Handler<Extract<Effect, { kind: 'SendMessage' }>> = async ({ effect, desk, signal }) => {
  if (!(await sleepUntil(desk, effect.notBefore, signal))) return
  const on = desk.state().messages.get(effect.message)?.on ?? ''
  const message = { id: effect.message, release: desk.release, on, subject: effect.subject, body: effect.body }
  const sent = await desk.ports.messenger.send(
    message,
    effect.channel,
    contextOf(desk, effect.message, desk.lease.epoch, signal),
  )
  await desk.submit({ kind: 'ReportDelivery', message: effect.message, ok: sent.ok, final: sent.final, say: sent.say })
}

/** Sends queued messages, not before their time, and reports what became of them. */
import type { Effect } from '../../core/release/effects.ts'
import { cardOf } from '../../core/release/card.ts'
import { keptIn } from '../../core/release/kept.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import type { Message } from '../../core/ports/notify.ts'
import { rosterLevels } from '../../core/plan/plan-roster.ts'
import type { RosterAnswer } from '../../core/ports/roster.ts'
import { contextOf, sleepUntil } from '../work.ts'
import type { Desk, Handler } from '../work.ts'

type Sending = Extract<Effect, { kind: 'SendMessage' }>

export const sendMessage: Handler<Sending> = async ({ effect, desk, signal }) => {
  if (!(await sleepUntil(desk, effect.notBefore, signal))) return
  const body = await bodyOf(effect, desk)
  if (body === null) return
  const { ok, final, say, keep, afterMs } = await desk.ports.messenger.send(
    { ...messageOf(effect, desk.state()), body },
    effect.channel,
    contextOf(desk, effect.message, desk.lease.epoch, signal),
  )
  const kept = { ...(keep === undefined ? {} : { keep }), ...(afterMs === undefined ? {} : { afterMs }) }
  await desk.submit({ kind: 'ReportDelivery', message: effect.message, ok, final, say, ...kept })
}

/** With whoever is on call at this moment, where the text asks for them; null = it waits for a person now. */
async function bodyOf({ message: id, body }: Sending, desk: Desk): Promise<string | null> {
  if (desk.state().messages.get(id)?.asksOnCall !== true) return body
  const answer = await desk.ports.roster?.read(desk.state().plan, 'lately')
  await desk.submit({ kind: 'FillOnCall', message: id, people: firstOnCall(answer) })
  const filled = desk.state().messages.get(id)
  return filled?.status === 'queued' && filled.asksOnCall !== true ? filled.body : null
}

/** Those of the first level at which anybody is; null = it could not be read. Somebody whom nothing here names is on call all the same. */
function firstOnCall(answer: RosterAnswer | undefined): readonly string[] | null {
  if (answer?.kind !== 'answered') return null
  const all = [
    ...answer.onCall.map(({ level, person }) => ({ level, who: person })),
    ...answer.strangers.map(({ level, who }) => ({ level, who })),
  ]
  const first = rosterLevels.find((level) => all.some((one) => one.level === level))
  return all.filter(({ level }) => level === first).map(({ who }) => who)
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

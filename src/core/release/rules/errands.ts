/** Small errands the engine runs for steps and messages: records looked up, fields captured, deliveries reported. */
import { accept, refuse, type Rule } from '../decision.ts'
import { escapeFor } from '../../plan/template.ts'
import { isLastWord, lastWordTries } from '../kept.ts'
import { notKnown } from '../message-text.ts'
import { onCallWhenSent } from '../message-values.ts'
import { escapeIn } from '../messages.ts'
import { isClosed } from '../standing.ts'

/** A message is tried this often before it counts as failed for good. */
export const deliveryTries = 8

/** Whoever asks for more is asked again after this. */
const longestPauseMs = 3_600_000

export const useRecord: Rule<'UseRecord'> = (state, command) => {
  const plan = state.index.step.get(command.step)
  if (plan?.block.word !== 'record' || isClosed(state, command.step))
    return refuse('not-due', 'No record is looked for there.')
  if (command.record === null || command.observedAt === null) {
    return state.steps.get(command.step)?.recordMissing === command.say
      ? accept()
      : accept({ kind: 'RecordMissing', step: command.step, say: command.say })
  }
  return accept({
    kind: 'RecordUsed',
    step: command.step,
    record: command.record,
    observedAt: command.observedAt,
    say: command.say,
  })
}

/** Said once of each: who says it again has lost nothing. */
export const noteRecord: Rule<'NoteRecord'> = (state, { step: id, attempt, record, name, outcome }) => {
  const step = state.steps.get(id)
  if (!step) return refuse('unknown-step', `No step "${id}".`)
  if (step.written?.includes(record) === true) return accept()
  return accept({ kind: 'RecordWritten', step: id, attempt, record, name, outcome })
}

export const captureField: Rule<'CaptureField'> = (state, command) => {
  const plan = state.index.step.get(command.step)
  if (!plan || isClosed(state, command.step)) return refuse('not-due', 'No field is captured there.')
  if (command.value === null || !Number.isFinite(command.value))
    return accept({ kind: 'FieldCaptureFailed', step: command.step, field: command.field, say: command.say })
  return accept({
    kind: 'FieldCaptured',
    step: command.step,
    field: command.field,
    value: command.value,
    say: command.say,
    ...(command.window !== undefined && { window: command.window }),
    ...(command.evidence !== undefined && { evidence: command.evidence }),
  })
}

/** Only the names are filled in: everything else in the text stands as it was when it was queued, or as somebody changed it. */
export const fillOnCall: Rule<'FillOnCall'> = (state, { message: id, people }) => {
  const message = state.messages.get(id)
  if (message?.status !== 'queued' || message.asksOnCall !== true)
    return refuse('not-due', 'That message asks for nobody.')
  const onCall = people === null || people.length === 0 ? null : people
  const escape = escapeIn(state, message.channel)
  const names = onCall === null ? notKnown : onCall.map((name) => escapeFor(name, escape)).join(', ')
  const body = onCall === null && message.required ? message.body : message.body.replaceAll(onCallWhenSent, () => names)
  return accept({ kind: 'MessageFilled', message: id, onCall, body })
}

export const reportDelivery: Rule<'ReportDelivery'> = (state, command, facts) => {
  const message = state.messages.get(command.message)
  // A try may be under way while somebody drops it: what has arrived is told as it is.
  const isStillSent = message?.status === 'queued' || (message?.status === 'dropped' && command.ok)
  if (!message || !isStillSent) return refuse('not-due', 'That message is not waiting.')
  const kept = command.keep === undefined ? {} : { keep: command.keep }
  if (command.ok) return accept({ kind: 'MessageDelivered', message: message.id, say: command.say, ...kept })
  const tries = message.tries + 1
  const { afterMs } = command
  const pause = afterMs === undefined ? {} : { retryAt: facts.now + Math.min(afterMs, longestPauseMs) }
  return accept({
    kind: 'MessageFailed',
    message: message.id,
    tries,
    say: command.say,
    final: command.final || tries - message.triesFrom >= (isLastWord(state, message) ? lastWordTries : deliveryTries),
    ...kept,
    ...pause,
  })
}

/** `message preview`: the messages of a checklist, filled in with values given here. */
import { type PreviewedMessage, previewOf } from '../../core/release/message-preview.ts'
import { warRoomOf } from '../../core/release/message-values.ts'
import { durationWords } from '../../report/words.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { loadPlan } from '../document.ts'
import { UsageFault } from '../faults.ts'
import { visible, visibleLines } from '../terminal/text.ts'
import { list, pairs, text } from '../values.ts'

export const preview: Run = async (context, words, options) => {
  const { plan } = await loadPlan(words[0] ?? '')
  const version = text(options, 'version')
  const environment = text(options, 'env')
  const given: Readonly<Record<string, string>> = {
    service: plan.service,
    ...pairs(list(options, 'set'), '--set'),
    ...(version !== null && { version }),
    ...(environment !== null && { environment }),
  }
  const known = given['version'] === undefined ? given : { war_room: warRoomOf(given['version']), ...given }
  const { messages, faults } = previewOf(plan, known)
  const [fault] = faults
  if (fault) throw new UsageFault(`--set ${fault.name}: expected ${fault.expected}`)
  const on = text(options, 'on')
  const shown = messages.filter((message) => on === null || message.on === on)
  if (context.json) printJson(context, shown)
  else if (shown.length === 0)
    context.err(on === null ? 'this checklist has no messages' : `no message is sent on ${on}`)
  else
    shown.forEach((message, index) => {
      if (index > 0) context.out('')
      for (const line of headOf(message)) context.out(visible(line))
      context.out('')
      context.out(visibleLines(message.text))
    })
  return 0
}

function headOf({ on, to, when, everyMs, required, preview: asks, missing, line }: PreviewedMessage): string[] {
  const details = [
    ...(everyMs === null ? [] : [`every ${durationWords(everyMs)}`]),
    ...(required ? ['required'] : []),
    ...(asks === null ? [] : [asks === 'ask' ? 'a person looks at it first' : `${asks} looks at it first`]),
    ...(when === null ? [] : [`when ${when}`]),
  ]
  return [
    `── line ${line}: on ${on}${details.length > 0 ? ` · ${details.join(' · ')}` : ''}`,
    ...to.map(
      ({ channel, audience, when: only }) =>
        `   to ${audience === null ? channel : `${audience} (${channel})`}${only === null ? '' : ` when ${only}`}`,
    ),
    ...(missing.length > 0 ? [`   not given: ${missing.map((name) => `--set ${name}=…`).join(' ')}`] : []),
  ]
}

/** `message preview`: the messages of a checklist, filled in with values given here. */
import { nearest } from '../../core/plan/nearest.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { newsTopics } from '../../core/release/news.ts'
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
  const own = pairs(list(options, 'set'), '--set')
  const given: Readonly<Record<string, string>> = {
    service: plan.service,
    ...own,
    ...inputsOf(plan, own),
    ...(version !== null && { version }),
    ...(environment !== null && { environment }),
  }
  const known = given['version'] === undefined ? given : { war_room: warRoomOf(given['version']), ...given }
  const { messages, faults } = previewOf(plan, known)
  const [fault] = faults
  if (fault) throw new UsageFault(`--set ${fault.name}: expected ${fault.expected}`)
  const on = text(options, 'on')
  if (on !== null && !newsTopics.some((topic) => topic === on))
    throw new UsageFault(`--on is "${on}", expected ${nearest(on, newsTopics)}, for example --on release.started`)
  for (const name of unusedOf(plan, Object.keys(own)))
    context.err(`--set ${name}: no message of this checklist names it`)
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

/** Inputs by both names that a message has for them: as given, or as a start that leaves them out has them. */
function inputsOf({ inputs }: Plan, own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, input]) => {
      const value = own[name] ?? own[`input.${name}`] ?? input.default
      return value === null ? [] : [name, `input.${name}`].map((each) => [each, String(value)] as const)
    }),
  )
}

/** A slip in a name would leave its place in the text as it is, and nobody would look for it there. */
function unusedOf({ messages, inputs }: Plan, names: readonly string[]): readonly string[] {
  const said = messages.map(({ body, when, to }) => [body, when, ...to].join(' ')).join(' ')
  return names.filter((name) => !said.includes(name) && !Object.hasOwn(inputs, name.replace(/^input\./, '')))
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

/** What people owe: answers, fields, and waiting. */
import type { Compiling } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import type { AnswerSpec, WaitBlock } from '../plan.ts'
import type { Settings } from '../settings.ts'
import { checkWindow } from './common.ts'
import { type Asked, readFields } from './fields.ts'

const answerExample = '```yaml answer\nevidence: required\noptions: [yes, no]\n```'

export function readAnswer(block: ReadBlock, compiling: Compiling): AnswerSpec {
  const { settings } = block
  const optionsPlace = settings.placeOf('passes')
  const options = settings.names('options')
  const passes = settings.names('passes')
  const strangers = (passes ?? []).filter((each) => options?.includes(each) !== true)
  if (strangers.length > 0) {
    settings.error('bad-value', optionsPlace, {
      found: `"${strangers.join(', ')}" for "passes" in ${settings.what}`,
      expected: options ? `some of: ${options.join(', ')}` : '"options" beside it',
      example: 'options: [go, go with care, stop]\npasses: [go, go with care]',
    })
  }
  const evidence = settings.choice('evidence', ['required', 'optional']) ?? 'optional'
  const { fields, tables } = takeFields(settings, compiling)
  const due = settings.duration('due')
  const answer: AnswerSpec = { evidence, options, passes, fields, ...(tables.length > 0 && { tables }), due }
  settings.finish(answerExample)
  return answer
}

function takeFields(settings: Settings, compiling: Compiling): Asked {
  const entry = settings.take('fields')
  return entry ? readFields(entry.value, settings, compiling) : { fields: [], tables: [] }
}

/** `yaml fields`: the names of the mapping are the fields, unless it has a `fields` of its own. */
export function readFieldsBlock(block: ReadBlock, compiling: Compiling): Asked {
  const { settings } = block
  if (settings.has('fields')) {
    const fields = takeFields(settings, compiling)
    settings.finish('```yaml fields\nerror-rate: { type: percent }\n```')
    return fields
  }
  const { values } = settings.rest()
  if (values.size === 0)
    settings.missing('fields', 'at least one field', '```yaml fields\nerror-rate: { type: percent }\n```')
  return readFields({ kind: 'map', entries: values, place: settings.place }, settings, compiling)
}

const waitExample = '```yaml wait\nfor: 30m\n```'

export function readWait(block: ReadBlock, compiling: Compiling): WaitBlock {
  const { settings } = block
  const both = settings.has('for') && settings.has('until')
  const neither = !settings.has('for') && !settings.has('until')
  if (both) conflict(settings, 'for', 'until', waitExample)
  if (neither) settings.missing('for', 'for: a duration, or until: a window', waitExample)
  const forMs = settings.duration('for')
  const place = settings.placeOf('until')
  const untilWindow = settings.text('until')
  if (untilWindow !== null) checkWindow(untilWindow, place, compiling)
  settings.finish(waitExample)
  return { word: 'wait', forMs, untilWindow }
}

export function conflict(settings: Settings, one: string, other: string, example: string): void {
  settings.error('conflicting-attributes', settings.placeOf(other), {
    found: `"${one}" and "${other}" in ${settings.what}`,
    expected: 'only one of them',
    example,
  })
}

/** Messages bound to events. */
import { statusWords } from '../status-words.ts'
import { newsTopics } from '../../release/news.ts'
import type { Compiling } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import { nearest } from '../nearest.ts'
import type { MessagePlan } from '../plan.ts'
import type { FilePlace } from '../yaml.ts'
import { addTemplate, positive } from './common.ts'

const example = '```md notify on=rollout.started to=ops every=30m'

export function readNotify(block: ReadBlock, id: string, compiling: Compiling): MessagePlan {
  const { settings } = block
  const onPlace = settings.placeOf('on')
  const on = settings.text('on')
  if (on === null) settings.missing('on', `on: ${nearest('', newsTopics)}`, example)
  else if (!newsTopics.some((topic) => topic === on)) {
    settings.error('unknown-event', onPlace, {
      found: `unknown event "${on}"`,
      expected: nearest(on, newsTopics),
      example,
    })
  }
  const toPlace = settings.placeOf('to')
  const wanted = settings.has('to')
  const to = settings.names('to') ?? []
  if (!wanted) settings.missing('to', 'to: one or more channels', example)
  const whenPlace = settings.placeOf('when')
  const when = settings.text('when')
  if (when !== null) compiling.conditions.push({ source: when, place: whenPlace, step: null, phase: null, facts: null })
  addTemplate(block.body, { ...block.place, line: block.place.line + 1 }, 'message', compiling)
  const status = settings.choice('status', statusWords)
  const message: MessagePlan = {
    id: settings.text('id') ?? id,
    line: block.place.line,
    on: on ?? '',
    to: to.map((name) => channelOf(name, toPlace, compiling)),
    everyMs: positive(settings, 'every'),
    when,
    body: block.body.trim(),
    ...(status === null ? {} : { status }),
  }
  settings.finish(example)
  return message
}

/** Always there: the terminals and the log of the engine, and the public status page. */
const builtIn = ['console', 'status']

/** `ops`, or `webhook:ops` where the kind is said for the reader. The console is always there. */
function channelOf(written: string, place: FilePlace, compiling: Compiling): string {
  const { channels } = compiling.declared
  const [kind, named] = written.includes(':')
    ? [written.slice(0, written.indexOf(':')), written.slice(written.indexOf(':') + 1)]
    : [null, written]
  const channel = Object.hasOwn(channels, named) ? channels[named] : undefined
  if (kind === null && !channel && builtIn.includes(named)) return named
  if (channel && (kind === null || kind === channel.kind)) return named
  const known = [...Object.keys(channels), ...builtIn]
  compiling.problems.error('unknown-channel', place, {
    found: channel ? `the channel "${written}", which is of kind ${channel.kind}` : `unknown channel "${written}"`,
    expected: channel ? `${channel.kind}:${named}` : nearest(named, known),
    example: 'channels: { ops: { kind: webhook, url: https://chat.example/hook } }',
  })
  return named
}

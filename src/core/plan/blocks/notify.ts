/** Messages bound to events: whom they reach, who sees them first, and whether the release waits for them. */
import { statusWords } from '../status-words.ts'
import { newsTopics } from '../../release/news.ts'
import type { Compiling } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import { nearest } from '../nearest.ts'
import type { MessagePlan, MessageRoute } from '../plan.ts'
import type { Settings } from '../settings.ts'
import type { FilePlace } from '../yaml.ts'
import { addTemplate, positive } from './common.ts'

const example = '```md notify on=rollout.started to=ops every=30m'

export function readNotify(block: ReadBlock, id: string, compiling: Compiling): MessagePlan {
  const { settings } = block
  const on = readEvent(settings)
  const toPlace = settings.placeOf('to')
  const phase = readPhase(settings, on, compiling)
  const wanted = settings.has('to')
  const to = settings.names('to') ?? []
  if (!wanted) settings.missing('to', 'to: one or more channels or audiences', example)
  const whenPlace = settings.placeOf('when')
  const when = settings.text('when')
  if (when !== null) compiling.conditions.push({ source: when, place: whenPlace, step: null, phase: null, facts: null })
  addTemplate(block.body, { ...block.place, line: block.place.line + 1 }, 'message', compiling)
  const status = settings.choice('status', statusWords)
  const routes = to.flatMap((name) => routesOf(name, toPlace, compiling))
  const preview = readPreview(settings, compiling)
  const message: MessagePlan = {
    id: settings.text('id') ?? id,
    line: block.place.line,
    on,
    ...(phase !== null && { phase }),
    to: [...new Set(routes.map((route) => route.channel))],
    ...(routes.some((route) => route.audience !== null) && { routes }),
    ...(preview !== null && { preview }),
    ...(settings.flag('required') && { required: true as const }),
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

function readEvent(settings: Settings): string {
  const place = settings.placeOf('on')
  const on = settings.text('on')
  if (on === null) settings.missing('on', `on: ${nearest('', newsTopics)}`, example)
  else if (!newsTopics.some((topic) => topic === on)) {
    settings.error('unknown-event', place, {
      found: `unknown event "${on}"`,
      expected: nearest(on, newsTopics),
      example,
    })
  }
  return on ?? ''
}

/** Which phase an opening is about; its name is looked up once all phases are known. */
function readPhase(settings: Settings, on: string, compiling: Compiling): string | null {
  const place = settings.placeOf('phase')
  const phase = settings.text('phase')
  if (phase === null) return null
  if (on === 'phase.opened') compiling.laterNames.push({ kind: 'phase', name: phase, place })
  else
    settings.error('bad-value', place, {
      found: `"phase" beside on=${on}`,
      expected: 'on=phase.opened, or no phase',
      example: '```md notify on=phase.opened phase="Rollout" to=ops',
    })
  return phase
}

/** `preview=ask` is for anybody, `preview=lead` for a role. */
function readPreview(settings: Settings, compiling: Compiling): MessagePlan['preview'] | null {
  const place = settings.placeOf('preview')
  const asked = settings.text('preview')
  if (asked === null) return null
  const roles = Object.keys(compiling.declared.roles)
  if (asked === 'ask') return { role: null }
  // Where the document declares no role, those of the server are meant, as everywhere.
  if (roles.length > 0 && !roles.includes(asked)) {
    settings.error('unknown-role', place, {
      found: `unknown role "${asked}" for "preview"`,
      expected: nearest(asked, ['ask', ...roles]),
      example: '```md notify on=release.started to=users preview=ask',
    })
  }
  return { role: asked }
}

/** An audience by its name; `ops`, or `webhook:ops` where the kind is said for the reader.  */
function routesOf(written: string, place: FilePlace, compiling: Compiling): readonly MessageRoute[] {
  const { audiences } = compiling.declared
  const audience = audiences && Object.hasOwn(audiences, written) ? audiences[written] : undefined
  if (!audience) return [{ channel: channelOf(written, place, compiling), audience: null, when: null }]
  return audience.channels.map((channel) => ({
    channel: channelOf(channel, place, compiling),
    audience: written,
    when: audience.when,
  }))
}

function channelOf(written: string, place: FilePlace, compiling: Compiling): string {
  const { channels, audiences } = compiling.declared
  const [kind, named] = written.includes(':')
    ? [written.slice(0, written.indexOf(':')), written.slice(written.indexOf(':') + 1)]
    : [null, written]
  const channel = Object.hasOwn(channels, named) ? channels[named] : undefined
  if (kind === null && !channel && builtIn.includes(named)) return named
  if (channel && (kind === null || kind === channel.kind)) return named
  const known = [...Object.keys(channels), ...builtIn, ...Object.keys(audiences ?? {})]
  compiling.problems.error('unknown-channel', place, {
    found: channel ? `the channel "${written}", which is of kind ${channel.kind}` : `unknown channel "${written}"`,
    expected: channel ? `${channel.kind}:${named}` : nearest(named, known),
    example: 'channels: { ops: { kind: webhook, url: https://chat.example/hook } }',
  })
  return named
}

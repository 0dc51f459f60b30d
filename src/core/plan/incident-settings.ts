/** Reads `severities` and `post-mortem` of the front matter. */
import { parseDuration } from './duration.ts'
import { membersOf, type Read } from './front-matter-members.ts'
import { nearest } from './nearest.ts'
import { parsed, unparsed, type Parsed } from './parsed.ts'
import type { Declarations } from './declarations.ts'
import type { Deadline, SeverityPlan } from './plan.ts'
import type { Settings } from './settings.ts'
import type { FilePlace } from './yaml.ts'

const example = 'severities: { P1: { action: rollback, tell: [ops] }, P2: { action: ask, within: 15m } }'

export const readSeverity: Read<SeverityPlan> = (name, entry, from) => {
  const settings = membersOf('severities', name, entry, from)
  const withinPlace = settings.placeOf('within')
  const severity: SeverityPlan = {
    action: settings.choice('action', ['rollback', 'ask', 'page']) ?? 'ask',
    tell: settings.names('tell') ?? [],
    withinMs: settings.duration('within'),
  }
  if (severity.withinMs !== null && severity.action !== 'ask')
    settings.error('conflicting-attributes', withinPlace, {
      found: `"within" beside "action: ${severity.action}" in ${settings.what}`,
      expected: '"action: ask": only a question has a time to be answered in',
      example,
    })
  settings.finish(example)
  return severity
}

/** `24h`, `3d`, `5 working days`. */
export function readDeadline(text: string): Parsed<Deadline> {
  const days = /^(\d{1,3}) working days?$/.exec(text.trim())?.[1]
  if (days !== undefined && Number(days) > 0) return parsed({ workingDays: Number(days) })
  const duration = parseDuration(text)
  if (duration.ok && duration.value > 0) return parsed({ ms: duration.value })
  return unparsed('a duration such as 24h or 3d, or a number of working days', '5 working days')
}

/** Whoever is told of an incident has to be a channel; the console is always there. */
export function checkTold({ severities, channels }: Declarations, place: FilePlace, settings: Settings): void {
  const known = [...Object.keys(channels), 'console', 'status']
  for (const [name, { tell }] of Object.entries(severities ?? {})) {
    for (const channel of tell.filter((each) => !known.includes(each)))
      settings.error('unknown-channel', place, {
        found: `unknown channel "${channel}" under "tell" of the severity "${name}"`,
        expected: nearest(channel, known),
        example: `severities: { ${name}: { action: ask, tell: [${known[0]}] } }`,
      })
  }
}

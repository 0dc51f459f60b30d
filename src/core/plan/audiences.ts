/** Who is told, by name: `audiences: { users: { channels: [status], when: 'input.user_impacting' } }`. */
import type { AudiencePlan } from './plan.ts'
import { Settings, shown } from './settings.ts'

const example = "audiences: { users: { channels: [status], when: 'input.user_impacting' } }"

/** null = the document declares none. Channels are checked where they are used, and conditions with all others. */
export function readAudiences(settings: Settings): Readonly<Record<string, AudiencePlan>> | null {
  const whole = settings.group('audiences')
  if (!whole) return null
  return Object.fromEntries(
    whole.members().flatMap(([name, entry]) => {
      if (!/^[A-Za-z][\w-]{0,99}$/.test(name)) {
        settings.error('bad-value', entry.place, {
          found: `the audience "${name}"`,
          expected: 'a letter, then letters, digits, "_" or "-"',
          example,
        })
        return []
      }
      // A list of channels is the short form of an audience that is always told.
      if (entry.value.kind === 'list') {
        const channels = entry.value.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []))
        return [[name, { channels, when: null }] as const]
      }
      if (entry.value.kind !== 'map') {
        settings.error('bad-value', entry.value.place, {
          found: `${shown(entry.value)} for "${name}" in "audiences"`,
          expected: 'the channels that reach it',
          example,
        })
        return []
      }
      const one = new Settings(`"${name}" in "audiences"`, entry.place, entry.value.entries, settings.problems)
      const channels = one.has('channels')
        ? (one.names('channels') ?? [])
        : (one.missing('channels', 'channels: one or more', example) ?? [])
      const when = one.text('when')
      one.finish(example)
      return [[name, { channels, when }] as const]
    }),
  )
}

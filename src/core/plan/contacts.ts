/** Reads `contacts:`: whom to reach, and the day somebody last made sure of it. */
import { Settings } from './settings.ts'
import { type Entry, jsonOf } from './yaml.ts'

interface ReadContact {
  readonly to: string
  readonly verified: string | null
}

const example = 'contacts: { devops: { to: devops@example.com, verified: 2026-11-01 } }'

/** `ops@example.com`, or `{ to, verified }`; any other mapping is kept as it stands. */
export function readContact(name: string, { value, place }: Entry, from: Settings): ReadContact {
  if (value.kind === 'scalar') return { to: value.text, verified: null }
  if (value.kind !== 'map' || !value.entries.has('to')) return { to: JSON.stringify(jsonOf(value)), verified: null }
  const settings = new Settings(`"${name}" in "contacts"`, place, value.entries, from.problems)
  const to = settings.text('to') ?? ''
  const verified = settings.parse('verified', (text) => {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(Date.parse(text))) return { ok: true, value: text }
    return { ok: false, expected: 'the day somebody last made sure of it', example: '2026-11-01' }
  })
  settings.finish(example)
  return { to, verified }
}

export function withVerified(contacts: Readonly<Record<string, ReadContact>>): {
  readonly contacts: Record<string, string>
  readonly verifiedContacts: Record<string, string>
} {
  const named = Object.entries(contacts)
  return {
    contacts: Object.fromEntries(named.map(([name, { to }]) => [name, to])),
    verifiedContacts: Object.fromEntries(
      named.flatMap(([name, { verified }]) => (verified === null ? [] : [[name, verified]])),
    ),
  }
}

/** Who is on call now, and which contacts nobody made sure of lately. */
import type { PlanView } from '../../../src/api/wire/web.ts'
import { Moment } from './time.tsx'

export function OnCall({ roster }: { readonly roster: PlanView['roster'] }) {
  const { onCall, uncovered, staleContacts } = roster
  if (onCall === null && staleContacts.length === 0) return null
  return (
    <div class="preview-dangers">
      <h3>On call now</h3>
      <ul>
        {onCall?.map(({ level, person, until }) => (
          <li key={`${level} ${person}`}>
            {level}: <b>{person}</b>{' '}
            {until !== null && (
              <span class="hint">
                until <Moment at={until} />
              </span>
            )}
          </li>
        ))}
        {uncovered.map((level) => (
          <li key={level}>
            <b>Nobody</b> is on call as {level}
          </li>
        ))}
        {staleContacts.map(({ name, verified, days }) => (
          <li key={name}>
            The contact <b>{name}</b> was last verified {verified}, {days} days ago
          </li>
        ))}
      </ul>
    </div>
  )
}

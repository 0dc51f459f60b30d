/** Who is on call now, and which contacts nobody made sure of lately. */
import type { PlanView } from '../../../src/api/wire/web.ts'
import { Moment } from './time.tsx'

export function OnCall({ roster }: { readonly roster: PlanView['roster'] }) {
  const { onCall, uncovered, staleContacts, asked } = roster
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
        {asked !== undefined && asked.fault !== null && (
          <li>
            <b>Who is on call cannot be read:</b> {asked.fault}
          </li>
        )}
        {asked?.strangers.map(({ level, who }) => (
          <li key={`${level} ${who}`}>
            {level}: <b>{who}</b> is on call there, and nobody here: name them under <code>people</code> of the roster
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
      {asked !== undefined && <AskedAt asked={asked} />}
    </div>
  )
}

/** A service keeps the roster: which, and when it answered. */
function AskedAt({ asked: { what, at } }: { readonly asked: NonNullable<PlanView['roster']['asked']> }) {
  if (at === null) return <p class="hint">{what} is asked when somebody decides</p>
  return (
    <p class="hint">
      By {what}, asked <Moment at={at} />; asked again when somebody decides
    </p>
  )
}

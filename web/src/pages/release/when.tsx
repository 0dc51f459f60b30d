/** The planned start, what is due before it, and windows that were overridden. Empty where nothing was said about when. */
import type { ReleaseView } from '../../../../src/api/wire/web.ts'
import { Moment, Until } from '../../parts/time.tsx'
import { StateMark } from '../../parts/state-mark.tsx'

type TimeView = NonNullable<ReleaseView['time']>

export function When({ view }: { readonly view: ReleaseView }) {
  const { time, decision } = view
  if (time === undefined || decision?.ended === true) return null
  const { plannedAt, phase, dues, overridden, lateWhy } = time
  return (
    <section class="when" aria-label="When">
      {plannedAt !== null && phase !== null && (
        <p>
          “{phase.title}” {phase.begun ? 'was planned' : 'is planned'} for <Moment at={plannedAt} />
          {!phase.begun && (
            <span class="hint">
              {' '}
              <Until at={plannedAt} />
            </span>
          )}
        </p>
      )}
      {dues.length > 0 && (
        <ul>
          {dues.map((due) => (
            <Due key={due.phase} due={due} />
          ))}
        </ul>
      )}
      {overridden.map(({ phase: title, window, by, role, reason }) => (
        <p key={title} class="tone-person">
          {by} ({role}) overrode the window {window} for “{title}”: {reason}
        </p>
      ))}
      {lateWhy !== null && <p class="tone-person">Started although its lead times could not be kept: {lateWhy}</p>}
    </section>
  )
}

function Due({ due }: { readonly due: TimeView['dues'][number] }) {
  const { title, words, side, dueAt, open, overdue } = due
  return (
    <li>
      <StateMark
        state={overdue ? 'failed' : open > 0 ? 'needs a person' : side === 'before' ? 'passed' : 'waiting'}
        isSilent
      />
      <span>
        {title} {side === 'before' ? 'is due' : 'begins from'} <Moment at={dueAt} />
        <span class={overdue ? 'tone-bad' : 'hint'}>
          {' '}
          {overdue ? 'overdue, ' : ''}
          {open > 0 ? `${open} open, ` : ''}
          {words} the start
        </span>
      </span>
    </li>
  )
}

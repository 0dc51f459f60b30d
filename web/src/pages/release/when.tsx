/** The planned start, what is due before it, who is present, and windows that were overridden. Empty where nothing was said about when. */
import type { ReleaseView } from '../../../../src/api/wire/web.ts'
import { Moment, Until } from '../../parts/time.tsx'
import { StateMark } from '../../parts/state-mark.tsx'

type TimeView = NonNullable<ReleaseView['time']>

export function When({ view }: { readonly view: ReleaseView }) {
  const { time, decision, presence } = view
  if (decision?.ended === true) return null
  if (time === undefined) return presence === undefined ? null : <Present presence={presence} />
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
      {presence !== undefined && <Here presence={presence} />}
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

type PresenceView = NonNullable<ReleaseView['presence']>

function Present({ presence }: { readonly presence: PresenceView }) {
  return (
    <section class="when" aria-label="When">
      <Here presence={presence} />
    </section>
  )
}

/** Who is there, where a phase goes on only with people. */
function Here({ presence: { phase, wanted, roles, here } }: { readonly presence: PresenceView }) {
  return (
    <p>
      “{phase}” goes on with {wanted} present{roles.length > 0 && ` (${roles.join(', ')})`}:{' '}
      {here.length === 0 && 'nobody is'}
      {here.map(({ by, until }, at) => (
        <span key={by}>
          {at > 0 && ', '}
          <b>{by}</b>
          {until !== null && (
            <span class="hint">
              {' until '}
              <Moment at={until} />
            </span>
          )}
        </span>
      ))}
    </p>
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

/** What is or was wrong with this release, and the releases that mend it or that it mends. */
import type { ReleaseView } from '../../../../src/api/wire/web.ts'
import { Moment, Until } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import type { Decision } from './decisions.ts'
import { updating } from './problems.ts'

interface ProblemsProps {
  readonly view: ReleaseView
  readonly onDecide: (decision: Decision) => void
}

export function Problems({ view, onDecide }: ProblemsProps) {
  const { incidents, hotfixes, followUps, facts } = view
  const mends = facts.hotfixOf
  if (incidents.length + hotfixes.length + followUps.length === 0 && mends === null) return null
  return (
    <section class="problems" aria-label="Incidents and hotfixes">
      {mends !== null && (
        <p>
          A hotfix
          {mends.release !== null && (
            <>
              {' '}
              of <Link to={releasePath(mends.release)}>{mends.release}</Link>
            </>
          )}
          {mends.tag !== null && (
            <>
              , derived from the tag <code>{mends.tag}</code>
            </>
          )}
        </p>
      )}
      {hotfixes.map(({ release, version }) => (
        <p key={release}>
          Mended by <Link to={releasePath(release)}>{version}</Link>
        </p>
      ))}
      {followUps.length > 0 && (
        <p>
          <Link to="/records/follow-ups">
            {followUps.length === 1 ? 'One follow-up' : `${followUps.length} follow-ups`}
          </Link>
          : {followUps.map(({ title }) => title).join(' · ')}
        </p>
      )}
      {incidents.length > 0 && (
        <ul>
          {incidents.toReversed().map((incident) => (
            <Incident key={incident.id} incident={incident} onDecide={onDecide} />
          ))}
        </ul>
      )}
    </section>
  )
}

interface IncidentProps {
  readonly incident: ReleaseView['incidents'][number]
  readonly onDecide: (decision: Decision) => void
}

function Incident({ incident, onDecide }: IncidentProps) {
  const { severity, reason, by, at, status, note, decideBy, reportBy } = incident
  return (
    <li class={status === 'resolved' ? 'is-over' : 'is-open'}>
      <p class="problem-what">
        <strong>{severity}</strong> {reason}
      </p>
      <p class="hint">
        {status}
        {note !== null && `: ${note}`} · reported by {by}, <Moment at={at} />
        {decideBy !== null && (
          <>
            {' · turns back '}
            <Until at={decideBy} /> unless somebody decides
          </>
        )}
        {reportBy !== null && (
          <>
            {' · post-mortem due '}
            <Moment at={reportBy} />
          </>
        )}
      </p>
      {status !== 'resolved' && (
        <button type="button" onClick={() => onDecide(updating(incident))}>
          How it stands
        </button>
      )}
    </li>
  )
}

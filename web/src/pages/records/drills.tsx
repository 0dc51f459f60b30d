/** Rehearsals, and every release that was taken back: proof that the way back works, and how long it takes. */
import type { Drill } from '../../../../src/api/wire/web.ts'
import { spanWords } from '../../parts/clock.ts'
import { Moment } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import { visible } from '../release/visible.ts'
import { TookChart } from './took-chart.tsx'

export function Drills({ drills }: { readonly drills: readonly Drill[] }) {
  const back = drills.flatMap(({ back: found }) =>
    found?.tookMs == null ? [] : [{ at: found.startedAt, tookMs: found.tookMs }],
  )
  if (drills.length === 0) return <NoDrills />
  return (
    <>
      {back.length > 0 && <TookChart label="Ways back, from the decision to done" points={back} />}
      <table class="records-table">
        <caption class="aside">Drills, rehearsals and ways back, newest first</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Release</th>
            <th scope="col">What</th>
            <th scope="col">Took</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {drills.map((drill) => (
            <tr key={drill.id}>
              <td data-of="When">
                <Moment at={drill.back?.startedAt ?? drill.startedAt} />
              </td>
              <td data-of="Release">
                <Link to={releasePath(drill.id)}>
                  {visible(drill.service)} {visible(drill.version)}
                </Link>{' '}
                <span class="hint">{visible(drill.environment)}</span>
              </td>
              <td data-of="What">{whatWords(drill)}</td>
              <td data-of="Took">{drill.back?.tookMs == null ? '–' : spanWords(drill.back.tookMs)}</td>
              <td data-of="Why" class="note">
                {drill.back === null
                  ? `started by ${visible(drill.startedBy)}`
                  : visible(drill.back.failed ?? drill.back.why)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">Among the newest 300 releases.</p>
    </>
  )
}

function whatWords({ rehearsal, drill, back, open }: Drill): string {
  const words = [
    ...(drill === null ? [] : [`drill: ${visible(drill)}${open ? ', under way' : ''}`]),
    ...(rehearsal ? [open ? 'rehearsal, under way' : 'rehearsal'] : []),
    ...(back?.cause === 'rehearsal' ? ['rehearsal of the way back'] : []),
    ...(back === null
      ? []
      : [back.failed === null ? (back.tookMs === null ? 'going back' : 'taken back') : 'rollback failed']),
  ]
  return words.join(', ')
}

function NoDrills() {
  return (
    <section class="teach">
      <h2>Nobody has rehearsed yet</h2>
      <p>
        A rehearsal of the way back brings a version out where it may fail and takes it back at once: production can ask
        for its record. Every release that was taken back stands here too, with how long that took, because that is the
        time which counts on a bad day.
      </p>
      <pre tabIndex={0}>
        <code>holdpoint rehearse RELEASE.md --from 1.2.2 --to 1.2.3 --env staging</code>
      </pre>
      <p>
        Or <Link to="/start">start a release</Link> and choose to rehearse it.
      </p>
    </section>
  )
}

/** Every watch of a release in one table: its window, what it has observed, when it can end, and each number beside its limit. */
import type { MetricView, MilestonesView, ReleaseView, WatchRowView } from '../../../../src/api/wire/web.ts'
import { spanWords } from '../../parts/clock.ts'
import { Moment, Until } from '../../parts/time.tsx'
import { limitsBeside, sayOf } from './metric-words.ts'
import { Sparkline } from './sparkline.tsx'
import { visible } from './visible.ts'
import '../../style/watches.css'

/** Nothing before there is something to watch: until then the checklist says all there is to say. */
export function WatchTable({ view }: { readonly view: ReleaseView }) {
  const { watchTable, watches, milestones } = view
  const hasBegun = watchTable.some(({ standing }) => standing === 'running' || standing === 'ended')
  if (watchTable.length === 0 || (!hasBegun && milestones.validatingAt === null)) return null
  const observed = new Map(watches.map((watch) => [watch.step, watch.observed]))
  return (
    <section class="watches" aria-label="Watches">
      <h2>Watches</h2>
      <Milestones milestones={milestones} />
      <div class="watches-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Watch</th>
              <th scope="col">Observed</th>
              <th scope="col">End</th>
              <th scope="col">Numbers</th>
            </tr>
          </thead>
          <tbody>
            {watchTable.map((row) => (
              <Row key={row.step} row={row} metrics={observed.get(row.step)?.metrics ?? []} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Milestones({ milestones }: { readonly milestones: MilestonesView }) {
  const { validatingAt, signedOffAt, closedAt } = milestones
  const told = [
    ['In validation', validatingAt],
    ['Signed off', signedOffAt],
    ['Closed', closedAt],
  ] as const
  return (
    <ol class="milestones" aria-label="The way to the end">
      {told.map(([word, at]) => (
        <li key={word} class={at === null ? 'is-to-come' : 'is-reached'}>
          <b>{word}</b> {at === null ? 'to come' : <Moment at={at} />}
        </li>
      ))}
    </ol>
  )
}

function Row({ row, metrics }: { readonly row: WatchRowView; readonly metrics: readonly MetricView[] }) {
  return (
    <tr class={`is-${row.standing.replaceAll(' ', '-')}`}>
      <th scope="row">
        {visible(row.text)}
        <Course row={row} />
      </th>
      <td data-label="Observed">
        {row.standing === 'not applicable' ? (
          'not applicable'
        ) : (
          <>
            {spanWords(row.observedMs)} of {spanWords(row.neededMs)}
            {row.standing === 'running' && (
              <progress
                max={Math.max(1, row.neededMs)}
                value={Math.min(row.observedMs, row.neededMs)}
                aria-label={`Observed of ${visible(row.text)}`}
              />
            )}
          </>
        )}
      </td>
      <td data-label="End">
        <End row={row} />
      </td>
      <td data-label="Numbers">
        <Numbers row={row} metrics={metrics} />
      </td>
    </tr>
  )
}

function Course({ row }: { readonly row: WatchRowView }) {
  const words = [
    row.before === 'close' ? 'goes on after the sign-off' : '',
    row.restarts === 0 ? '' : row.restarts === 1 ? 'begun again once' : `begun again ${row.restarts} times`,
    row.extendedMs === 0 ? '' : `${spanWords(row.extendedMs)} longer`,
  ].filter((one) => one !== '')
  return words.length === 0 ? null : <span class="hint">{words.join(' · ')}</span>
}

function End({ row: { standing, startsAt, endsAt, endedAt } }: { readonly row: WatchRowView }) {
  if (standing === 'ended') return endedAt === null ? <>ended</> : <Moment at={endedAt} />
  if (standing === 'running' && endsAt !== null)
    return (
      <>
        <Until at={endsAt} />
        <span class="hint">
          <Moment at={endsAt} /> at the earliest
        </span>
      </>
    )
  if (standing === 'to come' && startsAt !== null)
    return (
      <>
        begins <Until at={startsAt} />
      </>
    )
  return <>{standing === 'to come' ? 'in its turn' : ''}</>
}

const zoneMarks = { go: '●', hold: '◐', rollback: '✕' } as const

function Numbers({ row, metrics }: { readonly row: WatchRowView; readonly metrics: readonly MetricView[] }) {
  if (row.standing === 'to come') return <span class="hint">not looked at yet</span>
  if (metrics.length === 0) return <>{row.say === '' ? 'the first sample is on its way' : visible(row.say)}</>
  return (
    <ul class="watch-metrics">
      {metrics.map((metric) => (
        <li key={metric.label}>
          <span class={`zone is-${metric.zone}`} aria-hidden="true">
            {zoneMarks[metric.zone]}
          </span>
          <span class="aside">{metric.zone}: </span>
          <span>
            {sayOf(metric)}
            <span class="hint">{limitsBeside(metric)}</span>
          </span>
          <Sparkline values={metric.canarySeries} label={`The last samples of ${visible(metric.label)}`} />
        </li>
      ))}
    </ul>
  )
}

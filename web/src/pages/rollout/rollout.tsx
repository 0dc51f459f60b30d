/** The rollout of a release: how far it is, what the numbers say and why, and every decision about it. */
import { useEffect, useState } from 'preact/hooks'
import type { Plan, ReleaseView, RolloutView, TimelineLine, WatchView } from '../../../../src/api/wire/web.ts'
import { type Followed, useFollowed } from '../../api/follow-release.ts'
import { KeysHelp } from '../../parts/keys.tsx'
import { LostBar } from '../../parts/lost-bar.tsx'
import { go, Link, releasePath } from '../../router.tsx'
import { Bar } from '../release/bar.tsx'
import { DecideDialog } from '../release/decide-dialog.tsx'
import type { Decision } from '../release/decisions.ts'
import { Timeline } from '../release/timeline.tsx'
import { visible } from '../release/visible.ts'
import { WatchTable } from '../release/watch-table.tsx'
import { Figures } from './figures.tsx'
import { Legend } from './legend.tsx'
import { ObservedCharts } from './observed-charts.tsx'
import { standingOf } from './standing.ts'
import { Track } from './track.tsx'
import { useChart } from './use-chart.ts'
import '../../style/release.css'
import '../../style/rollout.css'

export function Rollout({ id }: { readonly id: string }) {
  const followed = useFollowed(id)
  const { view, line } = followed
  useEffect(() => {
    if (view !== null) document.title = titleOf(view)
  }, [view?.facts, view?.bar, view?.rollouts])
  if (line.kind === 'refused' && view === null)
    return (
      <section class="quiet-page">
        <h1>This rollout cannot be shown</h1>
        <p role="alert">{line.why.message}</p>
        <p>
          <Link to="/">All releases</Link>
        </p>
      </section>
    )
  return (
    <>
      <LostBar lost={line.kind === 'lost' ? { since: line.since } : null} />
      {view !== null && <Page view={view} followed={followed} />}
    </>
  )
}

function Page({ view, followed }: { readonly view: ReleaseView; readonly followed: Followed }) {
  const [decision, setDecision] = useState<Decision | null>(null)
  const { facts } = view
  const back = releasePath(view.release)
  const keys = [{ key: 'b', does: 'back to the checklist', on: () => go(back) }]
  return (
    <div class="release rollout-page">
      <header class="headline">
        <h1>
          Rollout of {visible(facts.service)} <span class="version">{visible(facts.releaseVersion)}</span>
          <span class="to"> to {visible(facts.environment)}</span>
        </h1>
        <p class="meta">
          <Link to={back}>The whole checklist</Link>
          {facts.previous !== null && <span>stable is {visible(facts.previous)}</span>}
          {facts.protected && <span>protected</span>}
        </p>
      </header>
      {facts.rehearsal && (
        <p class="rehearsal">
          <b>Rehearsal.</b> Checks run; actions and traffic do not, and no gate opens by it.
        </p>
      )}
      <Bar view={view} isOld={followed.line.kind !== 'live'} onDecide={setDecision} page={back} />
      {view.rollouts.length === 0 && (
        <section class="quiet-page">
          <h2>This checklist moves no traffic</h2>
          <p>
            A step with a <code>rollout</code> block moves it in stages and judges each of them; docs/judge.md has an
            example. <Link to={back}>The whole checklist</Link>
          </p>
        </section>
      )}
      {view.rollouts.map((rollout) => (
        <OneRollout key={rollout.step} rollout={rollout} view={view} plan={followed.plan} past={followed.past} />
      ))}
      <WatchTable view={view} />
      {view.watches.map((watch) => (
        <OneWatch key={watch.step} watch={watch} view={view} />
      ))}
      {decision !== null && (
        <DecideDialog
          decision={decision}
          view={view}
          onDone={() => setDecision(null)}
          onCancel={() => setDecision(null)}
        />
      )}
      <KeysHelp keys={keys} />
    </div>
  )
}

interface OneRolloutProps {
  readonly rollout: RolloutView
  readonly view: ReleaseView
  readonly plan: Plan | null
  readonly past: readonly TimelineLine[]
}

function OneRollout({ rollout, view, plan, past }: OneRolloutProps) {
  const [shown, setShown] = useState<number | null>(null)
  const { step, observed, stages } = rollout
  const { chart, isKnown, trouble } = useChart(view.release, step, {
    version: view.version,
    upTo: observed?.verdict?.upTo ?? null,
  })
  const everyMs = chart?.everyMs ?? everyOf(plan, step)
  const isOver = view.rollback !== null || view.decision?.ended === true
  const standing = standingOf(view, rollout, chart, everyMs)
  return (
    <section class="one-rollout" aria-label={visible(rollout.text)}>
      <h2>{visible(rollout.text)}</h2>
      <Track rollout={rollout} everyMs={everyMs} isOver={isOver} shown={shown} onShow={setShown} />
      <p class={`standing is-${standing.tone}`} role="status">
        {visible(standing.say)}
      </p>
      <Figures rollout={rollout} chart={chart} everyMs={everyMs} isOver={isOver} />
      {rollout.calibration !== undefined && <p class="hint">{visible(rollout.calibration)}</p>}
      {trouble !== null && (
        <p class="trouble" role="alert">
          The charts do not come: {trouble}
        </p>
      )}
      {chart !== null && chart.metrics.length > 0 && (
        <>
          <Legend chart={chart} stages={stages} shown={shown} onShow={setShown} />
          <ObservedCharts chart={chart} observed={observed} stages={stages} facts={view.facts} shown={shown} />
        </>
      )}
      {isKnown && chart === null && <NoCharts plan={plan} step={step} isOver={isOver} />}
      <Story lines={past} />
    </section>
  )
}

function OneWatch({ watch, view }: { readonly watch: WatchView; readonly view: ReleaseView }) {
  const { step, observed } = watch
  const { chart, trouble } = useChart(view.release, step, {
    version: view.version,
    upTo: observed.verdict?.upTo ?? null,
  })
  return (
    <section class="one-rollout" aria-label={visible(watch.text)}>
      <h2>{visible(watch.text)}</h2>
      <p class="standing" role="status">
        {observed.verdict === null ? 'Watched; the first sample is on its way.' : visible(observed.verdict.say)}
      </p>
      {trouble !== null && (
        <p class="trouble" role="alert">
          The charts do not come: {trouble}
        </p>
      )}
      {chart !== null && chart.metrics.length > 0 && (
        <>
          <Legend chart={chart} stages={[]} shown={null} onShow={() => {}} />
          <ObservedCharts chart={chart} observed={observed} stages={[]} facts={view.facts} shown={null} />
        </>
      )}
    </section>
  )
}

interface NoChartsProps {
  readonly plan: Plan | null
  readonly step: string
  readonly isOver: boolean
}

/** What will be shown, so that the page says what it is for before there is anything to show. */
function NoCharts({ plan, step, isOver }: NoChartsProps) {
  const block = plan?.steps.find(({ id }) => id === step)?.block
  const names = block?.word === 'rollout' ? block.judge.metrics.map(({ name }) => name) : []
  if (isOver) return <p class="empty">It ended before anything was measured: there are no charts.</p>
  if (names.length === 0) return <p class="empty">No metric is judged here: only weights and time let it go on.</p>
  return (
    <p class="empty">
      A chart will stand here for each of: {names.map(visible).join(', ')}. Each shows stable, the canary, how far they
      can be told apart, and the limits that let it go on or turn it back.
    </p>
  )
}

const TOLD = new Set(
  `StageEntered SoakStarted StageLeft Promoted VerdictReached RolloutFinished ShiftFailed HoldPlaced HoldLifted
   DecisionAsked TriggerFired RollbackStarted RollbackFinished RollbackFailed TrafficRestored TrafficRestoreFailed
   ReleaseLeft MeasurementsRecorded`.split(/\s+/),
)

function Story({ lines }: { readonly lines: readonly TimelineLine[] }) {
  const told = lines.filter(({ kind }) => TOLD.has(kind))
  if (told.length === 0) return null
  return (
    <section class="story">
      <h3>What was decided</h3>
      <Timeline lines={told} />
    </section>
  )
}

function everyOf(plan: Plan | null, step: string): number {
  const block = plan?.steps.find(({ id }) => id === step)?.block
  return block?.word === 'rollout' ? block.judge.everyMs : 15_000
}

function titleOf({ facts, bar, rollouts }: ReleaseView): string {
  const mark = { good: '✓', busy: '…', person: '●', bad: '✕' }[bar.tone]
  const percent = rollouts[0]?.components[0]?.percent
  return `${mark} ${percent == null ? '' : `${percent} % · `}${facts.service} ${facts.releaseVersion} · Holdpoint`
}

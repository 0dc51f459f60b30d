/** A rollout in the document: its stages as a track, how far the soak is, and each number beside its limit and its baseline. */
import type { MetricView, RolloutView } from '../../../../src/api/wire/web.ts'
import { spanWords } from '../../parts/clock.ts'
import { memo } from '../../parts/memo.ts'
import { Link, rolloutPath } from '../../router.tsx'
import { limitsBeside, sayOf } from './metric-words.ts'
import { useWhole } from './whole.ts'

export const RolloutStrip = memo(({ rollout }: { readonly rollout: RolloutView }) => {
  const { release, isOver } = useWhole()
  const { observed, stages, components } = rollout
  const verdict = observed?.verdict ?? null
  return (
    <div class="rollout">
      <ol class="track" aria-label="Stages">
        {stages.map((stage) => (
          <li
            key={stage.id}
            class={`stage is-${isOver && stage.state === 'now' ? 'stopped' : stage.state}`}
            aria-current={stage.state === 'now' ? 'step' : undefined}
          >
            <span class="weight">{stage.weightPercent} %</span>
            <span class="soak">{soakOf(stage, rollout)}</span>
          </li>
        ))}
      </ol>
      {observed !== null && !observed.ended && (
        <progress
          max={Math.max(1, observed.neededMs)}
          value={Math.min(observed.soakMs, observed.neededMs)}
          aria-label="Soak"
        />
      )}
      {verdict !== null && (
        <p class={`verdict is-${verdict.zone}`}>
          <b>{verdict.zone}</b> {sayOf(verdict)}
        </p>
      )}
      {observed !== null && (
        <ul class="metrics">
          {observed.metrics.map((metric) => (
            <li key={metric.label}>
              <MetricLine metric={metric} />
            </li>
          ))}
        </ul>
      )}
      <p class="hint">
        <Link to={rolloutPath(release)}>Charts and decisions</Link>
        {' · '}
        {components.map(({ name, percent, movingTo, say }, at) => (
          <span key={name} title={say}>
            {at > 0 && ' · '}
            {name} {percent === null ? 'cannot be read' : `at ${percent} %`}
            {movingTo !== null && `, moving to ${movingTo} %`}
          </span>
        ))}
      </p>
    </div>
  )
})

function soakOf(stage: RolloutView['stages'][number], rollout: RolloutView): string {
  const { observed, stages, stage: at } = rollout
  if (stages[at]?.id === stage.id && stage.state === 'now' && observed !== null)
    return `${spanWords(Math.min(observed.soakMs, stage.soakMs))} of ${spanWords(stage.soakMs)}`
  return spanWords(stage.soakMs)
}

const zoneMarks = { go: '●', hold: '◐', rollback: '✕' } as const

function MetricLine({ metric }: { readonly metric: MetricView }) {
  return (
    <>
      <span class={`zone is-${metric.zone}`} title={`${metric.zone}: ${metric.why}`} aria-hidden="true">
        {zoneMarks[metric.zone]}
      </span>
      <span class="aside">{metric.zone}: </span>
      {sayOf(metric)}
      <span class="hint">{limitsBeside(metric)}</span>
      {metric.dryRun && <span class="hint"> (dry run)</span>}
    </>
  )
}

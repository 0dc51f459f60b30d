/** The stages as a track: the weight of each, how far its soak is, and which of them the charts show. */
import type { ObservedView, RolloutView } from '../../../../src/api/wire/web.ts'
import { spanWords, useNow } from '../../parts/clock.ts'
import { visible } from '../release/visible.ts'

interface TrackProps {
  readonly rollout: RolloutView
  readonly everyMs: number
  /** Rolled back, or stopped in another way. */
  readonly isOver: boolean
  readonly shown: number | null
  readonly onShow: (stage: number | null) => void
}

const stateWords = { left: 'passed', now: 'now', waiting: 'to come' } as const

export function Track({ rollout, everyMs, isOver, shown, onShow }: TrackProps) {
  return (
    <ol class="stages" aria-label="Stages">
      {rollout.stages.map((stage, at) => {
        const state = isOver && stage.state === 'now' ? 'stopped' : stage.state
        const word = state === 'stopped' ? 'stopped here' : stateWords[state]
        const title = visible(stage.title)
        return (
          <li key={stage.id} class={`is-${state}`} aria-current={state === 'now' ? 'step' : undefined}>
            <button
              type="button"
              aria-pressed={shown === at}
              onClick={() => onShow(shown === at ? null : at)}
              title={title === '' ? undefined : title}
            >
              <span class="weight">{stage.weightPercent} %</span>
              <span class="state">{word}</span>
              <span class="soak">
                {state === 'now' && rollout.observed !== null ? (
                  <SoakLeft observed={rollout.observed} everyMs={everyMs} doing={rollout.doing} />
                ) : state === 'stopped' && rollout.observed !== null ? (
                  `soaked ${spanWords(rollout.observed.soakMs)} of ${spanWords(stage.soakMs)}`
                ) : (
                  `${spanWords(stage.soakMs)} soak`
                )}
              </span>
              {stage.promote !== null && <span class="word">on the word of {visible(stage.promote)}</span>}
            </button>
            {state === 'now' && rollout.observed !== null && (
              <progress
                max={Math.max(1, rollout.observed.neededMs)}
                value={Math.min(rollout.observed.soakMs, rollout.observed.neededMs)}
                aria-label={`Soak of ${stage.weightPercent} %`}
              />
            )}
          </li>
        )
      })}
    </ol>
  )
}

interface SoakLeftProps {
  readonly observed: ObservedView
  readonly everyMs: number
  readonly doing: RolloutView['doing']
}

/** Healthy time counts when an interval has ended; between two ends the clock goes on as if it will. */
export function SoakLeft({ observed, everyMs, doing }: SoakLeftProps) {
  const now = useNow()
  const left = observed.neededMs - observed.soakMs
  if (doing === 'shifting' || doing === 'putting-back') return <>weights move</>
  if (left <= 0) return <>soaked {spanWords(observed.neededMs)}</>
  const { verdict } = observed
  const isCounting = verdict !== null && verdict.zone === 'go'
  const since = isCounting ? Math.min(Math.max(0, now - verdict.upTo), everyMs) : 0
  return (
    <>
      {spanWords(Math.max(0, left - since))} left of {spanWords(observed.neededMs)}
    </>
  )
}

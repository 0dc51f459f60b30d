/** Beside a phase's heading: how it stands, in words and counts. */
import type { PhaseView, StepWord, Tally } from '../../../../src/api/wire/web.ts'
import { StateMark, toneOf } from '../../parts/state-mark.tsx'

export function PhaseLine({ phase }: { readonly phase: PhaseView }) {
  return (
    <p class="phase-line">
      <span class="status">{phase.status}</span>
      <TallyLine tally={phase.tally} />
      {phase.why !== '' && <span class="hint">{phase.why}</span>}
    </p>
  )
}

/** Worst first: what asks for attention is not the last to be seen. */
const order: readonly StepWord[] = [
  'failed',
  'errored',
  'unknown',
  'inconclusive',
  'blocked',
  'needs a person',
  'stale',
  'held',
  'running',
  'passed',
  'waived',
  'not applicable',
  'waiting',
]

export function TallyLine({ tally }: { readonly tally: Tally }) {
  return (
    <span class="tally">
      {order
        .filter((word) => (tally[word] ?? 0) > 0)
        .map((word) => (
          <span key={word} class={`tone-${toneOf[word]}`} title={`${tally[word]} ${word}`}>
            <StateMark state={word} />
            {tally[word]}
          </span>
        ))}
    </span>
  )
}

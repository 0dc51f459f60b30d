/** Beside a step: its state in words, the sentence about it, who owes it since when, and what can be done. */
import type { StepView } from '../../../../src/api/wire/web.ts'
import { memo } from '../../parts/memo.ts'
import { Said } from '../../parts/people.tsx'
import { toneOf } from '../../parts/state-mark.tsx'
import { Moment, Since } from '../../parts/time.tsx'
import { Link } from '../../router.tsx'
import type { OnStep } from './document.tsx'
import { offersOf } from './offers.ts'
import { useWhole } from './whole.ts'
import { EvidenceOnPaper } from './on-paper.tsx'

interface MarginProps {
  readonly step: StepView
  readonly onStep: OnStep
}

const settled: ReadonlySet<string> = new Set(['passed', 'waived', 'not applicable'])

export const Margin = memo(({ step, onStep }: MarginProps) => {
  const { isEnded } = useWhole()
  const offers = isEnded ? [] : offersOf(step)
  const files = step.evidence.length
  const more = files === 0 ? 'more' : `more · ${files} ${files === 1 ? 'file' : 'files'}`
  const isQuiet = step.state === 'waiting' && step.since === null
  return (
    <div class="margin">
      {!isQuiet && (
        <p class="margin-state">
          <span class={`word tone-${toneOf[step.state]}`}>{step.state}</span>
          {step.undo !== null && <span class="word"> · undo {step.undo}</span>}
          {step.owner !== null && !settled.has(step.state) && <span> · {step.owner}</span>}
          {step.since !== null && (
            <span class="hint">
              {' · '}
              {settled.has(step.state) ? <Moment at={step.since} /> : <Since at={step.since} />}
            </span>
          )}
        </p>
      )}
      {isQuiet && step.owner !== null && <p class="margin-state hint">{step.owner}</p>}
      {step.say !== '' && step.say !== 'waits for an answer' && (
        <p class="say">
          <Said text={step.say} />
        </p>
      )}
      {step.evidence.length > 0 && <EvidenceOnPaper evidence={step.evidence} />}
      <div class="margin-acts">
        {offers.map(({ word, decision, isMain, isStop }) => (
          <button
            key={word}
            type="button"
            class={isStop === true ? 'stop' : isMain === true ? 'primary' : ''}
            onClick={() => onStep.decide(decision())}
          >
            {word}
          </button>
        ))}
        {step.word === 'record' && step.state === 'needs a person' && !isEnded && (
          <Link to="/records">Add the record</Link>
        )}
        <button
          type="button"
          class={`plain more${files > 0 || offers.length > 0 ? ' has-more' : ''}`}
          aria-label={`${more === 'more' ? '' : `${more}; `}More about: ${step.text}`}
          onClick={() => onStep.open(step.id)}
        >
          {more}
        </button>
      </div>
    </div>
  )
})

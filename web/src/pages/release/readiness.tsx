/** Is it ready? Yes and no for all that is asked before the rollout, derived anew whenever the release moves. */
import { useEffect } from 'preact/hooks'
import type { Readiness as Told, ReleaseView } from '../../../../src/api/wire/web.ts'
import { useAnswer } from '../../parts/answer.ts'
import { StateMark } from '../../parts/state-mark.tsx'
import { Link } from '../../router.tsx'
import { showStep } from './show-step.ts'
import { visible } from './visible.ts'

const marks = { yes: 'passed', no: 'failed', 'not asked': 'not applicable' } as const

interface ReadinessProps {
  readonly view: ReleaseView
  /** The checklist has to be shown before a step of it can be. */
  readonly onStep: () => void
}

export function Readiness({ view, onStep }: ReadinessProps) {
  const told = useAnswer<Told>(`/v1/releases/${encodeURIComponent(view.release)}/readiness`)
  useEffect(() => void told.again(), [view.version])
  if (told.value === null) return <p class="trouble">{told.why}</p>
  const texts = new Map(view.phases.flatMap(({ steps }) => steps).map(({ id, text }) => [id, text]))
  return (
    <section class="readiness" aria-label="Readiness">
      <p class={told.value.ready ? 'tone-good' : 'tone-bad'}>
        {told.value.ready ? 'Ready: nothing that is asked before the rollout is open.' : 'Not ready yet.'}
      </p>
      <ul>
        {told.value.lines.map(({ id, what, answer, say, steps }) => (
          <li key={id}>
            <StateMark state={marks[answer]} isSilent />
            <span class="answer">{answer}</span>
            <div>
              <b>{what}</b>
              <p class="hint">
                {id === 'follow-ups' ? <Link to="/records/follow-ups">{visible(say)}</Link> : visible(say)}
              </p>
              {answer === 'no' && steps.length > 0 && (
                <p class="hint">
                  {steps.slice(0, 8).map((step) => (
                    <a
                      key={step}
                      href={`#step-${step}`}
                      onClick={(event) => {
                        event.preventDefault()
                        onStep()
                        requestAnimationFrame(() => showStep(step))
                      }}
                    >
                      {visible(texts.get(step) ?? step)}
                    </a>
                  ))}
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

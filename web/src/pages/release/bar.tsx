/** What blocks the release now, who owes it, since when, what happens next and when; and what can be done about all of it. */
import type { ComponentChildren } from 'preact'
import type { ReleaseView, StepWord, WaitingView } from '../../../../src/api/wire/web.ts'
import { Since, Until } from '../../parts/time.tsx'
import { StateMark } from '../../parts/state-mark.tsx'
import { Link, rolloutPath } from '../../router.tsx'
import type { Decision } from './decisions.ts'
import { releaseOffers } from './offers.ts'
import { showStep } from './show-step.ts'

interface BarProps {
  readonly view: ReleaseView
  readonly isOld: boolean
  readonly onDecide: (decision: Decision) => void
  /** Address of the page where the steps stand; absent = this one. */
  readonly page?: string
}

const marks: Readonly<Record<ReleaseView['bar']['tone'], StepWord>> = {
  good: 'passed',
  busy: 'running',
  person: 'needs a person',
  bad: 'failed',
}
const toneWords: Readonly<Record<ReleaseView['bar']['tone'], string>> = {
  good: 'All well',
  busy: 'Machines are at work',
  person: 'Waits for a person',
  bad: 'Stopped, or going back',
}

export function Bar({ view, isOld, onDecide, page }: BarProps) {
  const { bar } = view
  const others = view.waitsFor.slice(1).filter(({ kind }) => kind !== 'time')
  // The list below the sentence says the same, with names.
  const now = others.length === 0 ? bar.now : bar.now.replace(/ \(and \d+ more\)$/, '')
  const step = view.waitsFor.find(({ kind }) => kind !== 'time')?.step ?? null
  return (
    <section
      class={`bar tone-paper-${bar.tone}${isOld ? ' is-old' : ''}`}
      aria-label="What blocks this release"
      tabIndex={-1}
    >
      <div class="bar-now" aria-live="polite">
        <span title={toneWords[bar.tone]}>
          <StateMark state={view.hold === null ? marks[bar.tone] : 'held'} isSilent />
          <span class="aside">{toneWords[bar.tone]}: </span>
        </span>
        <p class="now">
          {step === null ? (
            now
          ) : (
            <StepLink step={step} page={page}>
              {now}
            </StepLink>
          )}
        </p>
      </div>
      <dl class="bar-facts">
        {bar.who !== null && (
          <div>
            <dt>owed by</dt>
            <dd>{bar.who}</dd>
          </div>
        )}
        {bar.since !== null && (
          <div>
            {view.decision?.ended === true ? <dt>ended</dt> : <dt class="on-screen">for</dt>}
            <dd>
              <Since at={bar.since} />
              {view.decision?.ended === true && <span class="on-screen"> ago</span>}
            </dd>
          </div>
        )}
        {bar.next !== null && (
          <div class="next">
            <dt>next</dt>
            <dd>
              {bar.next}
              {bar.nextAt !== null && (
                <>
                  {' '}
                  <Until at={bar.nextAt} />
                </>
              )}
            </dd>
          </div>
        )}
      </dl>
      <div class="bar-acts">
        {page === undefined && view.rollouts.some(({ stage }) => stage >= 0) && (
          <Link to={rolloutPath(view.release)} class="button">
            Rollout
          </Link>
        )}
        {releaseOffers(view).map(({ word, decision, isStop, isMain }) => (
          <button
            key={word}
            type="button"
            class={isStop === true ? 'stop' : isMain === true ? 'primary' : ''}
            onClick={() => onDecide(decision())}
          >
            {word}
          </button>
        ))}
      </div>
      {others.length > 0 && <Others waits={others} page={page} />}
    </section>
  )
}

interface StepLinkProps {
  readonly step: string
  readonly page: string | undefined
  readonly children: ComponentChildren
}

function StepLink({ step, page, children }: StepLinkProps) {
  if (page !== undefined) return <Link to={`${page}#step-${step}`}>{children}</Link>
  return (
    <a href={`#step-${step}`} onClick={(event) => showStep(step, event)}>
      {children}
    </a>
  )
}

interface OthersProps {
  readonly waits: readonly WaitingView[]
  readonly page: string | undefined
}

function Others({ waits, page }: OthersProps) {
  return (
    <details class="bar-others">
      <summary>
        {waits.length} more {waits.length === 1 ? 'waits' : 'wait'}
      </summary>
      <ul>
        {waits.map((wait) => (
          <li key={`${wait.kind} ${wait.step ?? wait.message}`}>
            {wait.step === null ? (
              wait.what
            ) : (
              <StepLink step={wait.step} page={page}>
                {wait.what}
              </StepLink>
            )}
            <span class="hint">
              {wait.who !== null && ` ${wait.who}`}
              {wait.since !== null && (
                <>
                  {' · '}
                  <Since at={wait.since} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Everything about one step: what it says, its evidence to read, its past, and the rarer decisions. */
import { useState } from 'preact/hooks'
import type { Plan, ReleaseView, StepView, TimelineLine } from '../../../../src/api/wire/web.ts'
import { CopyLink } from '../../parts/copy-link.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Said } from '../../parts/people.tsx'
import { StateMark, toneOf } from '../../parts/state-mark.tsx'
import { Since } from '../../parts/time.tsx'
import { Link, signPath } from '../../router.tsx'
import type { Decision } from './decisions.ts'
import { EvidenceReader } from './evidence-reader.tsx'
import { moreOffersOf, offersOf } from './offers.ts'
import { sizeWords } from './size-words.ts'
import { Timeline } from './timeline.tsx'

interface StepDrawerProps {
  readonly step: StepView
  readonly view: ReleaseView
  readonly plan: Plan | null
  readonly past: readonly TimelineLine[]
  readonly onDecide: (decision: Decision) => void
  readonly onClose: () => void
}

export function StepDrawer({ step, view, plan, past, onDecide, onClose }: StepDrawerProps) {
  const [read, setRead] = useState<string | null>(step.evidence[0]?.sha256 ?? null)
  const found = step.evidence.find(({ sha256 }) => sha256 === read)
  const roles = Object.keys(plan?.roles ?? {})
  const more = moreOffersOf(step, roles)
  const offers =
    view.decision?.ended === true ? more.filter(({ word }) => word === 'Note') : [...offersOf(step), ...more]
  return (
    <Dialog title={step.text} onClose={onClose} form="side">
      <p class="drawer-state">
        <StateMark state={step.state} isSilent /> <span class={`tone-${toneOf[step.state]}`}>{step.state}</span>
        {step.owner !== null && <span> · {step.owner}</span>}
        {step.since !== null && (
          <span class="hint">
            {' · '}
            <Since at={step.since} />
          </span>
        )}
        {step.attempts > 1 && <span class="hint"> · {step.attempts} attempts</span>}
        {!step.blocks && <span class="hint"> · a warning: does not stop the release</span>}
      </p>
      {step.say !== '' && (
        <p class="drawer-say">
          <Said text={step.say} />
        </p>
      )}
      <div class="drawer-acts">
        {offers.map(({ word, decision, isStop, isMain }) => (
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
      {step.word === 'approve' && (
        <p class="drawer-links">
          <Link to={signPath(view.release, step.id)}>A page to sign on, also by phone</Link>{' '}
          <CopyLink path={signPath(view.release, step.id)} />
        </p>
      )}
      <h3>Evidence</h3>
      {step.evidence.length === 0 ? (
        <p class="hint">Nothing was kept for this step yet.</p>
      ) : (
        <ul class="files">
          {step.evidence.map(({ name, size, sha256, truncated }) => (
            <li key={sha256}>
              <button type="button" class="plain" aria-pressed={read === sha256} onClick={() => setRead(sha256)}>
                {name}
              </button>{' '}
              <span class="hint">
                {sizeWords(size)}
                {truncated && ', cut'}
              </span>
            </li>
          ))}
        </ul>
      )}
      {found !== undefined && <EvidenceReader key={found.sha256} evidence={found} release={view.release} />}
      <h3>What happened</h3>
      <Timeline lines={past.filter((line) => line.step === step.id)} />
      <p class="hint">
        Known as <code>{step.id}</code>, line {step.line} of {view.facts.file}
      </p>
    </Dialog>
  )
}

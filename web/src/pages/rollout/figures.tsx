/** The four numbers of a rollout: traffic, soak, verdict, and whom it has harmed so far. */
import type { ComponentChildren } from 'preact'
import type { Chart, RolloutView } from '../../../../src/api/wire/web.ts'
import { countWords } from '../../parts/number-words.ts'
import { Since } from '../../parts/time.tsx'
import { visible } from '../release/visible.ts'
import { mostHarmed } from './chart-data.ts'
import { SoakLeft } from './track.tsx'

interface FiguresProps {
  readonly rollout: RolloutView
  readonly chart: Chart | null
  readonly everyMs: number
  readonly isOver: boolean
}

export function Figures({ rollout, chart, everyMs, isOver }: FiguresProps) {
  const { observed, components } = rollout
  const verdict = observed?.verdict ?? null
  const isSoaking = rollout.doing === 'soaking' && observed !== null && !isOver
  return (
    <dl class="figures">
      <Figure term="Traffic on the new version">
        {components.map(({ name, percent, movingTo, say }) => (
          <span key={name} title={visible(say)} class="one">
            <b>{percent === null ? '?' : `${percent} %`}</b>
            {components.length > 1 && <span class="quiet"> {visible(name)}</span>}
            {movingTo !== null && <span class="quiet"> to {movingTo} %</span>}
            {percent === null && movingTo === null && <span class="quiet"> cannot be read</span>}
          </span>
        ))}
      </Figure>
      <Figure term="Soak of this stage">
        {isSoaking ? (
          <b>
            <SoakLeft observed={observed} everyMs={everyMs} doing={rollout.doing} />
          </b>
        ) : (
          <span class="quiet">{isOver || rollout.doing === 'done' ? 'over' : 'not begun'}</span>
        )}
      </Figure>
      <Figure term={isOver || rollout.doing === 'done' ? 'Last verdict' : 'Verdict'}>
        {verdict === null ? (
          <span class="quiet">none yet</span>
        ) : (
          <>
            <b class={`zone-word is-${verdict.zone}`}>{verdict.zone}</b>
            {!isOver && (
              <span class="quiet">
                {' '}
                for <Since at={verdict.since} />
              </span>
            )}
          </>
        )}
      </Figure>
      <Figure term="Requests harmed so far">
        <Harmed chart={chart} isBad={verdict?.zone === 'rollback'} />
      </Figure>
    </dl>
  )
}

function Figure({ term, children }: { readonly term: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Harmed({ chart, isBad }: { readonly chart: Chart | null; readonly isBad: boolean }) {
  const most = chart === null ? null : mostHarmed(chart)
  const told = chart?.harm.find(({ metric }) => metric === most?.metric)
  if (most === null || told === undefined)
    return (
      <span class="quiet">
        {chart === null || chart.to.length === 0 ? 'nothing measured' : 'no metric counts them'}
      </span>
    )
  return (
    <>
      <b class={most.more > 0 && isBad ? 'is-harm' : ''}>{countWords(most.more)}</b>
      <span class="quiet beside">
        {visible(told.metric)}: {countWords(told.failed)} of {countWords(told.requests)} failed
        {told.wouldHave === null
          ? ', with nobody on stable to compare'
          : `, ${countWords(told.wouldHave)} would have on stable`}
      </span>
    </>
  )
}

/** Targets: who holds each and how that ends, what serves there, and which starts stand in line. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { TargetView } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { pollTargets, type TargetsState } from '../../api/poll-targets.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { LostBar } from '../../parts/lost-bar.tsx'
import { Field } from '../../parts/field.tsx'
import { Moment, Since, Until } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import '../../style/targets.css'

type Start = TargetView['line'][number]

export function Targets({ me }: { readonly me: Me }) {
  const [{ targets, lost }, setState] = useState<TargetsState>({ targets: null, lost: null })
  const [leaving, setLeaving] = useState<Start | null>(null)
  const lookAgain = useRef(() => {})
  useEffect(() => {
    document.title = 'Targets · Holdpoint'
    const gone = new AbortController()
    lookAgain.current = pollTargets(setState, gone.signal)
    return () => gone.abort()
  }, [])
  const mayStop = maySomewhere(me, 'release.stop')
  return (
    <div class="targets">
      <LostBar lost={lost} />
      <header class="targets-head">
        <h1>Targets</h1>
        <p class="hint">
          A service in an environment has one release at a time. Who finds it busy may stand in line, and begins when
          the turn comes.
        </p>
      </header>
      {targets?.length === 0 && <NoTargets me={me} />}
      {targets?.map((target) => (
        <Target
          key={`${target.kind} ${target.name}`}
          target={target}
          mayLeave={(start) => mayStop || start.by === me.id}
          onLeave={setLeaving}
        />
      ))}
      {leaving !== null && (
        <LeaveDialog
          start={leaving}
          onClose={() => {
            setLeaving(null)
            lookAgain.current()
          }}
        />
      )}
    </div>
  )
}

interface TargetProps {
  readonly target: TargetView
  readonly mayLeave: (start: Start) => boolean
  readonly onLeave: (start: Start) => void
}

function Target({ target, mayLeave, onLeave }: TargetProps) {
  const { name, kind, serving, holder, line, withdrawn } = target
  return (
    <section class={`target${holder === null ? '' : ' is-held'}`} aria-label={name}>
      <header>
        <h2>{name}</h2>
        <p class="target-standing">
          <span class={holder === null ? 'tone-good' : 'tone-busy'}>{holder === null ? 'free' : 'held'}</span>
          {serving !== null && <span>{serving} runs there</span>}
          {kind === 'lock' && <span>shared by several services</span>}
        </p>
      </header>
      {holder !== null && <Holder holder={holder} />}
      {line.length > 0 && (
        <ol class="target-line" aria-label={`In line for ${name}`}>
          {line.map((start) => (
            <li key={start.release}>
              <span class="start-what">
                <b>{start.version}</b> of {start.by}
              </span>
              <span class="start-place">
                {start.say}
                {start.supersede && holder?.supersedable !== true && ' (waits only until its traffic has moved)'}
              </span>
              <span class="start-since">
                <Since at={start.since} before="for " />
                {start.until !== null && (
                  <>
                    , leaves <Until at={start.until} />
                  </>
                )}
              </span>
              {mayLeave(start) && (
                <button type="button" onClick={() => onLeave(start)} aria-label={`Take out ${start.release}`}>
                  Take out
                </button>
              )}
            </li>
          ))}
        </ol>
      )}
      {withdrawn.length > 0 && (
        <details class="target-withdrawn">
          <summary>Left the line: {withdrawn.length}</summary>
          <ul>
            {withdrawn.map((gone) => (
              <li key={gone.release}>
                <b>{gone.version}</b> <Moment at={gone.at} />: {howWords[gone.how]}
                {gone.how === 'left' ? ` by ${gone.by}` : ''}, {gone.why}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

const howWords = { left: 'taken out', expired: 'waited too long', refused: 'sent away' } as const

function Holder({ holder }: { readonly holder: NonNullable<TargetView['holder']> }) {
  return (
    <div class="target-holder">
      <p>
        <Link to={releasePath(holder.release)}>
          {holder.service} <b>{holder.version}</b>
        </Link>
        {holder.phase === null ? '' : ` for “${holder.phase}” of its way to ${holder.environment}`}, started by{' '}
        {holder.startedBy}, <Since at={holder.since} before="for " />
      </p>
      <p class="target-now">
        {holder.now}
        {holder.who !== null && <span class="owner"> {holder.who}</span>}
      </p>
      <p class="hint">{holder.ends}</p>
    </div>
  )
}

function LeaveDialog({ start, onClose }: { readonly start: Start; readonly onClose: () => void }) {
  const [why, setWhy] = useState('')
  return (
    <ActDialog
      title={`Take ${start.version} out of the line`}
      lead="Nothing of it has begun. Whoever wants it later starts it again, behind the others."
      action="Take it out"
      isStop
      onSend={async () => void (await post(`/v1/line/${encodeURIComponent(start.release)}/leave`, { why }))}
      onClose={onClose}
    >
      <Field label="Why" value={why} onValue={setWhy} isFirst />
    </ActDialog>
  )
}

function NoTargets({ me }: { readonly me: Me }) {
  return (
    <section class="teach">
      <h2>Nothing was released yet</h2>
      <p>
        Every place that a release goes to shows up here, with who is on the way there and who waits.{' '}
        {maySomewhere(me, 'release.start') && <Link to="/start">Start a release</Link>}
      </p>
      <p>In a terminal the same is:</p>
      <pre tabIndex={0}>
        <code>holdpoint targets</code>
      </pre>
    </section>
  )
}

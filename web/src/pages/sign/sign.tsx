/** One signature, on a page made for a phone: exactly what is signed, what is odd about it, who else has signed, and two large buttons. */
import { useEffect, useState } from 'preact/hooks'
import type { AskView, ReleaseView, StepView, TimelineLine } from '../../../../src/api/wire/web.ts'
import { type Followed, useFollowed } from '../../api/follow-release.ts'
import { CopyLink } from '../../parts/copy-link.tsx'
import { LostBar } from '../../parts/lost-bar.tsx'
import { PeopleOf, Said, usePeopleOf } from '../../parts/people.tsx'
import { StateMark, toneOf } from '../../parts/state-mark.tsx'
import { Moment } from '../../parts/time.tsx'
import { Link, releasePath, signPath } from '../../router.tsx'
import type { Me } from '../../session.ts'
import { type Covered, coverOf, sinceLastSignature } from './covered.ts'
import { SignForm } from './sign-form.tsx'
import '../../style/sign.css'

interface SignProps {
  readonly release: string
  readonly step: string
  readonly me: Me
}

export function Sign({ release, step, me }: SignProps) {
  const followed = useFollowed(release)
  const { view, line } = followed
  const people = usePeopleOf(release)
  const found = view?.phases.flatMap(({ steps }) => steps).find(({ id }) => id === step)
  useEffect(() => {
    if (view !== null && found !== undefined)
      document.title = `Sign: ${found.text} · ${view.facts.service} ${view.facts.releaseVersion}`
  }, [found?.text, view?.facts.service, view?.facts.releaseVersion])
  if (line.kind === 'refused' && view === null)
    return (
      <section class="quiet-page">
        <h1>This release cannot be shown</h1>
        <p role="alert">{line.why.message}</p>
        <p>
          <Link to="/">All releases</Link>
        </p>
      </section>
    )
  if (view === null) return null
  if (found === undefined)
    return (
      <section class="quiet-page">
        <h1>This release has no such step</h1>
        <p>
          The link may have been cut off on its way. <Link to={releasePath(release)}>The release</Link> shows what it
          has.
        </p>
      </section>
    )
  return (
    <>
      <LostBar lost={line.kind === 'lost' ? { since: line.since } : null} />
      <PeopleOf value={people}>
        <Page view={view} step={found} followed={followed} me={me} />
      </PeopleOf>
    </>
  )
}

interface PageProps {
  readonly view: ReleaseView
  readonly step: StepView
  readonly followed: Followed
  readonly me: Me
}

function Page({ view, step, followed, me }: PageProps) {
  const { facts } = view
  const path = signPath(view.release, step.id)
  return (
    <article class="sign">
      <header class="sign-head">
        <p class="sign-of">
          <Link to={releasePath(view.release)}>
            {facts.service} {facts.releaseVersion}
          </Link>{' '}
          to {facts.environment}
          {facts.protected && <span class="tag">protected</span>}
          {facts.rehearsal && <span class="tag">rehearsal</span>}
          {facts.drill !== undefined && <span class="tag">drill</span>}
        </p>
        <h1>{step.text}</h1>
        <p class="sign-state">
          <StateMark state={step.state} isSilent /> <span class={`tone-${toneOf[step.state]}`}>{step.state}</span>
          {step.say !== '' && <span class="hint"> · {step.say}</span>}
        </p>
      </header>
      {step.asks === null || step.asks.signaturesNeeded === 0 ? (
        <Closed view={view} step={step} />
      ) : (
        <Open view={view} step={step} asks={step.asks} followed={followed} me={me} />
      )}
      <p class="sign-foot hint">
        <Link to={releasePath(view.release)}>The whole release</Link> · <CopyLink path={path} />
      </p>
    </article>
  )
}

/** Nothing is to be signed: not yet, or not any more. */
function Closed({ view, step }: { readonly view: ReleaseView; readonly step: StepView }) {
  if (step.word !== 'approve')
    return <p class="sign-words">This step asks for no signature. It can be decided on the page of the release.</p>
  if (step.since === null && step.state === 'waiting')
    return (
      <p class="sign-words">
        This is not to be signed yet: what stands before it is not closed. Now: {view.bar.now}. This page shows it by
        itself when it is time.
      </p>
    )
  return (
    <p class="sign-words">
      Nothing is left to sign here.
      {view.bar.next === null ? '' : ` What happens next: ${view.bar.next}.`}
    </p>
  )
}

/** More would push the buttons out of reach of a thumb. */
const SHOWN_AT_ONCE = 12

interface OpenProps extends PageProps {
  readonly asks: AskView
}

function Open({ view, step, asks, followed, me }: OpenProps) {
  // What the person has read: a signature is over this, whatever comes in meanwhile.
  const [read, setRead] = useState(asks)
  const cover = coverOf(view, asks.signs, step.id)
  const isChanged = read.digest !== asks.digest
  const since = sinceLastSignature(followed.past, step.id)
  return (
    <>
      <SignedBy asks={asks} />
      {since !== null && since.lines.length > 0 && <Since since={since} />}
      <section aria-label="What you sign" class="sign-what">
        <h2>You sign for exactly this</h2>
        <dl class="sign-facts">
          <Fact name="Version">{view.facts.releaseVersion}</Fact>
          <Fact name="Artefact">{view.facts.artefact ?? view.facts.commit ?? 'none given'}</Fact>
          <Fact name="Started by">
            {view.facts.startedBy.id} at <Moment at={view.facts.startedAt} />
          </Fact>
          <Fact name="Plan">
            <code class="digest">{view.facts.planDigest}</code>
          </Fact>
        </dl>
        {cover.deviations.length > 0 && (
          <>
            <h3>Look at these: not simply passed</h3>
            <CoveredSteps covered={cover.deviations} isOdd />
          </>
        )}
        <details class="sign-passed" open={cover.passed.length <= SHOWN_AT_ONCE}>
          <summary>
            {cover.passed.length} {cover.passed.length === 1 ? 'step' : 'steps'} passed before it
          </summary>
          <CoveredSteps covered={cover.passed} />
        </details>
        <details class="sign-lines">
          <summary>The {asks.signs.length} lines, letter by letter</summary>
          <ul>
            {asks.signs.map((line) => (
              <li key={line} class={read.signs.includes(line) ? '' : 'is-fresh'}>
                {line}
              </li>
            ))}
          </ul>
        </details>
        <p class="hint">
          Digest <code class="digest">{asks.digest}</code>
        </p>
      </section>
      {isChanged && <Changed before={read} now={asks} onSeen={() => setRead(asks)} />}
      <SignForm
        view={view}
        step={step}
        asks={asks}
        me={me}
        plan={followed.plan}
        digest={read.digest}
        isBarred={isChanged}
      />
    </>
  )
}

function SignedBy({ asks }: { readonly asks: AskView }) {
  const open = asks.roles.filter((role) => !asks.signedBy.some((one) => one.role === role))
  const left = asks.signaturesNeeded - asks.signedBy.length
  return (
    <section class="sign-by" aria-label="Signatures">
      <ul>
        {asks.signedBy.map(({ by, role, at, for: holder }) => (
          <li key={`${by} ${role}`}>
            <StateMark state="passed" isSilent />
            <span>
              {by}
              {holder !== undefined && ` for ${holder}`}
              {role !== null && ` as ${role}`} <span class="hint">signed at </span>
              <Moment at={at} />
            </span>
          </li>
        ))}
        {open.map((role) => (
          <li key={role}>
            <StateMark state="needs a person" isSilent />
            <span>waits for {role}</span>
          </li>
        ))}
        {asks.conditionalRoles
          ?.filter(({ needed, notNeeded }) => needed === 'no' || notNeeded !== null)
          .map(({ role, why, notNeeded }) => (
            <li key={role}>
              <StateMark state="not applicable" isSilent />
              <span>
                {role} need not sign:{' '}
                {notNeeded === null ? why : `${notNeeded.by} as ${notNeeded.as}: ${notNeeded.reason}`}
              </span>
            </li>
          ))}
        {open.length === 0 && left > 0 && (
          <li>
            <StateMark state="needs a person" isSilent />
            <span>
              waits for {left} {asks.signedBy.length > 0 ? 'more ' : ''}
              {left === 1 ? 'signature' : 'signatures'}
            </span>
          </li>
        )}
      </ul>
    </section>
  )
}

function Since({ since }: { readonly since: NonNullable<ReturnType<typeof sinceLastSignature>> }) {
  return (
    <details class="sign-since">
      <summary>
        {since.lines.length} {since.lines.length === 1 ? 'thing' : 'things'} happened since {since.by} signed
      </summary>
      <ul>
        {since.lines.map(({ version, at, say, who }: TimelineLine) => (
          <li key={version}>
            <Moment at={at} /> <Said text={say} /> <span class="hint">{who}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}

function CoveredSteps({ covered, isOdd = false }: { readonly covered: readonly Covered[]; readonly isOdd?: boolean }) {
  return (
    <ul class={`sign-steps${isOdd ? ' is-odd' : ''}`}>
      {covered.map(({ step }) => (
        <li key={step.id}>
          <StateMark state={step.state} />
          <span>
            {step.text}
            {isOdd && <span class={`sign-word tone-${toneOf[step.state]}`}> {step.state}</span>}
            {step.say !== '' && (
              <span class="hint sign-say">
                <Said text={step.say} />
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}

interface ChangedProps {
  readonly before: AskView
  readonly now: AskView
  readonly onSeen: () => void
}

function Changed({ before, now, onSeen }: ChangedProps) {
  const gone = before.signs.filter((line) => !now.signs.includes(line))
  const fresh = now.signs.filter((line) => !before.signs.includes(line))
  return (
    <section class="sign-changed" role="alert">
      <p>This changed while you were reading. It was:</p>
      <Lines lines={gone} />
      <p>It is now:</p>
      <Lines lines={fresh} />
      <button type="button" class="primary" onClick={onSeen}>
        I have read the change
      </button>
    </section>
  )
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length === 0) return <p class="hint">nothing in its place</p>
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

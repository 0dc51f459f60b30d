/** One registered checklist: its steps and who does each, its versions, what lint says, what it asks for, and its releases. */
import { useEffect, useState } from 'preact/hooks'
import type { ChecklistAbout, MadeRelease } from '../../../../src/api/wire/web.ts'
import { get, post, Refused, wordsOf } from '../../api/ask.ts'
import { spanWords } from '../../parts/clock.ts'
import { DebtList } from '../../parts/debt-list.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { Moment } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import { visible } from '../release/visible.ts'
import { Findings } from './findings.tsx'
import { LadderBar, planParts } from './ladder.tsx'
import { Steps } from './steps.tsx'
import { Versions } from './versions.tsx'
import { countWords, endedWords, sourceWords } from './words.ts'
import '../../style/checklists.css'

interface ChecklistProps {
  readonly project: string
  readonly name: string
  readonly me: Me
}

export function Checklist({ project, name, me }: ChecklistProps) {
  const [about, setAbout] = useState<ChecklistAbout | null>(null)
  const [why, setWhy] = useState<string | null>(null)
  const [isRetiring, setRetiring] = useState(false)
  const [asked, setAsked] = useState(0)
  const id = `${project}/${name}`
  const path = `/v1/projects/${encodeURIComponent(project)}/checklists/${encodeURIComponent(name)}`
  useEffect(() => {
    document.title = `${id} · Checklists · Holdpoint`
    const gone = new AbortController()
    get<ChecklistAbout>(`${path}/about`, gone.signal).then(setAbout, (cause: unknown) => {
      if (!gone.signal.aborted) setWhy(wordsOf(cause))
    })
    return () => gone.abort()
  }, [path, asked])
  const [newest] = about?.versions ?? []
  const isHere = about !== null && about.retired === null
  return (
    <div class="checklist-pages">
      <header class="page-head">
        <p class="crumb">
          <Link to="/checklists">Checklists</Link>
        </p>
        <h1>{id}</h1>
        {isHere && maySomewhere(me, 'checklist.write') && (
          <button type="button" onClick={() => setRetiring(true)}>
            Retire
          </button>
        )}
        {isHere && maySomewhere(me, 'release.start') && (
          <Link to={`/start?checklist=${encodeURIComponent(project)}/${encodeURIComponent(name)}`} class="button">
            Start a release
          </Link>
        )}
        {newest !== undefined && (
          <p class="meta">
            {visible(newest.service)} · version {newest.number} · {visible(sourceWords(newest))} · registered by{' '}
            {newest.registeredBy}, <Moment at={newest.registeredAt} />
          </p>
        )}
      </header>
      <p class="trouble" role="alert">
        {why}
      </p>
      {about?.retired != null && (
        <p class="notice">
          Retired by {about.retired.by}, <Moment at={about.retired.at} />
          {about.retired.reason !== '' && `: ${visible(about.retired.reason)}`}. Nobody starts it any more by having the
          right to start alone.
        </p>
      )}
      {about !== null && <AboutParts about={about} path={path} />}
      {isRetiring && (
        <Retire
          id={id}
          path={path}
          onDone={() => {
            setRetiring(false)
            setAsked((count) => count + 1)
          }}
          onCancel={() => setRetiring(false)}
        />
      )}
    </div>
  )
}

function AboutParts({ about, path }: { readonly about: ChecklistAbout; readonly path: string }) {
  const { plan, problems, releases, needs, phases, versions } = about
  const made = releases.filter(({ made: version }) => version !== null)
  return (
    <div class="about">
      <DebtList debt={about.debt ?? []} />
      <section aria-labelledby="does">
        <h2 id="does">Who does it</h2>
        {plan === null ? (
          <p>It does not compile with this version of Holdpoint.</p>
        ) : (
          <>
            <LadderBar label="Steps" parts={planParts(plan.ladder)} />
            {plan.environments.length > 0 && (
              <p class="hint">
                For{' '}
                {plan.environments
                  .map(({ name, protected: isProtected }) => (isProtected ? `${name} (protected)` : name))
                  .join(', ')}
              </p>
            )}
          </>
        )}
        <Steps phases={phases} />
      </section>
      <div class="about-side">
        <section aria-labelledby="releases">
          <h2 id="releases">Releases made with it</h2>
          {made.length === 0 ? (
            <p class="hint">
              None yet among the last {releases.length === 0 ? 'ones' : releases.length} of its service.
            </p>
          ) : (
            <ul class="made">
              {made.map((release) => (
                <MadeRow key={release.id} release={release} isNewest={release.made === versions[0]?.number} />
              ))}
            </ul>
          )}
        </section>
        {needs.length > 0 && (
          <section aria-labelledby="needs">
            <h2 id="needs">Records it asks for</h2>
            <ul>
              {needs.map(({ name, maxAgeMs, step }) => (
                <li key={step}>
                  <Link to={`/records/of/${encodeURIComponent(about.project)}/${encodeURIComponent(name)}`}>
                    {visible(name)}
                  </Link>{' '}
                  <span class="hint">no older than {spanWords(maxAgeMs)}</span>
                </li>
              ))}
            </ul>
          </section>
        )}
        <section aria-labelledby="versions">
          <h2 id="versions">{countWords(versions.length, 'version')}</h2>
          <Versions versions={versions} path={path} isRetired={about.retired !== null} />
        </section>
      </div>
      <section aria-labelledby="lint" class="about-lint">
        <h2 id="lint">
          {problems.length === 0 ? 'Lint found nothing' : `Lint: ${countWords(problems.length, 'finding')}`}
        </h2>
        {problems.length > 0 && <Findings findings={problems} />}
      </section>
    </div>
  )
}

function MadeRow({ release, isNewest }: { readonly release: MadeRelease; readonly isNewest: boolean }) {
  return (
    <li>
      <Link to={releasePath(release.id)}>
        {visible(release.version)} → {visible(release.environment)}
      </Link>{' '}
      <span class="hint">
        {endedWords(release)}
        {release.rehearsal && ', rehearsal'}
        {!isNewest && `, version ${release.made}`} · <Moment at={release.startedAt} />
      </span>
    </li>
  )
}

interface RetireProps {
  readonly id: string
  readonly path: string
  readonly onDone: () => void
  readonly onCancel: () => void
}

function Retire({ id, path, onDone, onCancel }: RetireProps) {
  const [reason, setReason] = useState('')
  const [why, setWhy] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    post(`${path}/retire`, { reason: reason.trim() })
      .then(onDone, (cause: unknown) => setWhy(whyNot(cause, id)))
      .finally(() => setBusy(false))
  }
  return (
    <Dialog title={`Retire ${id}`} onClose={onCancel}>
      <form onSubmit={send} noValidate>
        <p class="lead">
          Whoever may start releases, and no more than that, starts it no more. Its versions and releases stay to be
          seen; registering it again brings it back.
        </p>
        <Field label="Reason" value={reason} onValue={setReason} lines={3} isFirst required />
        <p class="trouble" role="alert">
          {why}
        </p>
        <div class="ends">
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
          <button type="submit" class="primary stop" aria-disabled={isBusy}>
            Retire it
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function whyNot(cause: unknown, id: string): string {
  if (cause instanceof Refused && cause.code === 'forbidden')
    return `Retiring ${id} takes the role author or release-engineer in its project.`
  return wordsOf(cause)
}

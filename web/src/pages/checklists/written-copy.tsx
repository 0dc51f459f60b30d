/** The copy that was made: what it does, what stayed out, what it has more than the document, and where it goes. */
import { useEffect, useState } from 'preact/hooks'
import type { CopyWritten, Difference, Project } from '../../../../src/api/wire/web.ts'
import { get, post, Refused, wordsOf } from '../../api/ask.ts'
import { Field } from '../../parts/field.tsx'
import { saveFile } from '../../parts/save-file.ts'
import { Link } from '../../router.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import { visible } from '../release/visible.ts'
import { Findings } from './findings.tsx'
import { LadderBar, planParts } from './ladder.tsx'
import type { Given } from './import-source.tsx'
import { countWords } from './words.ts'

type Beside = Pick<Given, 'shared' | 'calendars'>

interface WrittenCopyProps {
  readonly written: CopyWritten
  readonly file: string
  /** What came with the document is registered with its copy. */
  readonly beside: Beside
  /** sha-256 of the document as it was given. */
  readonly sha256: string
  readonly me: Me
}

export function WrittenCopy({ written, file, beside, sha256, me }: WrittenCopyProps) {
  const { text, plan, leftOut, problems, restored, difference } = written
  if (text === null)
    return (
      <section class="copy" aria-label="The copy">
        <h2>There is no copy yet</h2>
        <p>The document by itself cannot become a checklist. This is why:</p>
        <Findings findings={problems} />
      </section>
    )
  return (
    <section class="copy" aria-label="The copy">
      <h2>{file}</h2>
      {plan !== null && (
        <>
          <p>
            A checklist of <b>{visible(plan.service)}</b> with {countWords(plan.ladder.steps, 'step')}
            {written.written.length > 0 && `, ${countWords(written.written.length, 'accepted block')}`}.
          </p>
          <LadderBar label="Steps" parts={planParts(plan.ladder)} />
        </>
      )}
      <div class="acts">
        <button type="button" class="primary" onClick={() => saveFile(text, file, 'text/markdown')}>
          Download the copy
        </button>
      </div>
      {plan !== null && maySomewhere(me, 'checklist.write') && (
        <Register text={text} file={file} beside={beside} digest={plan.digest} service={plan.service} />
      )}
      {plan !== null && !maySomewhere(me, 'checklist.write') && (
        <p class="hint">Registering it in a project takes the role author or release-engineer there.</p>
      )}
      {leftOut.length > 0 && (
        <section>
          <h3>{countWords(leftOut.length, 'block')} stayed out</h3>
          <ul class="left-out">
            {leftOut.map(({ at, line, found, expected, block }) => (
              <li key={`${at} ${block}`}>
                <p>
                  Line {line}: {visible(found)} <span class="hint">Expected: {visible(expected)}</span>
                </p>
                <pre tabIndex={0}>{visible(block)}</pre>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>What it has more than your document</h3>
        <p class="restored">{restored !== null && restoredWords(restored.isSame)}</p>
        {restored !== null && (
          <p class="hint">
            sha-256 <code class="digest">{restored.sha256}</code>
            {!restored.isSame && (
              <>
                {' '}
                · as you gave it <code class="digest">{sha256}</code>
              </>
            )}
          </p>
        )}
        <DifferenceView difference={difference} />
      </section>
      {problems.length > 0 && (
        <section>
          <h3>What lint says of the copy</h3>
          <Findings findings={problems} />
        </section>
      )}
    </section>
  )
}

function restoredWords(isSame: boolean): string {
  return isSame
    ? 'Only lines were added. Taken out again, your document is back to the byte; that was just tried.'
    : 'Only lines were added. Taken out again, the text is back; its bytes differ from those you gave, because they were mended or read as another encoding.'
}

const SHOWN_PIECES = 60

function DifferenceView({ difference }: { readonly difference: readonly Difference[] }) {
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole ? difference : difference.slice(0, SHOWN_PIECES)
  return (
    <div class="difference" role="group" aria-label="Added lines" tabIndex={0}>
      {shown.map(({ skipped, lines }, piece) => (
        <div key={piece}>
          {skipped > 0 && <p class="skipped">{countWords(skipped, 'line')} as before</p>}
          <pre>
            {lines.map(({ kind, line, text }, at) => (
              <span key={at} class={`diff-line is-${kind}`}>
                <span class="number" aria-hidden="true">
                  {line ?? ''}
                </span>
                <span class="sign">{kind === 'added' ? '+' : kind === 'removed' ? '−' : ' '}</span>
                {visible(text)}
                {'\n'}
              </span>
            ))}
          </pre>
        </div>
      ))}
      {difference.length > shown.length && (
        <button type="button" class="plain" onClick={() => setWhole(true)}>
          {difference.length - shown.length} more places
        </button>
      )}
    </div>
  )
}

interface RegisterProps {
  readonly text: string
  readonly file: string
  readonly beside: Beside
  readonly digest: string
  readonly service: string
}

function Register({ text, file, beside, digest, service }: RegisterProps) {
  const [projects, setProjects] = useState<readonly Project[]>([])
  const [project, setProject] = useState('')
  const [name, setName] = useState('release')
  const [done, setDone] = useState<string | null>(null)
  const [why, setWhy] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    const gone = new AbortController()
    get<readonly Project[]>('/v1/projects', gone.signal).then(
      (all) => {
        setProjects(all)
        const owner = all.find(({ services }) => services.includes(service)) ?? all[0]
        setProject((before) => before || (owner?.id ?? ''))
      },
      (cause: unknown) => {
        if (!gone.signal.aborted) setWhy(wordsOf(cause))
      },
    )
    return () => gone.abort()
  }, [service])
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    setWhy(null)
    const bytes = new TextEncoder().encode(text)
    const { shared, calendars } = beside
    const document = { file, base64: base64Of(bytes), shared, calendars, digest }
    const body = { name: name.trim(), document }
    post(`/v1/projects/${encodeURIComponent(project)}/checklists`, body)
      .then(
        () => setDone(`${project}/${name.trim()}`),
        (cause: unknown) => setWhy(whyNot(cause, project)),
      )
      .finally(() => setBusy(false))
  }
  if (done !== null)
    return (
      <p class="registered" role="status">
        <Link to={`/checklists/${done.split('/').map(encodeURIComponent).join('/')}`}>{done}</Link> is registered:
        whoever may start releases there may start it.{' '}
        {/* The form reads the checklist out of its address, which only a visit does. */}
        <a href={`/start?checklist=${encodeURIComponent(done)}`}>Start a release with it</a>
      </p>
    )
  if (projects.length === 0) return null
  return (
    <form class="register" onSubmit={send} aria-labelledby="register-head">
      <h3 id="register-head">Register it, so that people can start it</h3>
      <div class="field">
        <label for="register-project">Project</label>
        <select id="register-project" value={project} onChange={(event) => setProject(event.currentTarget.value)}>
          {projects.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </div>
      <Field label="Name there" value={name} onValue={setName} required />
      <button type="submit" aria-disabled={isBusy}>
        Register it
      </button>
      <p class="trouble" role="alert">
        {why}
      </p>
    </form>
  )
}

function whyNot(cause: unknown, project: string): string {
  if (cause instanceof Refused && cause.code === 'forbidden')
    return `Registering a checklist in ${project} takes the role author or release-engineer there.`
  return wordsOf(cause)
}

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(binary)
}

/** Starting a release: the checklist, what it asks for, what it would do, and then the start itself. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { PlanAnswer } from '../../../../src/api/wire/web.ts'
import { post, wordsOf } from '../../api/ask.ts'
import { serverSaid } from '../../parts/clock.ts'
import { DebtList } from '../../parts/debt-list.tsx'
import { go, Link, releasePath } from '../../router.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import { type Checklist, loadRegistered } from './checklist.ts'
import { Before } from './before.tsx'
import { StartForm } from './form.tsx'
import { Pick } from './pick.tsx'
import { Preview, Problems } from './preview.tsx'
import '../../style/start.css'

interface Looked {
  readonly checklist: Checklist
  readonly answer: PlanAnswer
}

export function Start({ me }: { readonly me: Me }) {
  const [looked, setLooked] = useState<Looked | null>(null)
  const [why, setWhy] = useState<string | null>(null)
  // Kept while something is looked at: what cannot run yet is mended where it was pasted.
  const [pasted, setPasted] = useState('')
  const [isRehearsal, setRehearsal] = useState(false)
  const newest = useRef<object | null>(null)
  const look = (choose: () => Promise<Checklist> | Checklist): void => {
    const asking = {}
    newest.current = asking
    setWhy(null)
    void lookAt(choose).then(
      (found) => {
        if (newest.current === asking) setLooked(found)
      },
      (cause: unknown) => {
        if (newest.current === asking) setWhy(wordsOf(cause))
      },
    )
  }
  useEffect(() => {
    document.title = 'Start a release · Holdpoint'
    const wanted = checklistInAddress()
    if (wanted !== null) look(() => loadRegistered(wanted.project, wanted.name))
    return () => (newest.current = null)
  }, [])
  const pickAgain = (): void => {
    setLooked(null)
    setRehearsal(false)
    history.replaceState(null, '', '/start')
  }
  if (!maySomewhere(me, 'release.start') && !maySomewhere(me, 'checklist.write'))
    return (
      <section class="quiet-page">
        <h1>Starting a release is not yours to do</h1>
        <p>
          It takes the right <code>release.start</code>, which the role release-engineer brings. Someone who manages
          people can grant it to you. <Link to="/">All releases</Link>
        </p>
      </section>
    )
  return (
    <div class="start">
      <header class="start-head">
        <h1>Start a release</h1>
        {looked !== null && (
          <p class="hint">
            {looked.checklist.name}{' '}
            <button type="button" class="plain" onClick={pickAgain}>
              Another checklist
            </button>
          </p>
        )}
      </header>
      <div role="alert">{why !== null && <p class="refusal">{why}</p>}</div>
      {looked === null ? (
        <Pick
          mayBring={maySomewhere(me, 'checklist.write')}
          pasted={pasted}
          onPasted={setPasted}
          onPick={look}
          onRegistered={(project, name) => {
            history.replaceState(null, '', `/start?checklist=${encodeURIComponent(`${project}/${name}`)}`)
            look(() => loadRegistered(project, name))
          }}
        />
      ) : (
        <Found me={me} looked={looked} isRehearsal={isRehearsal} onRehearsal={setRehearsal} onLookAgain={look} />
      )}
    </div>
  )
}

interface FoundProps {
  readonly me: Me
  readonly looked: Looked
  readonly isRehearsal: boolean
  readonly onRehearsal: (isRehearsal: boolean) => void
  readonly onLookAgain: (choose: () => Checklist) => void
}

function Found({ me, looked, isRehearsal, onRehearsal, onLookAgain }: FoundProps) {
  const { checklist, answer } = looked
  const { plan, problems } = answer
  if (plan === null)
    return (
      <section class="start-broken">
        <h2>{checklist.name} cannot run yet</h2>
        <p class="hint">Nothing was kept and nothing was started. This is what stands in the way:</p>
        <Problems problems={problems} />
        {maySomewhere(me, 'checklist.write') && (
          <p class="hint">
            Was it not written for Holdpoint? <Link to="/checklists/import">Import it</Link>: that shows what in it
            could run, and makes a copy that starts.
          </p>
        )}
      </section>
    )
  const isOther = checklist.registered !== null && checklist.registered !== plan.digest
  return (
    <div class="start-columns">
      <div>
        {isOther && (
          <p class="preview-note">
            This server understands the checklist otherwise than the one that registered it. Read the plan before you
            start.
          </p>
        )}
        <Before lines={answer.readiness ?? []} />
        <DebtList debt={answer.debt ?? []} />
        <StartForm
          key={plan.digest}
          checklist={checklist}
          answer={answer}
          plan={plan}
          onRehearsal={onRehearsal}
          onLookAgain={() => onLookAgain(() => checklist)}
          onStarted={(release) => go(releasePath(release))}
          onQueued={() => go('/targets')}
        />
      </div>
      <Preview plan={plan} problems={problems} isRehearsal={isRehearsal} />
    </div>
  )
}

async function lookAt(choose: () => Promise<Checklist> | Checklist): Promise<Looked> {
  const checklist = await choose()
  const { file, base64, shared, calendars, project } = checklist
  const answer = await post<PlanAnswer>('/v1/plans', { document: { file, base64, shared, calendars }, project })
  serverSaid(answer.at)
  return { checklist, answer }
}

/** `/start?checklist=shop/release`, as pages about checklists link to it. */
function checklistInAddress(): { readonly project: string; readonly name: string } | null {
  const [project, name, ...more] = (new URLSearchParams(location.search).get('checklist') ?? '').split('/')
  return project !== undefined && project !== '' && name !== undefined && name !== '' && more.length === 0
    ? { project, name }
    : null
}

/** What releases, drills, incidents and waivers left to do: who does it, until when, and that it was done. */
import { useState } from 'preact/hooks'
import type { ToldFollowUp } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { Choice } from '../../parts/choice.tsx'
import { Field } from '../../parts/field.tsx'
import { Moment, Since, Until } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import { visible } from '../release/visible.ts'

interface FollowUpsProps {
  readonly followUps: readonly ToldFollowUp[]
  readonly onChanged: () => Promise<void>
}

export function FollowUps({ followUps, onChanged }: FollowUpsProps) {
  const [acting, setActing] = useState<{ readonly on: ToldFollowUp; readonly does: 'done' | 'change' } | null>(null)
  const open = followUps.filter(({ closed }) => closed === null)
  const closed = followUps.filter((one) => one.closed !== null)
  if (followUps.length === 0) return <NoFollowUps />
  return (
    <>
      {open.length === 0 && <p>Everything that was left to do is done.</p>}
      <ul class="reviews follow-ups">
        {open.map((one) => (
          <li key={one.id} class={one.overdue ? 'is-overdue' : undefined}>
            <FollowUpWords followUp={one} />
            <p class={one.overdue ? 'tone-bad' : 'hint'}>
              <Deadline followUp={one} />
            </p>
            <button
              type="button"
              aria-label={`Done: ${one.title}`}
              onClick={() => setActing({ on: one, does: 'done' })}
            >
              Done
            </button>{' '}
            <button
              type="button"
              aria-label={`Give or change: ${one.title}`}
              onClick={() => setActing({ on: one, does: 'change' })}
            >
              Give or change
            </button>
          </li>
        ))}
      </ul>
      {closed.length > 0 && (
        <details class="closed">
          <summary>{closed.length} done</summary>
          <ul class="reviews">
            {closed.map((one) => (
              <li key={one.id}>
                <FollowUpWords followUp={one} />
                {one.closed !== null && (
                  <p class="hint">
                    {visible(one.closed.by)}, <Moment at={one.closed.at} />: {visible(one.closed.note)}
                  </p>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
      {acting?.does === 'done' && <Done followUp={acting.on} onChanged={onChanged} onClose={() => setActing(null)} />}
      {acting?.does === 'change' && (
        <Change followUp={acting.on} onChanged={onChanged} onClose={() => setActing(null)} />
      )}
    </>
  )
}

function Deadline({ followUp: { due, overdue, owner, severity } }: { readonly followUp: ToldFollowUp }) {
  return (
    <>
      {owner === null ? 'nobody owns it' : `for ${visible(owner)}`}
      {severity !== 'normal' && `, ${severity}`}
      {due !== null && overdue && (
        <>
          , overdue for <Since at={due} />
        </>
      )}
      {due !== null && !overdue && (
        <>
          , due <Moment at={due} />, <Until at={due} />
        </>
      )}
      {due === null && ', no deadline'}
    </>
  )
}

function FollowUpWords({ followUp }: { readonly followUp: ToldFollowUp }) {
  const { title, kind, service, release, link, note, by } = followUp
  return (
    <p>
      <b>{visible(title)}</b>{' '}
      <span class="hint">
        {kind} of {release === null ? visible(service) : <Link to={releasePath(release)}>{release}</Link>}, from{' '}
        {visible(by)}
        {link !== null && (
          <>
            {' · '}
            <a href={link} rel="noreferrer noopener">
              {visible(link)}
            </a>
          </>
        )}
        {note !== '' && `: ${visible(note)}`}
      </span>
    </p>
  )
}

interface ActProps {
  readonly followUp: ToldFollowUp
  readonly onChanged: () => Promise<void>
  readonly onClose: () => void
}

function Done({ followUp, onChanged, onClose }: ActProps) {
  const [note, setNote] = useState('')
  const send = async (): Promise<void> => {
    await post('/v1/follow-ups/close', { id: followUp.id, note: note.trim() })
    await onChanged()
  }
  return (
    <ActDialog title="It is done" action="Done" onSend={send} onClose={onClose} lead={visible(followUp.title)}>
      <Field label="What was done" value={note} onValue={setNote} lines={3} isFirst required />
    </ActDialog>
  )
}

const severities = ['high', 'normal', 'low'].map((value) => ({ value, words: value }))

function Change({ followUp, onChanged, onClose }: ActProps) {
  const [owner, setOwner] = useState(followUp.owner ?? '')
  const [due, setDue] = useState(dayOf(followUp.due))
  const [severity, setSeverity] = useState<string>(followUp.severity)
  const [link, setLink] = useState(followUp.link ?? '')
  const send = async (): Promise<void> => {
    await post('/v1/follow-ups/change', {
      id: followUp.id,
      owner: owner.trim() === '' ? null : owner.trim(),
      due: due === '' ? null : new Date(`${due}T23:59:59`).getTime(),
      severity,
      link: link.trim() === '' ? null : link.trim(),
    })
    await onChanged()
  }
  return (
    <ActDialog title="Give or change" action="Keep" onSend={send} onClose={onClose} lead={visible(followUp.title)}>
      <Field label="Who does it" value={owner} onValue={setOwner} isFirst />
      <Field label="Until the end of" type="date" value={due} onValue={setDue} />
      <Choice label="How much it matters" value={severity} onValue={setSeverity} options={severities} />
      <Field label="Ticket or page" value={link} onValue={setLink} hint="Such as https://tickets.example/OPS-42" />
    </ActDialog>
  )
}

/** `2026-11-21` in the viewer's zone, as the field wants it. */
function dayOf(at: number | null): string {
  if (at === null) return ''
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
}

function NoFollowUps() {
  return (
    <section class="teach">
      <h2>Nothing is left to do</h2>
      <p>
        What a release, a drill or an incident taught becomes a task here: somebody does it, until a day, and it is
        shown before the next release of the same service. Post-mortems, waivers that end, and what a checklist names
        under <code>follow-ups</code> come by themselves. On the page of a release, or in a terminal:
      </p>
      <pre tabIndex={0}>
        <code>holdpoint follow-up add 'Alert on a full disk' --service checkout --owner ana --due 7d</code>
      </pre>
    </section>
  )
}

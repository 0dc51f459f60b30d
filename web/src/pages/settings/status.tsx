/** The public status page of each organisation: what strangers read, written and ended here. */
import { useState } from 'preact/hooks'
import type { OrganisationAnswer, StatusEntryAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { Field } from '../../parts/field.tsx'
import { Moment } from '../../parts/time.tsx'
import { type Word, wordsOfKind } from './status-words.ts'
import { ScheduleEntry } from './schedule-entry.tsx'

type Doing =
  | { readonly kind: 'incident' | 'maintenance' }
  | { readonly kind: 'update' | 'withdraw'; readonly entry: StatusEntryAnswer }

export function StatusPages() {
  const organisations = useAnswer<readonly OrganisationAnswer[]>('/v1/organisations')
  return (
    <>
      <header class="part-head">
        <h1>Status page</h1>
      </header>
      <p class="lead">
        What strangers read about incidents and planned maintenance. An announced maintenance begins by itself; what a
        release tells the page ends with the release.
      </p>
      {organisations.value?.map((organisation) => (
        <Entries key={organisation.id} organisation={organisation} />
      ))}
      <p class="trouble" role="alert">
        {organisations.why}
      </p>
    </>
  )
}

function Entries({ organisation }: { readonly organisation: OrganisationAnswer }) {
  const path = `/v1/organisations/${encodeURIComponent(organisation.id)}/status`
  const entries = useAnswer<readonly StatusEntryAnswer[]>(path)
  const [doing, setDoing] = useState<Doing | null>(null)
  const close = (): void => setDoing(null)
  const send = async (to: string, body: object): Promise<void> => {
    await post(to, body)
    await entries.again()
  }
  return (
    <section aria-label={organisation.name}>
      <header class="part-head">
        <h2>{organisation.name}</h2>
        <span class="aside-words">
          {organisation.statusPage ? (
            <a href={`/status/${encodeURIComponent(organisation.id)}`}>public</a>
          ) : (
            'the page is off: nobody reads this'
          )}
        </span>
        {entries.why === null && (
          <span class="sure">
            <button type="button" onClick={() => setDoing({ kind: 'incident' })}>
              Report an incident
            </button>
            <button type="button" onClick={() => setDoing({ kind: 'maintenance' })}>
              Announce a maintenance
            </button>
          </span>
        )}
      </header>
      {entries.value?.length === 0 && <p class="none">Nothing was written on this page yet.</p>}
      <ul class="entries" aria-label={`Entries of ${organisation.name}`}>
        {entries.value?.map((entry) => (
          <Entry key={entry.id} entry={entry} onDo={setDoing} />
        ))}
      </ul>
      <p class="trouble" role="alert">
        {entries.why}
      </p>
      {doing?.kind === 'incident' && <OpenIncident onSend={(body) => send(path, body)} onClose={close} />}
      {doing?.kind === 'maintenance' && <ScheduleEntry onSend={(body) => send(path, body)} onClose={close} />}
      {doing?.kind === 'update' && (
        <Update entry={doing.entry} onSend={(body) => send(`${path}/${doing.entry.id}`, body)} onClose={close} />
      )}
      {doing?.kind === 'withdraw' && (
        <Withdraw
          entry={doing.entry}
          onSend={(body) => send(`${path}/${doing.entry.id}/withdraw`, body)}
          onClose={close}
        />
      )}
    </section>
  )
}

function Entry({ entry, onDo }: { readonly entry: StatusEntryAnswer; readonly onDo: (doing: Doing) => void }) {
  const { title, status, services, from, until, withdrawn, publishAt } = entry
  const last = entry.updates.at(-1)
  const isOver = withdrawn || status === 'resolved' || status === 'completed'
  return (
    <li class="with-act">
      <span>
        <b class="break">{title}</b>{' '}
        <span class="aside-words">
          {status.replace('_', ' ')}
          {services.length > 0 && `, ${services.join(', ')}`}
          {withdrawn && ', withdrawn'}
          {!withdrawn && !entry.public && (
            <>
              , public from <Moment at={publishAt} />
            </>
          )}
        </span>
        {from !== null && (
          <>
            <br />
            <span class="aside-words">
              <Moment at={from} />
              {until !== null && (
                <>
                  {' to '}
                  <Moment at={until} />
                </>
              )}
            </span>
          </>
        )}
        {last !== undefined && (
          <>
            <br />
            <span class="break">{last.text}</span>{' '}
            <span class="aside-words">
              <Moment at={last.at} /> {last.by ?? 'by itself'}
            </span>
          </>
        )}
      </span>
      {!isOver && (
        <span class="sure">
          <button type="button" aria-label={`Update ${title}`} onClick={() => onDo({ kind: 'update', entry })}>
            Update
          </button>
          <button type="button" aria-label={`Withdraw ${title}`} onClick={() => onDo({ kind: 'withdraw', entry })}>
            Withdraw
          </button>
        </span>
      )}
    </li>
  )
}

interface SendProps {
  readonly onSend: (body: object) => Promise<void>
  readonly onClose: () => void
}

function OpenIncident({ onSend, onClose }: SendProps) {
  const [title, setTitle] = useState('')
  const [text, setText] = useState('')
  return (
    <ActDialog
      title="Report an incident"
      lead="Strangers read this at once, where the page is public."
      action="Report it"
      onSend={() => onSend({ title: title.trim(), status: 'investigating', ...(text.trim() && { text: text.trim() }) })}
      onClose={onClose}
    >
      <Field label="Title" hint="For example Slow payments" value={title} onValue={setTitle} required isFirst />
      <Field
        label="What strangers read"
        hint="Empty: “We are looking into a problem.”"
        value={text}
        onValue={setText}
        lines={4}
      />
    </ActDialog>
  )
}

function Update({ entry, onSend, onClose }: SendProps & { readonly entry: StatusEntryAnswer }) {
  const [status, setStatus] = useState<Word>(entry.status)
  const [text, setText] = useState('')
  return (
    <ActDialog
      title={`Update ${entry.title}`}
      action="Publish it"
      onSend={() => onSend({ status, ...(text.trim() && { text: text.trim() }) })}
      onClose={onClose}
    >
      <fieldset class="field">
        <legend>It is now</legend>
        {wordsOfKind[entry.about].map((word) => (
          <label key={word} class="check">
            <input type="radio" name="status" checked={status === word} onChange={() => setStatus(word)} />
            {word.replace('_', ' ')}
          </label>
        ))}
      </fieldset>
      <Field label="What strangers read" value={text} onValue={setText} lines={4} isFirst />
    </ActDialog>
  )
}

function Withdraw({ entry, onSend, onClose }: SendProps & { readonly entry: StatusEntryAnswer }) {
  const [reason, setReason] = useState('')
  return (
    <ActDialog
      title={`Withdraw ${entry.title}?`}
      lead="For what was written by mistake: it vanishes from the page and stays in the log. What is over is ended instead."
      action="Withdraw it"
      isStop
      onSend={() => onSend({ reason: reason.trim() })}
      onClose={onClose}
    >
      <Field label="Reason" value={reason} onValue={setReason} required isFirst />
    </ActDialog>
  )
}

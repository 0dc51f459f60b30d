/** Signing or rejecting, in place: a role where there are several, a note, a fresh sign-in where one is needed, and every no in words. */
import { useState } from 'preact/hooks'
import type { AskView, Plan, ReleaseView, StepView, WireCommand } from '../../../../src/api/wire/web.ts'
import { post, Refused, wordsOf } from '../../api/ask.ts'
import { CopyLink } from '../../parts/copy-link.tsx'
import { useDraft } from '../../parts/draft.ts'
import { NoteField } from '../../parts/note-field.tsx'
import { SignInAgain } from '../../parts/sign-in-again.tsx'
import { Moment } from '../../parts/time.tsx'
import { signPath } from '../../router.tsx'
import type { Me } from '../../session.ts'

interface SignFormProps {
  readonly view: ReleaseView
  readonly step: StepView
  readonly asks: AskView
  readonly me: Me
  readonly plan: Plan | null
  /** Of what was read: a signature over anything else is refused. */
  readonly digest: string | null
  /** Something changed that has not been read yet. */
  readonly isBarred: boolean
}

interface Written {
  readonly role: string
  readonly note: string
  readonly why: string
}

type Doing = 'signing' | 'rejecting' | 'taking back'

export function SignForm({ view, step, asks, me, plan, digest, isBarred }: SignFormProps) {
  const open = asks.roles.filter((role) => !asks.signedBy.some((one) => one.role === role))
  const mine = asks.signedBy.find(({ by }) => by === me.id)
  const isOwn = view.facts.startedBy.id === me.id
  const key = `sign ${view.release} ${step.id}`
  const [written, change, forget] = useDraft<Written>(key, { role: roleOf(me, open, plan), note: '', why: '' })
  const [doing, setDoing] = useState<Doing>('signing')
  const [refused, setRefused] = useState<unknown>(null)
  const [isSending, setSending] = useState(false)
  const set = (part: Partial<Written>): void => change((before) => ({ ...before, ...part }))
  const role = open.includes(written.role) ? written.role : (open[0] ?? null)

  const send = async (): Promise<void> => {
    if (isSending) return
    const reason = written.why.trim()
    if (doing !== 'signing' && reason === '') return setRefused(new Error('Say why: the others have to go on with it.'))
    setSending(true)
    setRefused(null)
    try {
      await post(`/v1/releases/${encodeURIComponent(view.release)}/commands`, {
        command: commandOf(doing, { step: step.id, role, digest, note: written.note, reason }),
        // What others signed meanwhile is on the page already; what is signed is held by its digest.
        seen: view.version,
      })
      forget()
      change(() => ({ role: '', note: '', why: '' }))
      setDoing('signing')
    } catch (cause) {
      setRefused(cause)
    } finally {
      setSending(false)
    }
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    void send()
  }
  const trouble = (
    <div role="alert">
      {refused !== null && (
        <div class="refusal">
          <p>{wordsOf(refused)}</p>
          {refused instanceof Refused && refused.changed.length > 0 && (
            <ul>
              {refused.changed.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </div>
  )
  if (refused instanceof Refused && refused.code === 'sign-in-required')
    return (
      <form class="sign-form" onSubmit={submit} noValidate>
        {trouble}
        <SignInAgain action={`Sign in and ${doing === 'signing' ? 'sign' : 'send'}`} onSignedIn={() => void send()} />
      </form>
    )
  if (doing !== 'signing')
    return (
      <form class="sign-form" onSubmit={submit} noValidate>
        <NoteField
          label={doing === 'rejecting' ? 'Why do you reject it?' : 'Why do you take it back?'}
          value={written.why}
          onValue={(why) => set({ why })}
          lines={3}
          required
          isFirst
          hint="Everybody who looks at this release reads it; it stays in the record."
        />
        {trouble}
        <div class="sign-buttons">
          <button type="submit" class="primary stop" aria-disabled={isSending}>
            {doing === 'rejecting' ? 'Reject' : 'Take my signature back'}
          </button>
          <button
            type="button"
            onClick={() => {
              setDoing('signing')
              setRefused(null)
            }}
          >
            Not now
          </button>
        </div>
      </form>
    )
  if (mine !== undefined)
    return (
      <section class="sign-form">
        <p>
          You signed this at <Moment at={mine.at} />
          {mine.role === null ? '' : ` as ${mine.role}`}.
        </p>
        <div class="sign-buttons">
          <button type="button" onClick={() => setDoing('taking back')}>
            Take it back
          </button>
        </div>
      </section>
    )
  if (step.state === 'failed')
    return (
      <p class="sign-form sign-words">
        It was rejected. When that is settled, somebody asks for signatures again on the page of the release.
      </p>
    )
  return (
    <form class="sign-form" onSubmit={submit} noValidate>
      {isOwn ? (
        <div class="sign-own">
          <p>
            You started this release: somebody else has to sign it.
            {open.length > 0 && ` It asks for ${open.join(', ')}.`}
          </p>
          <CopyLink path={signPath(view.release, step.id)} word="Copy the link for them" />
        </div>
      ) : (
        <>
          {open.length > 1 && (
            <fieldset class="field">
              <legend>You sign as</legend>
              {open.map((each) => (
                <label class="choice" key={each}>
                  <input
                    type="radio"
                    name="role"
                    value={each}
                    checked={each === role}
                    onChange={() => set({ role: each })}
                  />
                  {each}
                </label>
              ))}
            </fieldset>
          )}
          <NoteField label="Note" value={written.note} onValue={(note) => set({ note })} lines={2} />
        </>
      )}
      {trouble}
      <div class="sign-buttons">
        {!isOwn && (
          <button type="submit" class="primary" disabled={isBarred} aria-disabled={isSending}>
            Sign{role === null ? '' : ` as ${role}`}
          </button>
        )}
        <button
          type="button"
          class="stop"
          onClick={() => {
            setDoing('rejecting')
            setRefused(null)
          }}
        >
          Reject
        </button>
      </div>
    </form>
  )
}

interface Said {
  readonly step: string
  readonly role: string | null
  readonly digest: string | null
  readonly note: string
  readonly reason: string
}

function commandOf(doing: Doing, { step, role, digest, note, reason }: Said): WireCommand {
  switch (doing) {
    case 'signing':
      return { kind: 'Approve', step, role, digest, typed: null, note: note.trim() === '' ? null : note.trim() }
    case 'rejecting':
      return { kind: 'Reject', step, role, why: reason }
    case 'taking back':
      return { kind: 'RevokeApproval', step, why: reason }
  }
}

/** The first that this person is known to hold; else the first that is open. */
function roleOf(me: Me, open: readonly string[], plan: Plan | null): string {
  const held = open.find(
    (role) =>
      me.grants.some((grant) => grant.role === role) ||
      plan?.roles[role]?.some(({ id }) => id === me.id) ||
      plan?.delegates?.[role]?.some(({ id }) => id === me.id),
  )
  return held ?? open[0] ?? ''
}

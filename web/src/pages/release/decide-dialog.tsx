/** Asks for what a decision needs and sends it; a refusal stays in the dialog, beside what was written. */
import { useMemo, useRef, useState } from 'preact/hooks'
import type { Evidence, ReleaseView } from '../../../../src/api/wire/web.ts'
import { post, Refused, wordsOf } from '../../api/ask.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { useDraft } from '../../parts/draft.ts'
import { Field } from '../../parts/field.tsx'
import { NoteField } from '../../parts/note-field.tsx'
import { PersonField } from '../../parts/person-field.tsx'
import { SignInAgain } from '../../parts/sign-in-again.tsx'
import type { Decision, Input, Values } from './decisions.ts'
import { EvidenceInput } from './evidence-input.tsx'
import { Signed } from './signed.tsx'

interface DecideDialogProps {
  readonly decision: Decision
  /** As it stands now; what the person saw is kept from when the dialog opened. */
  readonly view: ReleaseView
  /** Who looks, by id: nobody signs what they started. */
  readonly viewer?: string
  readonly onDone: () => void
  readonly onCancel: () => void
}

interface Written {
  readonly values: Values
  readonly evidence: readonly Evidence[]
}

export function DecideDialog({ decision, view, viewer, onDone, onCancel }: DecideDialogProps) {
  const start: Written = {
    values: Object.fromEntries(decision.inputs.map((input) => [input.name, input.start ?? ''])),
    evidence: [],
  }
  const [written, change, forget] = useDraft<Written>(`${view.release} ${decision.action} ${decision.title}`, start)
  // A step may ask for more than when it was written.
  const values: Values = { ...start.values, ...written.values }
  const { evidence } = written
  const [seen, setSeen] = useState(view.version)
  const [refused, setRefused] = useState<unknown>(null)
  const [isSending, setSending] = useState(false)
  const problem = useRef<HTMLDivElement>(null)
  const missing = decision.inputs.find(({ name, required }) => required && (values[name] ?? '').trim() === '')

  const send = async (): Promise<void> => {
    setSending(true)
    try {
      await post(`/v1/releases/${encodeURIComponent(view.release)}/commands`, {
        command: decision.command(values, evidence),
        seen,
      })
      forget()
      onDone()
    } catch (cause) {
      setRefused(cause)
      requestAnimationFrame(() => problem.current?.scrollIntoView({ block: 'nearest' }))
    } finally {
      setSending(false)
    }
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (isSending) return
    if (missing !== undefined) return setRefused(new Error(`“${missing.label}” is needed.`))
    if (decision.evidence === 'required' && evidence.length === 0)
      return setRefused(new Error('This step needs evidence: choose a file, drop one here, or paste a picture.'))
    void send()
  }
  const isStale = refused instanceof Refused && refused.code === 'stale-view'
  return (
    <Dialog title={decision.title} onClose={onCancel}>
      <form onSubmit={submit} noValidate class="decide">
        {decision.lead !== undefined && decision.lead !== '' && <p class="lead">{decision.lead}</p>}
        {decision.signs !== undefined && view.facts.startedBy.id === viewer && (
          <p class="lead">You started this release: somebody else has to sign it. The link below is for them.</p>
        )}
        {decision.reads !== undefined && (
          <section class="signed" aria-label="What you take over">
            <p class="label">You take over exactly this</p>
            <ul tabIndex={0} aria-label="Notes and the way back">
              {decision.reads.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </section>
        )}
        {decision.signs !== undefined && <Signed step={decision.signs} view={view} />}
        {decision.inputs.map((input, at) => (
          <InputField
            key={input.name}
            input={input}
            isFirst={at === 0}
            value={values[input.name] ?? ''}
            onValue={(value) => {
              if (!(refused instanceof Refused)) setRefused(null)
              change((before) => ({ ...before, values: { ...before.values, [input.name]: value } }))
            }}
          />
        ))}
        {(decision.evidence ?? 'none') !== 'none' && (
          <EvidenceInput
            evidence={evidence}
            first={decision.files ?? []}
            onEvidence={(next) => {
              if (!(refused instanceof Refused)) setRefused(null)
              change((before) => ({ ...before, evidence: next(before.evidence) }))
            }}
            isRequired={decision.evidence === 'required'}
          />
        )}
        <div ref={problem} role="alert">
          {refused !== null && <Trouble cause={refused} />}
        </div>
        {refused instanceof Refused && refused.code === 'sign-in-required' ? (
          <SignInAgain action="Sign in and send" onSignedIn={() => void send()} />
        ) : (
          <div class="ends">
            <button
              type="button"
              onClick={() => {
                // Whoever closes the dialog otherwise finds again what they wrote.
                forget()
                onCancel()
              }}
            >
              Cancel
            </button>
            {isStale && seen !== view.version ? (
              // A key of its own: a button that becomes the sending one under a click would send at once.
              <button
                key="seen"
                type="button"
                class="primary"
                onClick={() => {
                  setSeen(view.version)
                  setRefused(null)
                }}
              >
                I have seen this
              </button>
            ) : (
              <button
                key="send"
                type="submit"
                class={`primary${decision.isStop === true ? ' stop' : ''}`}
                aria-disabled={isSending}
              >
                {decision.action}
              </button>
            )}
          </div>
        )}
      </form>
    </Dialog>
  )
}

function Trouble({ cause }: { readonly cause: unknown }) {
  const changed = cause instanceof Refused ? cause.changed : []
  return (
    <div class="refusal">
      <p>{wordsOf(cause)}</p>
      {changed.length > 0 && (
        <ul>
          {changed.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </div>
  )
}

interface InputFieldProps {
  readonly input: Input
  readonly value: string
  readonly isFirst: boolean
  readonly onValue: (value: string) => void
}

function InputField({ input, value, isFirst, onValue }: InputFieldProps) {
  const { label, kind, required, hint, trouble = null } = input
  const options = useMemo(() => (kind === 'yes' ? ['true', 'false'] : (input.options ?? [])), [kind, input.options])
  if (kind === 'choice' || kind === 'yes')
    return (
      <fieldset class="field">
        <legend>{label}</legend>
        {options.map((option) => (
          <label class="choice" key={option}>
            <input
              type="radio"
              name={input.name}
              value={option}
              checked={option === value}
              autofocus={isFirst && option === value}
              onChange={() => onValue(option)}
            />
            {kind === 'yes' ? (option === 'true' ? 'yes' : 'no') : option}
            {input.optionHints?.[option] !== undefined && <span class="hint"> {input.optionHints[option]}</span>}
          </label>
        ))}
      </fieldset>
    )
  const common = {
    label,
    value,
    onValue,
    required,
    isFirst,
    ...(hint === undefined || hint === '' ? {} : { hint }),
  }
  if (kind === 'lines') return <NoteField {...common} {...(input.lines === undefined ? {} : { lines: input.lines })} />
  if (kind === 'person') return <PersonField {...common} />
  return <Field {...common} trouble={trouble} {...(kind === 'moment' ? { type: 'datetime-local' as const } : {})} />
}

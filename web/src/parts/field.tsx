/** One field of a form with its label, a hint, and what is wrong with it. */
import type { TargetedEvent } from 'preact'
import { useId } from 'preact/hooks'

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly onValue: (value: string) => void
  readonly hint?: string
  readonly type?: 'text' | 'password' | 'email' | 'number' | 'date' | 'datetime-local'
  readonly autocomplete?: string
  readonly required?: boolean
  readonly lines?: number
  readonly isFirst?: boolean
  readonly trouble?: string | null
  readonly inputMode?: 'decimal' | 'text'
}

export function Field(props: FieldProps) {
  const id = useId()
  const { label, value, onValue, hint, trouble = null, lines, required = false, isFirst = false } = props
  const told = [hint === undefined ? '' : `${id}-hint`, trouble === null ? '' : `${id}-trouble`].join(' ').trim()
  const common = {
    id,
    value,
    required,
    autofocus: isFirst,
    'aria-describedby': told === '' ? undefined : told,
    'aria-invalid': trouble === null ? undefined : true,
  }
  const onInput = (event: TargetedEvent<HTMLInputElement | HTMLTextAreaElement>): void =>
    onValue(event.currentTarget.value)
  return (
    <div class="field">
      <label for={id}>
        {label}
        {!required && <span class="optional"> optional</span>}
      </label>
      {lines === undefined ? (
        <input
          {...common}
          {...({ type: props.type ?? 'text' } as { type: 'text' })}
          autocomplete={props.autocomplete ?? 'off'}
          inputMode={props.inputMode}
          onInput={onInput}
        />
      ) : (
        <textarea {...common} rows={lines} onInput={onInput} />
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {trouble !== null && (
        <p class="trouble" id={`${id}-trouble`}>
          {trouble}
        </p>
      )}
    </div>
  )
}

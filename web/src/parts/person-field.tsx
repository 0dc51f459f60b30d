/** A field for a name, which offers the people who see the release. */
import { useId } from 'preact/hooks'
import { usePeople } from './people.tsx'

interface PersonFieldProps {
  readonly label: string
  readonly value: string
  readonly onValue: (value: string) => void
  readonly hint?: string
  readonly required?: boolean
  readonly isFirst?: boolean
}

export function PersonField({ label, value, onValue, hint, required = false, isFirst = false }: PersonFieldProps) {
  const id = useId()
  const people = usePeople()
  return (
    <div class="field">
      <label for={id}>
        {label}
        {!required && <span class="optional"> optional</span>}
      </label>
      <input
        id={id}
        type="text"
        list={`${id}-people`}
        value={value}
        required={required}
        autofocus={isFirst}
        autocomplete="off"
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <datalist id={`${id}-people`}>
        {people.map((person) => (
          <option key={person.id} value={person.id}>
            {person.name}
          </option>
        ))}
      </datalist>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

/** A field for a note in which @ offers the people who see the release; by pointer, or with the arrows and Enter. */
import { useId, useRef, useState } from 'preact/hooks'
import { type Begun, begunAt, completed, fitting } from './mentions.ts'
import { usePeople } from './people.tsx'

interface NoteFieldProps {
  readonly label: string
  readonly value: string
  readonly onValue: (value: string) => void
  readonly hint?: string
  readonly required?: boolean
  readonly lines?: number
  readonly isFirst?: boolean
}

export function NoteField(props: NoteFieldProps) {
  const { label, value, onValue, hint, required = false, lines = 3, isFirst = false } = props
  const id = useId()
  const area = useRef<HTMLTextAreaElement>(null)
  const people = usePeople()
  const [begun, setBegun] = useState<Begun | null>(null)
  const [chosen, setChosen] = useState(0)
  const offered = begun === null ? [] : fitting(begun.words, people)
  const at = Math.min(chosen, offered.length - 1)
  const isOpen = offered.length > 0
  const look = (): void => {
    const place = area.current
    const next = place === null ? null : begunAt(place.value, place.selectionStart)
    if (next?.at !== begun?.at || next?.words !== begun?.words) setChosen(0)
    setBegun(next)
  }
  const take = (person: string): void => {
    const place = area.current
    if (place === null || begun === null) return
    const next = completed(place.value, begun, place.selectionStart, person)
    setBegun(null)
    onValue(next.text)
    requestAnimationFrame(() => {
      place.focus()
      place.setSelectionRange(next.caret, next.caret)
    })
  }
  const press = (event: KeyboardEvent): void => {
    if (!isOpen) return
    const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }
    const move = moves[event.key]
    if (move !== undefined) setChosen((at + move + offered.length) % offered.length)
    else if (event.key === 'Enter' || event.key === 'Tab') take(offered[at]?.id ?? '')
    else if (event.key === 'Escape') setBegun(null)
    else return
    // Of the list alone: Escape closes no dialog here, and Enter sends nothing.
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div class="field note-field">
      <label for={id}>
        {label}
        {!required && <span class="optional"> optional</span>}
      </label>
      <textarea
        ref={area}
        id={id}
        rows={lines}
        value={value}
        required={required}
        autofocus={isFirst}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        aria-autocomplete="list"
        aria-controls={isOpen ? `${id}-people` : undefined}
        aria-activedescendant={isOpen ? `${id}-${at}` : undefined}
        onInput={(event) => {
          onValue(event.currentTarget.value)
          look()
        }}
        onKeyDown={press}
        onKeyUp={(event) => {
          if (/^(Arrow(Left|Right)|Home|End)$/.test(event.key)) look()
        }}
        onClick={look}
        onBlur={() => setBegun(null)}
      />
      {isOpen && (
        <ul class="mention-list" role="listbox" id={`${id}-people`} aria-label="People who see this release">
          {offered.map((person, place) => (
            <li
              key={person.id}
              id={`${id}-${place}`}
              role="option"
              aria-selected={place === at}
              // Before the field loses the focus.
              onMouseDown={(event) => {
                event.preventDefault()
                take(person.id)
              }}
            >
              <b>@{person.id}</b> {person.name} <span class="hint">{person.roles.join(', ')}</span>
            </li>
          ))}
        </ul>
      )}
      <p class="aside" role="status">
        {isOpen ? `${offered.length} ${offered.length === 1 ? 'person' : 'people'} to mention` : ''}
      </p>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

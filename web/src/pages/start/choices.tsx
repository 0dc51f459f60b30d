/** One of a few, each with a line about it; of many, a list that opens. */
import { useId } from 'preact/hooks'

export interface Choice {
  readonly value: string
  readonly label: string
  readonly tag?: string | undefined
  readonly says?: string
}

interface ChoicesProps {
  readonly label: string
  readonly name: string
  readonly options: readonly Choice[]
  readonly value: string
  readonly onValue: (value: string) => void
  readonly hint?: string | undefined
  readonly trouble?: string | null
  readonly isRequired?: boolean
}

const MOST_SHOWN = 6

export function Choices(props: ChoicesProps) {
  const { label, name, options, value, onValue, hint, trouble = null, isRequired = true } = props
  const id = useId()
  const told = [hint === undefined ? '' : `${id}-hint`, trouble === null ? '' : `${id}-trouble`].join(' ').trim()
  const below = (
    <>
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
    </>
  )
  const optional = !isRequired && <span class="optional"> optional</span>
  if (options.length > MOST_SHOWN)
    return (
      <div class="field">
        <label for={id}>
          {label}
          {optional}
        </label>
        <select
          id={id}
          value={value}
          aria-describedby={told === '' ? undefined : told}
          aria-invalid={trouble === null ? undefined : true}
          onChange={(event) => onValue(event.currentTarget.value)}
        >
          {!options.some((option) => option.value === '') && <option value="">choose one</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        {below}
      </div>
    )
  return (
    <fieldset
      class={`field choices${trouble === null ? '' : ' is-wrong'}`}
      aria-describedby={told === '' ? undefined : told}
    >
      <legend>
        {label}
        {optional}
      </legend>
      <div class={options.every(({ says }) => says === undefined) ? 'choice-row' : ''}>
        {options.map((option) => (
          <label class="choice" key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onValue(option.value)}
            />
            <span>
              {option.label}
              {option.tag !== undefined && <span class="tag">{option.tag}</span>}
              {option.says !== undefined && <span class="hint choice-says">{option.says}</span>}
            </span>
          </label>
        ))}
      </div>
      {below}
    </fieldset>
  )
}

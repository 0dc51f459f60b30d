/** Finds a step by words in it, by its id, or by its state; the first one found is one key away. */
import { useMemo, useState } from 'preact/hooks'
import type { ReleaseView } from '../../../../src/api/wire/web.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { StateMark } from '../../parts/state-mark.tsx'
import { showStep } from './show-step.ts'

const MOST = 30

interface StepSearchProps {
  readonly view: ReleaseView
  readonly onClose: () => void
}

export function StepSearch({ view, onClose }: StepSearchProps) {
  const [words, setWords] = useState('')
  const found = useMemo(() => {
    const parts = words.toLowerCase().split(/\s+/).filter(Boolean)
    return view.phases
      .flatMap(({ steps }) => steps)
      .filter(({ id, text, state, owner }) =>
        parts.every((part) => `${id} ${text} ${state} ${owner ?? ''}`.toLowerCase().includes(part)),
      )
      .slice(0, MOST)
  }, [words, view])
  const pick = (id: string): void => {
    onClose()
    // Behind the dialog's own giving back of the focus.
    requestAnimationFrame(() => showStep(id))
  }
  return (
    <Dialog title="Find a step" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const [first] = found
          if (first !== undefined) pick(first.id)
        }}
      >
        <Field label="Words, a state, or an owner" value={words} onValue={setWords} isFirst required />
      </form>
      <ul class="found">
        {found.map(({ id, text, state }) => (
          <li key={id}>
            <button type="button" class="plain" onClick={() => pick(id)}>
              <StateMark state={state} /> {text}
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="hint">No step has these words.</p>}
    </Dialog>
  )
}

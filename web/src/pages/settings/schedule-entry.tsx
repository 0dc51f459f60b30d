/** A maintenance that is announced before it begins. */
import { useState } from 'preact/hooks'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { Field } from '../../parts/field.tsx'

interface ScheduleEntryProps {
  readonly onSend: (body: object) => Promise<void>
  readonly onClose: () => void
}

export function ScheduleEntry({ onSend, onClose }: ScheduleEntryProps) {
  const [title, setTitle] = useState('')
  const [from, setFrom] = useState('')
  const [until, setUntil] = useState('')
  const [text, setText] = useState('')
  const [endsItself, setEndsItself] = useState(false)
  return (
    <ActDialog
      title="Announce a maintenance"
      lead="Strangers read it at once. It begins by itself at its time."
      action="Announce it"
      onSend={() =>
        onSend({
          title: title.trim(),
          status: 'scheduled',
          from: timeOf(from, 'Begins'),
          ...(until !== '' && { until: timeOf(until, 'Over as planned') }),
          ...(text.trim() && { text: text.trim() }),
          endsItself,
        })
      }
      onClose={onClose}
    >
      <Field label="Title" hint="For example Database upgrade" value={title} onValue={setTitle} required isFirst />
      <Field label="Begins" hint="In your time zone" type="datetime-local" value={from} onValue={setFrom} required />
      <Field label="Over as planned" type="datetime-local" value={until} onValue={setUntil} />
      <label class="check">
        <input type="checkbox" checked={endsItself} onChange={(event) => setEndsItself(event.currentTarget.checked)} />
        Completed by itself then; else a person says when
      </label>
      <Field
        label="What strangers read"
        hint="Empty: “This maintenance is planned.”"
        value={text}
        onValue={setText}
        lines={4}
      />
    </ActDialog>
  )
}

function timeOf(given: string, label: string): number {
  const at = Date.parse(given)
  if (Number.isNaN(at)) throw new Error(`“${label}” is no time.`)
  return at
}

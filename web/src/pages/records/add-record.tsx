/** Writes down that something was done and seen, with how long it took and what proves it. */
import { useId, useState } from 'preact/hooks'
import type { Evidence, Project } from '../../../../src/api/wire/web.ts'
import { post, Refused, wordsOf } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { Choice } from '../../parts/choice.tsx'
import { serverNow } from '../../parts/clock.ts'
import { Field } from '../../parts/field.tsx'
import { EvidenceInput } from '../release/evidence-input.tsx'
import { millisOf } from './ledger.ts'

interface AddRecordProps {
  /** Names that are known, to choose from. */
  readonly names: readonly string[]
  readonly name: string
  readonly project: string | null
  readonly onAdded: () => Promise<void>
  readonly onClose: () => void
}

export function AddRecord({ names, name: startName, project: startProject, onAdded, onClose }: AddRecordProps) {
  const id = useId()
  const projects = useAnswer<readonly Project[]>('/v1/projects').value ?? []
  const [name, setName] = useState(startName)
  const [project, setProject] = useState(startProject)
  const [observed, setObserved] = useState(() => localMinute(serverNow()))
  const [took, setTook] = useState('')
  const [note, setNote] = useState('')
  const [evidence, setEvidence] = useState<readonly Evidence[]>([])
  const send = async (): Promise<void> => {
    const of = project ?? projects[0]?.id ?? null
    const body = { name: name.trim(), note: note.trim(), evidence: evidence.map(({ sha256 }) => sha256), project: of }
    await post('/v1/records', { ...body, observedAt: momentOf(observed), tookMs: tookOf(took) }).catch(
      (cause: unknown) => {
        throw new Error(whyNot(cause), { cause })
      },
    )
    await onAdded()
  }
  return (
    <ActDialog title="Add a record" action="Record it" onSend={send} onClose={onClose}>
      {projects.length > 1 && (
        <Choice
          label="Project"
          value={project ?? projects[0]?.id ?? ''}
          onValue={setProject}
          options={projects.map((each) => ({ value: each.id, words: each.id }))}
        />
      )}
      <div class="field">
        <label for={id}>Name</label>
        <input
          id={id}
          value={name}
          list={`${id}-names`}
          autocomplete="off"
          required
          autofocus
          aria-describedby={`${id}-hint`}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <datalist id={`${id}-names`}>
          {names.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <p class="hint" id={`${id}-hint`}>
          As checklists ask for it, such as restore-test
        </p>
      </div>
      <Field
        label="Observed"
        type="datetime-local"
        value={observed}
        onValue={setObserved}
        hint="Its age counts from here"
        required
      />
      <Field label="Took" value={took} onValue={setTook} hint="Such as 14m or 1h 30m" />
      <Field label="What was seen" value={note} onValue={setNote} lines={3} required />
      <EvidenceInput evidence={evidence} onEvidence={setEvidence} isRequired={false} />
    </ActDialog>
  )
}

function tookOf(words: string): number | null {
  if (words.trim() === '') return null
  const ms = millisOf(words)
  if (ms === null) throw new Error(`“${words}” is no length of time; such as 14m, 1h 30m or 90s.`)
  return ms
}

function momentOf(local: string): number {
  const at = new Date(local).getTime()
  if (Number.isNaN(at)) throw new Error('When was it observed? A day and a time.')
  // The field knows minutes: the one that runs now is not the future.
  return Math.min(at, Math.max(at - 60_000, serverNow()))
}

/** `2026-11-21T14:02` in the viewer's zone, as the field wants it. */
function localMinute(at: number): string {
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 16)
}

function whyNot(cause: unknown): string {
  if (cause instanceof Refused && (cause.code === 'forbidden' || cause.code === 'unknown-project'))
    return `${cause.message} Recording takes the role author or release-engineer there.`
  return wordsOf(cause)
}

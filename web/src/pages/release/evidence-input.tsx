/** Files that prove something: chosen, dropped on the dialog, or pasted; uploaded at once, sent along with the decision. */
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Evidence } from '../../../../src/api/wire/web.ts'
import { putEvidence, wordsOf } from '../../api/ask.ts'
import { sizeWords } from './size-words.ts'

interface EvidenceInputProps {
  readonly evidence: readonly Evidence[]
  readonly onEvidence: (change: (before: readonly Evidence[]) => readonly Evidence[]) => void
  readonly isRequired: boolean
  /** Files that came with the question: let go over the step, or pasted on it. */
  readonly first?: readonly File[]
}

const LARGEST = 64 * 1024 * 1024

export function EvidenceInput({ evidence, onEvidence, isRequired, first = [] }: EvidenceInputProps) {
  const id = useId()
  const place = useRef<HTMLDivElement>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [waiting, setWaiting] = useState(0)
  const [isOver, setOver] = useState(false)
  const take = (files: readonly File[]): void => {
    for (const file of files) {
      if (file.size > LARGEST) {
        setTrouble(`${file.name} is larger than 64 MiB. Attach the part that matters, or a link in the note.`)
        continue
      }
      setWaiting((count) => count + 1)
      putEvidence(file)
        .then(
          ({ sha256, size }) => {
            const kept = {
              name: nameOf(file),
              sha256,
              size,
              mediaType: file.type || 'application/octet-stream',
              truncated: false,
            }
            onEvidence((before) => [...before.filter((one) => one.sha256 !== sha256), kept])
          },
          (cause: unknown) => setTrouble(wordsOf(cause)),
        )
        .finally(() => setWaiting((count) => count - 1))
    }
  }
  useEffect(() => take(first), [])
  useEffect(() => {
    const dialog = place.current?.closest('dialog')
    if (dialog == null) return undefined
    const paste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length === 0) return
      event.preventDefault()
      take(files)
    }
    const over = (event: DragEvent): void => {
      event.preventDefault()
      setOver(true)
    }
    const leave = (): void => setOver(false)
    const drop = (event: DragEvent): void => {
      event.preventDefault()
      setOver(false)
      take([...(event.dataTransfer?.files ?? [])])
    }
    dialog.addEventListener('paste', paste)
    dialog.addEventListener('dragover', over)
    dialog.addEventListener('dragleave', leave)
    dialog.addEventListener('drop', drop)
    return () => {
      dialog.removeEventListener('paste', paste)
      dialog.removeEventListener('dragover', over)
      dialog.removeEventListener('dragleave', leave)
      dialog.removeEventListener('drop', drop)
    }
  }, [])
  return (
    <div class={`field evidence-input${isOver ? ' is-over' : ''}`} ref={place}>
      <label for={id}>Evidence{!isRequired && <span class="optional"> optional</span>}</label>
      <input
        id={id}
        type="file"
        multiple
        aria-describedby={`${id}-hint`}
        onChange={(event) => {
          take([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
      <p class="hint" id={`${id}-hint`}>
        Or drop files here, or paste a picture.
      </p>
      <ul>
        {evidence.map(({ name, size, sha256 }) => (
          <li key={sha256}>
            <span class="name">{name}</span> <span class="hint">{sizeWords(size)}</span>
            <button
              type="button"
              class="plain"
              aria-label={`Take ${name} away`}
              onClick={() => onEvidence((before) => before.filter((one) => one.sha256 !== sha256))}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <p class="trouble" role="status">
        {waiting > 0 ? `${waiting} on the way…` : trouble}
      </p>
    </div>
  )
}

/** A pasted picture has no name worth keeping. */
function nameOf(file: File): string {
  if (file.name !== '' && file.name !== 'image.png') return file.name.slice(0, 300)
  return `picture-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${file.type.split('/')[1] ?? 'bin'}`
}

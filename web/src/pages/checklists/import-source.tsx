/** Where a document comes from: dropped anywhere on the page, chosen, or pasted as text. */
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'

export interface Given {
  readonly file: string
  readonly base64: string
  readonly size: number
  /** `holdpoint.yaml`, and calendars that windows name: what lies beside it and came with it. */
  readonly shared: Beside | null
  readonly calendars: readonly Beside[]
}

interface Beside {
  readonly file: string
  readonly text: string
}

const LARGEST = 450_000

const SHARED = 'holdpoint.yaml'

/** One document, with what lies beside it. Throws what a person has to read. */
export async function givenFrom(files: readonly File[]): Promise<Given> {
  const shared = files.find(({ name }) => name === SHARED)
  const calendars = files.filter(({ name }) => name.toLowerCase().endsWith('.ics'))
  const [file, another] = files.filter((each) => each !== shared && !calendars.includes(each))
  if (file === undefined)
    throw new Error('That is no document: choose a Markdown file, with its calendars or holdpoint.yaml if it has any.')
  if (another !== undefined) throw new Error(`One document at a time: ${file.name} and ${another.name} came together.`)
  if (file.size > LARGEST)
    throw new Error(
      `${file.name} has ${file.size.toLocaleString()} bytes; at most ${LARGEST.toLocaleString()} are looked at: one checklist in each file.`,
    )
  return {
    file: file.name || 'RELEASE.md',
    base64: await base64Of(file),
    size: file.size,
    shared: shared === undefined ? null : { file: SHARED, text: await shared.text() },
    calendars: await Promise.all(calendars.map(async (each) => ({ file: each.name, text: await each.text() }))),
  }
}

function base64Of(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('load', () =>
      resolve(typeof reader.result === 'string' ? (reader.result.split(',')[1] ?? '') : ''),
    )
    reader.addEventListener('error', () => reject(new Error('The file could not be read.')))
    reader.readAsDataURL(blob)
  })
}

export function textAsFile(text: string, name: string): File {
  return new File([text], name, { type: 'text/markdown' })
}

interface ImportSourceProps {
  readonly onFiles: (files: readonly File[]) => void
}

export function ImportSource({ onFiles }: ImportSourceProps) {
  const id = useId()
  const [text, setText] = useState('')
  const area = useRef<HTMLTextAreaElement>(null)
  return (
    <section class="import-source">
      <p class="lead">
        Bring the checklist that your team has, as it is: this page shows what in it a machine could do, item by item.
        Nothing of it runs, and nothing is kept until you say so.
      </p>
      <div class="drop">
        <label for={id}>Choose a Markdown file, or drop one anywhere on this page</label>
        <input
          id={id}
          type="file"
          multiple
          accept=".md,.markdown,.txt,.ics,.yaml,text/markdown,text/plain,text/calendar"
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])]
            if (files.length > 0) onFiles(files)
          }}
        />
      </div>
      <p class="hint">
        Does it say <code>holdpoint: 1</code> already, and have calendars (<code>.ics</code>) or a{' '}
        <code>holdpoint.yaml</code>? Choose or drop them together with it.
      </p>
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() === '') area.current?.focus()
          else onFiles([textAsFile(text, 'RELEASE.md')])
        }}
      >
        <label for={`${id}-text`}>Or paste its text</label>
        <textarea
          ref={area}
          id={`${id}-text`}
          rows={10}
          spellcheck={false}
          placeholder={
            '# Release\n\n- [ ] All tests are green\n- [ ] curl -fsS https://shop.example.com/healthz answers'
          }
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <div class="ends">
          <button type="submit" class="primary">
            Look at it
          </button>
        </div>
      </form>
      <p class="hint">
        The terminal does the same: <code>holdpoint import RELEASE.md</code>
      </p>
    </section>
  )
}

/** Files that are let go anywhere on the page; true while one is over it. */
export function useDrop(onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setOver] = useState(false)
  const newest = useRef(onFiles)
  newest.current = onFiles
  // Before the page is seen: a file may be let go at once.
  useLayoutEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(false)
      const files = [...(event.dataTransfer?.files ?? [])]
      if (files.length > 0) newest.current(files)
    }
    document.addEventListener('dragover', over)
    document.addEventListener('dragleave', leave)
    document.addEventListener('drop', drop)
    return () => {
      document.removeEventListener('dragover', over)
      document.removeEventListener('dragleave', leave)
      document.removeEventListener('drop', drop)
    }
  }, [])
  return isOver
}

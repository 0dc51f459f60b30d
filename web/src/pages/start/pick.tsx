/** Which checklist is to run: one that a project has registered, or a Markdown file that somebody brings. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { RegisteredChecklist } from '../../../../src/api/wire/web.ts'
import { wordsOf } from '../../api/ask.ts'
import { Field } from '../../parts/field.tsx'
import { Moment } from '../../parts/time.tsx'
import { Link } from '../../router.tsx'
import { type Checklist, fromFiles, fromText, registeredChecklists } from './checklist.ts'

interface PickProps {
  /** Whoever may not write checklists starts what is registered, and nothing else. */
  readonly mayBring: boolean
  /** What was pasted so far. */
  readonly pasted: string
  readonly onPasted: (text: string) => void
  readonly onPick: (choose: () => Promise<Checklist> | Checklist) => void
  readonly onRegistered: (project: string, name: string) => void
}

export function Pick({ mayBring, pasted, onPasted, onPick, onRegistered }: PickProps) {
  const [all, setAll] = useState<readonly RegisteredChecklist[] | null>(null)
  const [why, setWhy] = useState<string | null>(null)
  useEffect(() => {
    registeredChecklists().then(setAll, (cause: unknown) => setWhy(wordsOf(cause)))
  }, [])
  return (
    <div class="pick">
      <section aria-label="Registered checklists">
        <h2>Registered checklists</h2>
        <p class="trouble" role="alert">
          {why}
        </p>
        {all?.length === 0 && (
          <p class="hint">
            No project has registered one yet.{' '}
            {mayBring ? (
              <>
                <Link to="/checklists/import">Import the one that your team has</Link> and register it there, or from a
                terminal: <code>holdpoint checklist register shop/release RELEASE.md</code>.
              </>
            ) : (
              'Whoever may write checklists does, on the page of the checklists.'
            )}{' '}
            Everybody who may start releases can start it then, byte for byte.
          </p>
        )}
        <ul class="pick-list">
          {all?.map((each) => (
            <li key={`${each.project}/${each.name}`}>
              <button type="button" onClick={() => onRegistered(each.project, each.name)}>
                <span class="pick-name">
                  {each.service} <b>{each.name}</b>
                </span>
                <span class="hint">
                  {each.project} · {sourceWords(each)} · <Moment at={each.registeredAt} /> by {each.registeredBy}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </section>
      {mayBring ? (
        <Bring pasted={pasted} onPasted={onPasted} onPick={onPick} />
      ) : (
        <p class="hint">
          A file of your own takes the right to write checklists, which authors and release engineers have.
        </p>
      )}
    </div>
  )
}

function sourceWords({ source }: RegisteredChecklist): string {
  if (source.kind === 'git') return `${source.path} at ${source.ref} (${source.commit.slice(0, 9)})`
  // Of the machine that registered it only the last part says anything here.
  return source.file.split('/').at(-1) ?? source.file
}

function Bring({ pasted: text, onPasted, onPick }: Pick<PickProps, 'pasted' | 'onPasted' | 'onPick'>) {
  const [isOver, setOver] = useState(false)
  const place = useRef<HTMLElement>(null)
  const take = (files: FileList | null | undefined): void => {
    const given = [...(files ?? [])]
    if (given.length > 0) onPick(() => fromFiles(given))
  }
  useLayoutEffect(() => {
    // Anywhere on the page: a file that misses the frame would else replace the page.
    const over = (event: DragEvent): void => {
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      event.preventDefault()
      setOver(false)
      take(event.dataTransfer?.files)
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
  return (
    <section class={`bring${isOver ? ' is-over' : ''}`} aria-label="A file of yours" ref={place}>
      <h2>A file of yours</h2>
      <p class="hint">
        Drop a Markdown file anywhere on this page, with its <code>holdpoint.yaml</code> and calendars (
        <code>.ics</code>) if it has any, or choose it. Nothing runs before you have seen what it would do.
      </p>
      <input
        type="file"
        multiple
        accept=".md,.markdown,.txt,.yaml,.ics"
        aria-label="Checklist file"
        onChange={(event) => {
          take(event.currentTarget.files)
          event.currentTarget.value = ''
        }}
      />
      <form
        class="paste"
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '') onPick(() => fromText(text))
        }}
      >
        <Field label="Or paste its text" value={text} onValue={onPasted} lines={text === '' ? 4 : 16} required />
        <button type="submit" aria-disabled={text.trim() === ''}>
          Look at it
        </button>
      </form>
    </section>
  )
}

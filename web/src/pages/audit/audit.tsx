/** The audit: found by person, action, place and time; taken out as a file; verified. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { AuditEntry } from '../../../../src/api/wire/web.ts'
import { momentWords } from '../../parts/clock.ts'
import { KeysHelp } from '../../parts/keys.tsx'
import { Moment } from '../../parts/time.tsx'
import { WindowList } from '../../parts/window-list.tsx'
import { Entry } from './entry.tsx'
import { onMoved } from '../../router.tsx'
import { useEntries } from './look-back.ts'
import { addressOf, askedOf, type Query, queryIn, streams } from './query.ts'
import { Verify } from './verify.tsx'
import '../../style/audit.css'

export function Audit() {
  const [query, setQuery] = useState<Query>(() => queryIn(location.search))
  const asked = askedOf(query)
  const found = useEntries(asked)
  const [chosen, setChosen] = useState<number | null>(null)
  const [opened, setOpened] = useState<AuditEntry | null>(null)
  const [isVerifying, setVerifying] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  const height = useRowHeight()
  useEffect(() => {
    document.title = 'Audit · Holdpoint'
  }, [])
  useEffect(() => history.replaceState(null, '', addressOf(query)), [query])
  useEffect(() => onMoved(() => setQuery(queryIn(location.search))), [])
  const chosenAt = found.entries.findIndex(({ position }) => position === chosen)
  const step = (by: 1 | -1) => () => {
    const at = chosenAt === -1 ? (by === 1 ? 0 : found.entries.length - 1) : chosenAt + by
    setChosen(found.entries[at]?.position ?? chosen)
  }
  const keys = [
    { key: '/', does: 'search', on: () => first.current?.focus() },
    { key: 'j', does: 'next entry', on: step(1) },
    { key: 'k', does: 'previous entry', on: step(-1) },
    { key: 'Enter', does: 'open it', on: () => setOpened(found.entries[chosenAt] ?? null) },
  ]
  return (
    <div class="audit">
      <header class="audit-head">
        <h1>Audit</h1>
        <span class="audit-acts">
          <a class="button" href={`/v1/audit/export?${asked}&format=csv`} download>
            CSV
          </a>
          <a class="button" href={`/v1/audit/export?${asked}&format=jsonl`} download>
            JSON lines
          </a>
          <button type="button" onClick={() => setVerifying(true)}>
            Verify the log
          </button>
        </span>
        <div class="streams" role="group" aria-label="What to look at">
          {streams.map(({ id, word, says }) => (
            <button
              key={id}
              type="button"
              title={says}
              aria-pressed={query.stream === id}
              onClick={() => setQuery({ ...query, stream: id })}
            >
              {word}
            </button>
          ))}
        </div>
        <Search query={query} onQuery={setQuery} first={first} />
      </header>
      <WindowList
        label="Entries"
        items={found.entries}
        heightOf={() => height}
        keyOf={({ position }) => String(position)}
        draw={(entry) => <Row entry={entry} isChosen={entry.position === chosen} onOpen={() => setOpened(entry)} />}
        onNearEnd={found.more}
        inSight={chosenAt === -1 ? null : chosenAt}
      />
      <End
        found={found}
        isNarrowed={asked.includes('&')}
        onAll={() => setQuery({ ...queryIn(''), stream: query.stream })}
      />
      {opened !== null && (
        <Entry
          entry={opened}
          onClose={() => setOpened(null)}
          onOnly={(only) => {
            setOpened(null)
            setQuery({ ...query, ...only })
          }}
        />
      )}
      {isVerifying && <Verify onClose={() => setVerifying(false)} />}
      <KeysHelp keys={keys} />
    </div>
  )
}

interface SearchProps {
  readonly query: Query
  readonly onQuery: (query: Query) => void
  readonly first: { current: HTMLInputElement | null }
}

function Search({ query, onQuery, first }: SearchProps) {
  const box = (name: 'by' | 'what' | 'place' | 'from' | 'to', label: string, hint: string) => (
    <label class="box">
      {label}
      <input
        ref={name === 'by' ? first : undefined}
        {...({ type: name === 'from' || name === 'to' ? 'date' : 'search' } as { type: 'search' })}
        placeholder={hint}
        autocomplete="off"
        value={query[name]}
        onInput={(event) => onQuery({ ...query, [name]: event.currentTarget.value })}
      />
    </label>
  )
  return (
    <form class="audit-search" role="search" onSubmit={(event) => event.preventDefault()}>
      {box('by', 'Person', 'ana')}
      {box('what', 'Action', 'signed in')}
      {box('place', 'Place', 'acme/shop')}
      {box('from', 'From', '')}
      {box('to', 'To', '')}
    </form>
  )
}

interface RowProps {
  readonly entry: AuditEntry
  readonly isChosen: boolean
  readonly onOpen: () => void
}

function Row({ entry, isChosen, onOpen }: RowProps) {
  return (
    <button type="button" class={`audit-row${isChosen ? ' is-chosen' : ''}`} onClick={onOpen}>
      <span class="when">
        <Moment at={entry.at} />
      </span>
      <span class="by">{entry.by.id}</span>
      <span class="say">{entry.say}</span>
      <span class="where">{entry.places.join(', ')}</span>
    </button>
  )
}

interface EndProps {
  readonly found: ReturnType<typeof useEntries>
  readonly isNarrowed: boolean
  readonly onAll: () => void
}

/** What stands below the last entry: how far it was looked, and going on. */
function End({ found, isNarrowed, onAll }: EndProps) {
  const back = useMemo(
    () => (found.lookedTo === null ? '' : ` back to ${momentWords(found.lookedTo)}`),
    [found.lookedTo],
  )
  return (
    <div class="audit-end" role="status">
      {found.why !== null && <p class="trouble">{found.why}</p>}
      {found.isLooking && <p>Looking{back}…</p>}
      {!found.isLooking && found.next === null && (
        <p>
          {found.entries.length === 0
            ? isNarrowed
              ? 'Nothing like that is written here. '
              : 'Nothing is written here yet. '
            : `That is all: ${found.entries.length} ${found.entries.length === 1 ? 'entry' : 'entries'}. `}
          {isNarrowed && (
            <button type="button" class="plain" onClick={onAll}>
              Show all
            </button>
          )}
        </p>
      )}
      {!found.isLooking && found.next !== null && (
        <p>
          {found.entries.length} so far, looked{back}.{' '}
          <button type="button" onClick={found.more}>
            Look further back
          </button>
        </p>
      )}
    </div>
  )
}

/** Rows are taller where a line has to be broken. */
function useRowHeight(): number {
  const narrow = useMemo(() => matchMedia('(max-width: 48rem)'), [])
  const [isNarrow, setNarrow] = useState(narrow.matches)
  useEffect(() => {
    const changed = (): void => setNarrow(narrow.matches)
    narrow.addEventListener('change', changed)
    return () => narrow.removeEventListener('change', changed)
  }, [narrow])
  return isNarrow ? 92 : 40
}

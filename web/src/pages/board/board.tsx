/** All releases: what needs the viewer first, what is open, then what has ended. Live, and as long as it has to be. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { BoardLine, BoardWaiting } from '../../../../src/api/wire/web.ts'
import { PastReleases } from '../../api/past-releases.ts'
import { type BoardState, pollBoard } from '../../api/poll-board.ts'
import { KeysHelp } from '../../parts/keys.tsx'
import { LostBar } from '../../parts/lost-bar.tsx'
import { WindowList } from '../../parts/window-list.tsx'
import { go, Link, releasePath } from '../../router.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import { countsOf, type Group, groups, type Row, rowsOf } from './lines.ts'
import { EndedRow, GroupRow, OpenRow } from './rows.tsx'
import '../../style/board.css'

const EMPTY: readonly BoardLine[] = []

export function Board({ me }: { readonly me: Me }) {
  const { board, past } = useReleases()
  const [group, setGroup] = useState<Group | null>(null)
  const [words, setWords] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const search = useRef<HTMLInputElement>(null)
  const open = board.lines ?? EMPTY
  const counts = useMemo(() => countsOf(open), [open])
  const rows = useMemo(
    () => rowsOf(open, past.lines, past.isAll ? null : board.ended, { group, words }),
    [open, past.lines, past.isAll, board.ended, group, words],
  )
  const heights = useRowHeights()
  const needed = counts.get('yours') ?? 0
  useEffect(() => {
    document.title = needed > 0 ? `(${needed}) Releases · Holdpoint` : 'Releases · Holdpoint'
  }, [needed])
  const chosenAt = rows.findIndex((row) => row.kind !== 'group' && row.line.id === chosen)
  const step = (by: 1 | -1) => () => {
    let at = chosenAt === -1 ? (by === 1 ? -1 : rows.length) : chosenAt
    do at += by
    while (rows[at]?.kind === 'group')
    const row = rows[at]
    if (row !== undefined && row.kind !== 'group') setChosen(row.line.id)
  }
  const keys = [
    { key: '/', does: 'search; ↓ and ↑ choose, ↵ opens, Esc leaves', on: () => search.current?.focus() },
    { key: 'j', does: 'next release', on: step(1) },
    { key: 'k', does: 'previous release', on: step(-1) },
    ...(maySomewhere(me, 'release.start') ? [{ key: 's', does: 'start a release', on: () => go('/start') }] : []),
    { key: 'Enter', does: 'open it', on: () => (chosen === null ? undefined : go(releasePath(chosen))) },
  ]
  const first = rows.find((row) => row.kind !== 'group')
  const inSearch: Readonly<Record<string, (field: HTMLInputElement) => void>> = {
    ArrowDown: step(1),
    ArrowUp: step(-1),
    Enter: () => {
      const id = chosen ?? first?.line.id
      if (id !== undefined) go(releasePath(id))
    },
    Escape: (field) => {
      setWords('')
      field.blur()
    },
  }
  const isEmpty = board.lines?.length === 0 && past.isAll && past.lines.length === 0
  return (
    <div class="board">
      <LostBar lost={board.lost} />
      <header class="board-head">
        <h1>Releases</h1>
        <span class="board-start">
          {maySomewhere(me, 'release.start') && (
            <Link to="/start" class="button">
              Start a release
            </Link>
          )}
        </span>
        <input
          ref={search}
          type="search"
          class="search"
          placeholder="Search  /"
          aria-label="Search releases"
          value={words}
          onKeyDown={(event) => {
            const found = inSearch[event.key]
            if (found === undefined) return
            event.preventDefault()
            found(event.currentTarget)
          }}
          onInput={(event) => {
            setWords(event.currentTarget.value)
            setChosen(null)
            past.all().catch(() => {})
          }}
        />
        <div class="filters" role="group" aria-label="Filters">
          {groups.map(({ id, word, says }) => (
            <button
              key={id}
              type="button"
              class={`filter is-${id}`}
              title={says}
              aria-pressed={group === id}
              onClick={() => setGroup(group === id ? null : id)}
            >
              <span class="count">
                {id === 'ended' ? (board.ended ?? pastCount(past.lines.length, past.isAll)) : (counts.get(id) ?? 0)}
              </span>
              {word}
            </button>
          ))}
        </div>
        {board.inLine.length > 0 && <InLine waiting={board.inLine} />}
      </header>
      {isEmpty ? (
        <NoReleases me={me} />
      ) : (
        <WindowList
          label="Releases"
          items={rows}
          keyOf={rowKey}
          heightOf={(row) => (row.kind === 'group' ? heights.group : heights.row)}
          draw={(row) => drawRow(row, chosen)}
          onNearEnd={() => void past.more()}
          inSight={chosenAt === -1 ? null : chosenAt}
        />
      )}
      {board.lines !== null && !isEmpty && rows.length === 0 && (
        <p class="nothing">
          {words === '' ? 'No release is in this state now.' : `No release has “${words}” in it.`}{' '}
          <button
            type="button"
            class="plain"
            onClick={() => {
              setWords('')
              setGroup(null)
            }}
          >
            Show all
          </button>
        </p>
      )}
      <KeysHelp keys={keys} />
    </div>
  )
}

/** Starts that have not begun: they are no releases yet, and none of the list. */
function InLine({ waiting }: { readonly waiting: readonly BoardWaiting[] }) {
  const [first] = waiting
  return (
    <p class="board-line">
      <Link to="/targets">In line</Link>
      {waiting.length > 3 ? ` ${waiting.length} starts, the first: ` : ' '}
      {(waiting.length > 3 && first ? [first] : waiting)
        .map(({ target, version, say }) => `${version} for ${target}, ${say}`)
        .join(' · ')}
    </p>
  )
}

function rowKey(row: Row): string {
  return row.kind === 'group' ? `group ${row.group}` : row.line.id
}

function drawRow(row: Row, chosen: string | null) {
  if (row.kind === 'group') return <GroupRow word={row.word} count={row.count} />
  const isChosen = row.line.id === chosen
  return row.kind === 'open' ? (
    <OpenRow line={row.line} group={row.group} isChosen={isChosen} />
  ) : (
    <EndedRow line={row.line} isChosen={isChosen} />
  )
}

function pastCount(count: number, isAll: boolean): string {
  return isAll || count === 0 ? String(count) : `${count}+`
}

/** Rows are taller where a line has to be broken. */
function useRowHeights(): { readonly row: number; readonly group: number } {
  const narrow = useMemo(() => matchMedia('(max-width: 48rem)'), [])
  const [isNarrow, setNarrow] = useState(narrow.matches)
  useEffect(() => {
    const changed = (): void => setNarrow(narrow.matches)
    narrow.addEventListener('change', changed)
    return () => narrow.removeEventListener('change', changed)
  }, [narrow])
  return { row: isNarrow ? 92 : 58, group: 44 }
}

function useReleases() {
  const [board, setBoard] = useState<BoardState>({ lines: null, ended: null, inLine: [], lost: null })
  const [past] = useState(() => new PastReleases())
  const [, setCount] = useState(0)
  const redraw = (): void => setCount((count) => count + 1)
  useEffect(() => {
    const gone = new AbortController()
    pollBoard(setBoard, gone.signal)
    void past.more().then(redraw, redraw)
    return () => gone.abort()
  }, [past])
  const openCount = `${board.lines?.length} ${board.ended}`
  useEffect(() => {
    // Something ended, or began: what ended belongs below.
    if (past.lines.length > 0 || past.isAll) void past.news().then(redraw, () => {})
  }, [openCount, past])
  return {
    board,
    past: {
      lines: past.lines,
      isAll: past.isAll,
      more: () => past.more().then(redraw, redraw),
      all: async () => {
        while (!past.isAll) await past.more().then(redraw)
      },
    },
  }
}

function NoReleases({ me }: { readonly me: Me }) {
  const mayStart = maySomewhere(me, 'release.start')
  const mayWrite = maySomewhere(me, 'checklist.write')
  return (
    <section class="teach">
      <h2>No release yet, {me.name ?? me.id}</h2>
      {mayWrite && (
        <p>
          A release begins with a checklist in Markdown. The one you have may do:{' '}
          <Link to="/checklists/import">import it</Link>, which shows what in it could run, and runs nothing.{' '}
          {mayStart && (
            <>
              Then <Link to="/start">start a release</Link> with it.
            </>
          )}
        </p>
      )}
      {!mayWrite && mayStart && (
        <p>
          A release begins with a checklist that was registered: <Link to="/start">choose one</Link>.
        </p>
      )}
      {!mayStart && (
        <p>
          Starting one takes the role release-engineer, which someone who manages people can grant to you. You see those
          of others here.
        </p>
      )}
      {maySomewhere(me, 'people.manage') && (
        <p>
          What somebody else has to sign takes somebody else:{' '}
          <Link to="/settings/people">add the people of your team</Link>.
        </p>
      )}
      {mayStart && mayWrite && (
        <>
          <p>Or from a terminal:</p>
          <pre tabIndex={0}>
            <code>{`holdpoint import RELEASE.md
holdpoint login ${location.origin}
holdpoint run RELEASE.md --version 1.2.3 --env staging`}</code>
          </pre>
        </>
      )}
      <p>It shows up here by itself.</p>
    </section>
  )
}

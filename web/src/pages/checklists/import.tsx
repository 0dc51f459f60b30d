/** Importing in the browser: a document is looked at, its proposals are decided, a copy is made. Nothing runs, nothing is kept. */
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks'
import type { CopyWritten, LintAnswer, Preview } from '../../../../src/api/wire/web.ts'
import { post, wordsOf } from '../../api/ask.ts'
import { saveFile } from '../../parts/save-file.ts'
import { Link } from '../../router.tsx'
import type { Me } from '../../session.ts'
import { type Act, decided, type Decisions, earlierDecisions, standingOf } from './decisions.ts'
import { Findings } from './findings.tsx'
import { type Given, givenFrom, ImportSource, textAsFile, useDrop } from './import-source.tsx'
import { ImportFacts, ImportOn } from './import-summary.tsx'
import { ImportTree } from './import-tree.tsx'
import { countWords } from './words.ts'
import { WrittenCopy } from './written-copy.tsx'
import '../../style/checklists.css'

interface Looking {
  readonly given: Given
  readonly repair: boolean
  readonly earlier: string | null
  /** The document as it was mended here, which the person's own file is not; null = it is as it was given. */
  readonly mended: { readonly text: string; readonly places: number } | null
}

type Tab = 'items' | 'findings' | 'copy'

export function ImportPage({ me }: { readonly me: Me }) {
  const [looking, setLooking] = useState<Looking | null>(null)
  const [preview, setPreview] = useState<Preview | null>(null)
  const [written, setWritten] = useState<CopyWritten | null>(null)
  const [tab, setTab] = useState<Tab>('items')
  const [service, setService] = useState('')
  const [why, setWhy] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [lineAsked, setLineAsked] = useState<{ readonly line: number } | null>(null)
  const [decisions, act] = useDecisions(preview)
  const page = useRef<HTMLDivElement>(null)

  useEffect(() => {
    document.title = 'Import a checklist · Holdpoint'
  }, [])
  const doing = (work: () => Promise<void>): void => {
    setBusy(true)
    setWhy(null)
    void work()
      .catch((cause: unknown) => setWhy(wordsOf(cause)))
      .finally(() => setBusy(false))
  }
  const look = (next: Looking, known: Decisions | null): void =>
    doing(async () => {
      const body = { file: next.given.file, base64: next.given.base64, repair: next.repair, earlier: next.earlier }
      const found = await post<Preview>('/v1/import', body)
      setLooking(next)
      setPreview(found)
      setWritten(null)
      setTab('items')
      act({ kind: 'set', decisions: startOf(found, known) })
    })
  const take = (files: readonly File[]): void =>
    doing(async () => look({ given: await givenFrom(files), repair: false, earlier: null, mended: null }, null))
  const isOver = useDrop(take)
  const makeCopy = (): void => {
    if (looking === null || isBusy) return
    doing(async () => {
      setWritten(await post<CopyWritten>('/v1/import/copy', copyBody(looking, decisions, service)))
      setTab('copy')
      page.current?.scrollIntoView()
    })
  }
  const mend = (): void => {
    if (looking === null) return
    doing(async () => {
      const { file, base64, shared, calendars } = looking.given
      const { text, fixed } = await post<LintAnswer>('/v1/lint', { file, base64, shared, calendars, fix: true })
      if (text === null) return
      const mended = { text, places: fixed.length + (looking.mended?.places ?? 0) }
      const given = { ...(await givenFrom([textAsFile(text, file)])), shared, calendars }
      look({ ...looking, given, mended }, decisions)
    })
  }
  const onAct = useCallback((one: Act) => act({ kind: 'act', act: one }), [])
  const showLine = (line: number): void => {
    setTab('items')
    setLineAsked({ line })
  }
  const standing = useMemo(() => (preview === null ? null : standingOf(preview, decisions)), [preview, decisions])
  const isStale = useStale(written, decisions, service)

  return (
    <div class={`checklist-pages import-page${isOver ? ' is-over' : ''}`} ref={page}>
      <header class="page-head">
        <p class="crumb">
          <Link to="/checklists">Checklists</Link>
        </p>
        <h1>{preview === null ? 'Import a checklist' : preview.imported.title || preview.imported.file}</h1>
        {looking !== null && (
          <p class="meta">
            {looking.given.file} · {looking.given.size.toLocaleString()} bytes
            {looking.mended !== null && <Mended file={looking.given.file} mended={looking.mended} />}
            <button
              type="button"
              class="plain"
              onClick={() => {
                setLooking(null)
                setPreview(null)
                setWritten(null)
              }}
            >
              Another document
            </button>
          </p>
        )}
      </header>
      <p class="trouble" role="alert">
        {why}
      </p>
      {looking === null && <ImportSource onFiles={take} />}
      {looking !== null && preview !== null && standing !== null && (
        <div class="import-columns">
          <ImportFacts
            preview={preview}
            standing={standing}
            isMended={looking.repair}
            onRepair={() => look({ ...looking, repair: true }, decisions)}
            onReads={() => onAct({ kind: 'accept-reads' })}
            onAgain={() => onAct({ kind: 'reopen-all' })}
          />
          <div class="import-main">
            <div class="tabs" role="group" aria-label="What is shown">
              <TabButton tab="items" now={tab} onTab={setTab}>
                Items
              </TabButton>
              <TabButton tab="findings" now={tab} onTab={setTab}>
                Findings <span class="count">{preview.imported.problems.length}</span>
              </TabButton>
              {written !== null && (
                <TabButton tab="copy" now={tab} onTab={setTab}>
                  Copy
                </TabButton>
              )}
            </div>
            <div hidden={tab !== 'items'}>
              <ImportTree preview={preview} decisions={decisions} onAct={onAct} lineAsked={lineAsked} />
            </div>
            {tab === 'findings' && <FoundInText preview={preview} onLine={showLine} onMend={mend} />}
            {tab === 'copy' && written !== null && (
              <>
                {isStale && (
                  <p class="notice" role="status">
                    You have decided something since: make the copy again.
                  </p>
                )}
                <WrittenCopy
                  key={written.plan?.digest ?? 'none'}
                  written={written}
                  file={copyName(looking.given.file)}
                  beside={looking.given}
                  sha256={preview.imported.sha256}
                  me={me}
                />
              </>
            )}
          </div>
          <ImportOn
            preview={preview}
            standing={standing}
            service={service}
            onService={setService}
            onEarlier={(file) => void file.text().then((earlier) => look({ ...looking, earlier }, decisions))}
            onCopy={makeCopy}
            isBusy={isBusy}
          />
        </div>
      )}
    </div>
  )
}

interface MendedProps {
  readonly file: string
  readonly mended: NonNullable<Looking['mended']>
}

function Mended({ file, mended: { text, places } }: MendedProps) {
  return (
    <>
      {' '}
      · {countWords(places, 'place')} mended here, your file is as it was
      <button type="button" class="plain" onClick={() => saveFile(text, file, 'text/markdown')}>
        Download it mended
      </button>
    </>
  )
}

type Change = { readonly kind: 'act'; readonly act: Act } | { readonly kind: 'set'; readonly decisions: Decisions }

function useDecisions(preview: Preview | null): readonly [Decisions, (change: Change) => void] {
  const items = useRef(preview?.imported.items ?? [])
  items.current = preview?.imported.items ?? []
  return useReducer<Decisions, Change>(
    (before, change) => (change.kind === 'set' ? change.decisions : decided(before, change.act, items.current)),
    new Map(),
  )
}

/** What stood in an earlier copy comes first; what was decided here since then goes on top. */
function startOf(found: Preview, known: Decisions | null): Decisions {
  const { earlier, imported } = found
  const before = earlier === null || earlier === 'unknown' ? null : earlierDecisions(earlier, imported.items)
  return new Map([...(before ?? []), ...(known ?? [])].filter(([at]) => imported.items[at] !== undefined))
}

function copyBody({ given, repair, earlier }: Looking, decisions: Decisions, service: string) {
  const accepted = [...decisions].flatMap(([at, decision]) =>
    decision.kind === 'accepted' ? [{ at, block: decision.block }] : [],
  )
  const skipped = [...decisions].flatMap(([at, { kind }]) => (kind === 'skipped' ? [at] : []))
  const { file, base64, shared, calendars } = given
  const named = service.trim() === '' ? null : service.trim()
  const beside = { shared, calendars }
  return { file, base64, ...beside, repair, earlier, out: copyName(file), accepted, skipped, service: named }
}

/** `RELEASE.md` becomes `RELEASE.holdpoint.md`. */
function copyName(file: string): string {
  return `${file.replace(/\.(?:md|markdown|txt)$/i, '')}.holdpoint.md`
}

/** Whether something was decided after the copy was made. */
function useStale(written: CopyWritten | null, decisions: Decisions, service: string): boolean {
  const of = useRef({ written, decisions, service })
  if (of.current.written !== written) of.current = { written, decisions, service }
  return written !== null && (of.current.decisions !== decisions || of.current.service !== service)
}

interface TabButtonProps {
  readonly tab: Tab
  readonly now: Tab
  readonly onTab: (tab: Tab) => void
  readonly children: preact.ComponentChildren
}

function TabButton({ tab, now, onTab, children }: TabButtonProps) {
  return (
    <button type="button" aria-pressed={tab === now} onClick={() => onTab(tab)}>
      {children}
    </button>
  )
}

interface FoundInTextProps {
  readonly preview: Preview
  readonly onLine: (line: number) => void
  readonly onMend: () => void
}

function FoundInText({ preview, onLine, onMend }: FoundInTextProps) {
  const { problems } = preview.imported
  if (problems.length === 0) return <p class="nothing">Nothing odd was found in this document.</p>
  return (
    <>
      {problems.some(({ code }) => code === 'curl-without-fail') && (
        <p class="notice">
          A machine can mend some of this without asking.{' '}
          <button type="button" onClick={onMend}>
            Mend it
          </button>
        </p>
      )}
      <Findings findings={problems} onLine={onLine} />
    </>
  )
}

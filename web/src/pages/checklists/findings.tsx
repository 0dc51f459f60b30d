/** What lint says, by code: what was found and where, what is expected, one correct example, and the page of the rule. */
import { useEffect, useState } from 'preact/hooks'
import { get, wordsOf } from '../../api/ask.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { visible } from '../release/visible.ts'

export interface Finding {
  readonly line: number
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly found: string
  readonly expected: string
  readonly example: string
}

interface FindingsProps {
  readonly findings: readonly Finding[]
  /** Shows a line of the document; absent = there is nothing to show. */
  readonly onLine?: (line: number) => void
}

const SHOWN = 4

export function Findings({ findings, onLine }: FindingsProps) {
  const [page, setPage] = useState<string | null>(null)
  const groups = [...Map.groupBy(findings, ({ code }) => code)].toSorted(
    ([, one], [, other]) => weight(other) - weight(one) || (one[0]?.line ?? 0) - (other[0]?.line ?? 0),
  )
  return (
    <>
      <ul class="findings">
        {groups.map(([code, all]) => (
          <Group key={code} code={code} all={all} onLine={onLine} onPage={() => setPage(code)} />
        ))}
      </ul>
      {page !== null && <LintPage code={page} onClose={() => setPage(null)} />}
    </>
  )
}

/** Errors first, then what is told most often. */
function weight(all: readonly Finding[]): number {
  return all.length + (all.some(({ severity }) => severity === 'error') ? 100_000 : 0)
}

interface GroupProps {
  readonly code: string
  readonly all: readonly Finding[]
  readonly onLine?: ((line: number) => void) | undefined
  readonly onPage: () => void
}

function Group({ code, all, onLine, onPage }: GroupProps) {
  const [isWhole, setWhole] = useState(false)
  const isError = all.some(({ severity }) => severity === 'error')
  const shown = isWhole ? all : all.slice(0, SHOWN)
  return (
    <li class={isError ? 'is-error' : 'is-warning'}>
      <h3>
        <span class="severity">{isError ? 'Error' : 'Warning'}</span> <code>{code}</code>
        {all.length > 1 && <span class="hint"> {all.length} places</span>}
        {!code.startsWith('import-') && (
          <button type="button" class="plain" aria-label={`What this means: ${code}`} onClick={onPage}>
            What this means
          </button>
        )}
      </h3>
      <ul>
        {shown.map((one, at) => (
          <li key={`${one.line} ${at}`}>
            {onLine === undefined ? (
              <span class="line">line {one.line}</span>
            ) : (
              <button type="button" class="plain line" onClick={() => onLine(one.line)}>
                line {one.line}
              </button>
            )}{' '}
            <span>{visible(one.found)}</span>
            <span class="hint expected">Expected: {visible(one.expected)}</span>
            {at === 0 && <pre tabIndex={0}>{visible(one.example)}</pre>}
          </li>
        ))}
      </ul>
      {all.length > shown.length && (
        <button type="button" class="plain" onClick={() => setWhole(true)}>
          {all.length - shown.length} more
        </button>
      )}
    </li>
  )
}

function LintPage({ code, onClose }: { readonly code: string; readonly onClose: () => void }) {
  const [shown, setShown] = useState<{ readonly markdown: string } | { readonly why: string } | null>(null)
  useEffect(() => {
    const gone = new AbortController()
    get<{ markdown: string }>(`/v1/lint/${encodeURIComponent(code)}`, gone.signal).then(setShown, (cause: unknown) => {
      if (!gone.signal.aborted) setShown({ why: wordsOf(cause) })
    })
    return () => gone.abort()
  }, [code])
  return (
    <Dialog title={code} onClose={onClose} form="side">
      <div class="lint-page">
        {shown !== null && 'why' in shown && <p class="trouble">{shown.why}</p>}
        {shown !== null && 'markdown' in shown && <Paragraphs markdown={shown.markdown} />}
      </div>
    </Dialog>
  )
}

/** Paragraphs, code between backticks, and blocks that say whether they are wrong or right: our own pages have no more. */
function Paragraphs({ markdown }: { readonly markdown: string }) {
  return (
    <>
      {partsOf(markdown).map((part, at) =>
        part.kind === 'block' ? (
          <figure key={at} class={`example is-${part.info}`}>
            {part.info !== '' && <figcaption>{part.info === 'wrong' ? 'Wrong' : 'Right'}</figcaption>}
            <pre tabIndex={0}>{part.text}</pre>
          </figure>
        ) : (
          <p key={at}>
            {part.text.split('`').map((piece, nth) => (nth % 2 === 1 ? <code key={nth}>{piece}</code> : piece))}
          </p>
        ),
      )}
    </>
  )
}

interface PagePart {
  readonly kind: 'words' | 'block'
  /** Of a block: `wrong`, `right`, or nothing. */
  readonly info: string
  readonly text: string
}

function partsOf(markdown: string): readonly PagePart[] {
  const parts: PagePart[] = []
  const block = /^(`{3,})(.*)\n([\s\S]*?)\n\1[ \t]*$/gm
  let from = 0
  const words = (text: string): void => {
    for (const each of text.split(/\n{2,}/))
      if (each.trim() !== '') parts.push({ kind: 'words', info: '', text: unlinked(each.trim()) })
  }
  for (const found of markdown.matchAll(block)) {
    words(markdown.slice(from, found.index))
    const info = /\b(wrong|right)\b/.exec(found[2] ?? '')?.[1] ?? ''
    parts.push({ kind: 'block', info, text: found[3] ?? '' })
    from = found.index + found[0].length
  }
  words(markdown.slice(from))
  return parts
}

/** Links lead to other parts of the documentation, which is not served here. */
function unlinked(text: string): string {
  return text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\s*\n\s*/g, ' ')
}

/** A proposed block as it would stand in the document, to accept, edit or skip. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ImportedItem } from '../../../../src/api/wire/web.ts'
import { visible } from '../release/visible.ts'
import type { Act, Decision } from './decisions.ts'

interface ProposalProps {
  readonly at: number
  readonly item: ImportedItem
  readonly decision: Decision | undefined
  readonly onAct: (act: Act) => void
  /** Told from outside by a key; a number that grows. */
  readonly editAsked: number
}

export function Proposal({ at, item, decision, onAct, editAsked }: ProposalProps) {
  const proposed = item.proposal?.block ?? ''
  const [edited, setEdited] = useState<string | null>(null)
  const area = useRef<HTMLTextAreaElement>(null)
  const asked = useRef(editAsked)
  const begin = (): void => setEdited(decision?.kind === 'accepted' ? decision.block : proposed)
  useEffect(() => {
    if (asked.current !== editAsked) begin()
    asked.current = editAsked
  }, [editAsked])
  useEffect(() => {
    if (edited !== null) area.current?.focus()
  }, [edited !== null])
  if (item.proposal === null) return null
  const block = decision?.kind === 'accepted' ? decision.block : proposed
  const name = item.text.slice(0, 80)
  const accept = (text: string): void => onAct({ kind: 'accept', at, block: text, isEdited: text !== proposed })
  if (edited !== null)
    return (
      <form
        class="proposal is-edited"
        onSubmit={(event) => {
          event.preventDefault()
          const text = edited.replace(/\s+$/, '')
          if (text !== '') accept(text)
          setEdited(null)
        }}
      >
        <textarea
          ref={area}
          aria-label={`Block for ${name}`}
          spellcheck={false}
          rows={Math.min(24, Math.max(4, edited.split('\n').length + 1))}
          value={edited}
          onInput={(event) => setEdited(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setEdited(null)
          }}
        />
        <div class="acts">
          <button type="submit" class="primary">
            Accept as edited
          </button>
          <button type="button" onClick={() => setEdited(null)}>
            Leave as it was
          </button>
          {edited !== proposed && (
            <button type="button" class="plain" onClick={() => setEdited(proposed)}>
              As proposed
            </button>
          )}
        </div>
      </form>
    )
  return (
    <div class={`proposal${decision === undefined ? '' : ` is-${decision.kind}`}`}>
      {decision?.kind !== 'skipped' && (
        <pre tabIndex={0} aria-label={`Block for ${name}`}>
          {visible(block)}
        </pre>
      )}
      <div class="acts">
        {decision === undefined ? (
          <>
            <button type="button" aria-label={`Accept for ${name}`} onClick={() => accept(proposed)}>
              Accept
            </button>
            <button type="button" aria-label={`Edit for ${name}`} onClick={begin}>
              Edit
            </button>
            <button type="button" aria-label={`Skip for ${name}`} onClick={() => onAct({ kind: 'skip', at })}>
              Skip
            </button>
          </>
        ) : (
          <>
            {decision.kind === 'accepted' && (
              <button type="button" class="plain" aria-label={`Edit for ${name}`} onClick={begin}>
                Edit
              </button>
            )}
            <button
              type="button"
              class="plain"
              aria-label={`Decide again for ${name}`}
              onClick={() => onAct({ kind: 'reopen', at })}
            >
              Decide again
            </button>
          </>
        )}
      </div>
    </div>
  )
}

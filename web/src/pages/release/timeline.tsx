/** What happened, newest first, in the sentences of the report. */
import { useMemo, useState } from 'preact/hooks'
import type { TimelineLine } from '../../../../src/api/wire/web.ts'
import { memo } from '../../parts/memo.ts'
import { Said } from '../../parts/people.tsx'
import { Moment } from '../../parts/time.tsx'
import { visible } from './visible.ts'

const AT_FIRST = 200

export const Timeline = memo(({ lines }: { readonly lines: readonly TimelineLine[] }) => {
  const [isAll, setAll] = useState(false)
  const newest = useMemo(() => lines.toReversed(), [lines])
  const shown = isAll ? newest : newest.slice(0, AT_FIRST)
  if (lines.length === 0) return <p class="hint">Nothing yet.</p>
  return (
    <>
      <ol class="timeline">
        {shown.map(({ version, at, who, say }) => (
          <li key={version}>
            <Moment at={at} hasSeconds />
            <span class="who">{who}</span>
            <span class="say">
              <Said text={visible(say)} />
            </span>
          </li>
        ))}
      </ol>
      {newest.length > shown.length && (
        <button type="button" onClick={() => setAll(true)}>
          {newest.length - shown.length} earlier
        </button>
      )}
    </>
  )
})

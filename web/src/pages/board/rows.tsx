/** One release in the list. */
import type { BoardLine, ReleaseSummary } from '../../../../src/api/wire/web.ts'
import { memo } from '../../parts/memo.ts'
import { Moment, Since, Until } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import type { Group } from './lines.ts'

export function GroupRow({ word, count }: { readonly word: string; readonly count: string }) {
  return (
    <h2 class="group-row">
      {word} <span class="count">{count}</span>
    </h2>
  )
}

interface OpenRowProps {
  readonly line: BoardLine
  readonly group: Group
  readonly isChosen: boolean
}

export const OpenRow = memo(({ line, group, isChosen }: OpenRowProps) => {
  const { now } = line
  return (
    <Link to={releasePath(line.id)} class={`row is-${group}${isChosen ? ' is-chosen' : ''}`}>
      <What line={line} />
      <span class="now">
        <span class="sentence">{now?.now ?? line.bar}</span>
        {now?.next != null && (
          <span class="next">
            then {now.next}
            {now.nextAt !== null && (
              <>
                {' '}
                <Until at={now.nextAt} />
              </>
            )}
          </span>
        )}
      </span>
      <span class="owes">
        <span class="owner">{now?.who ?? ''}</span>
        {now?.since != null && <Since at={now.since} />}
      </span>
      <Progress closed={line.closed} steps={line.steps} />
    </Link>
  )
})

export const EndedRow = memo(({ line, isChosen }: { readonly line: ReleaseSummary; readonly isChosen: boolean }) => (
  <Link to={releasePath(line.id)} class={`row is-ended${isChosen ? ' is-chosen' : ''}`}>
    <What line={line} />
    <span class="now">
      <span class="sentence">{endedWords(line)}</span>
    </span>
    <span class="owes">
      <span class="owner">{line.startedBy}</span>
      <Moment at={line.updatedAt} />
    </span>
    <span />
  </Link>
))

function What({ line }: { readonly line: ReleaseSummary }) {
  return (
    <span class="what">
      <span class="service">
        {line.service} <b>{line.version}</b>
      </span>
      <span class="where">{line.environment}</span>
    </span>
  )
}

function endedWords({ phase, bar }: ReleaseSummary): string {
  return bar === '' || bar === phase ? phase.replaceAll('-', ' ') : bar
}

function Progress({ closed, steps }: { readonly closed: number; readonly steps: number }) {
  if (steps === 0) return <span />
  return (
    <span class="progress">
      <progress max={steps} value={closed} aria-label="Steps closed" />
      <span class="fraction">
        {closed}/{steps}
      </span>
    </span>
  )
}

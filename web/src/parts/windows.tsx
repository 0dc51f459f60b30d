/** What windows are now, why, and when they open and close next. */
import type { WindowView } from '../../../src/api/wire/web.ts'
import { Moment } from './time.tsx'

export function Windows({ windows }: { readonly windows: readonly WindowView[] }) {
  if (windows.length === 0) return null
  return (
    <div class="windows">
      <h3>Windows</h3>
      <ul>
        {windows.map((window) => (
          <OneWindow key={window.name} window={window} />
        ))}
      </ul>
    </div>
  )
}

function OneWindow({ window }: { readonly window: WindowView }) {
  const { name, zone, open, why, openings, rules } = window
  const [first, second] = openings
  return (
    <li>
      <b>{name}</b> <span class={open ? 'tone-good' : 'tone-person'}>{open ? 'open' : 'closed'}</span>
      {why !== null && `: ${why}`}
      {first === undefined && '; it does not open within a year'}
      {first !== undefined && !open && (
        <>
          ; opens <Moment at={first.from} />
        </>
      )}
      {first?.until != null && (
        <>
          , until <Moment at={first.until} />
        </>
      )}
      {open && second !== undefined && (
        <>
          , again <Moment at={second.from} />
        </>
      )}
      <span class="hint">
        {' '}
        {zone} · {rules.join(' · ')}
      </span>
    </li>
  )
}

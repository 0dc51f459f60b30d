/** Exactly what a signature covers, its digest, and who has signed; says so when it changes under the reader. */
import { useState } from 'preact/hooks'
import type { ReleaseView } from '../../../../src/api/wire/web.ts'
import { CopyLink } from '../../parts/copy-link.tsx'
import { Moment } from '../../parts/time.tsx'
import { Link, signPath } from '../../router.tsx'

interface SignedProps {
  readonly step: string
  readonly view: ReleaseView
}

export function Signed({ step, view }: SignedProps) {
  const asks = view.phases.flatMap(({ steps }) => steps).find(({ id }) => id === step)?.asks ?? null
  const [first] = useState(asks)
  if (asks === null) return null
  const gone = first?.signs.filter((line) => !asks.signs.includes(line)) ?? []
  const fresh = asks.signs.filter((line) => !(first?.signs.includes(line) ?? true))
  return (
    <section class="signed" aria-label="What you sign">
      <p class="label">You sign for exactly this</p>
      <ul tabIndex={0} aria-label="Lines under the signature">
        {asks.signs.map((line) => (
          <li key={line} class={fresh.includes(line) ? 'is-fresh' : ''}>
            {line}
          </li>
        ))}
      </ul>
      {asks.digest !== first?.digest && (
        <p class="trouble" role="alert">
          This has changed since you opened it{gone.length > 0 ? `: ${gone.length} lines are not as you read them` : ''}
          . Close this and look again.
        </p>
      )}
      <p class="hint">
        Digest <code class="digest">{asks.digest}</code>
      </p>
      <p class="hint">
        <Link to={signPath(view.release, step)}>The same on a page of its own</Link>, also for a phone ·{' '}
        <CopyLink path={signPath(view.release, step)} />
      </p>
      {asks.signedBy.length > 0 && (
        <p class="hint">
          Signed already:{' '}
          {asks.signedBy.map(({ by, role, at }, place) => (
            <span key={`${by} ${role}`}>
              {place > 0 && ', '}
              {by}
              {role === null ? '' : ` as ${role}`} (<Moment at={at} />)
            </span>
          ))}
        </p>
      )}
    </section>
  )
}

/** Steps of a checklist that its last releases let pass again and again. */
import type { Debt } from '../../../src/api/wire/web.ts'
import { Link, releasePath } from '../router.tsx'
import { Moment } from './time.tsx'
import '../style/debt.css'

const ways = { waived: 'waived', 'not-applicable': 'not applicable', warned: 'did not pass' } as const

export function DebtList({ debt }: { readonly debt: readonly Debt[] }) {
  if (debt.length === 0) return null
  return (
    <section aria-labelledby="debt" class="debt">
      <h2 id="debt">Let pass again and again</h2>
      <ul>
        {debt.map(({ step, text, count, of, since, last }) => (
          <li key={step}>
            <b>{text}</b>{' '}
            <span class="hint">
              in {count} of the last {of} releases, since <Moment at={since} />
            </span>
            <ul>
              {last.map(({ release, version, how, why }) => (
                <li key={release}>
                  <Link to={releasePath(release)}>{version}</Link> {ways[how]}
                  {why !== '' && `: ${why}`}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  )
}

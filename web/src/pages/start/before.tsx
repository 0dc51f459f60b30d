/** What a release with a checklist would wait for as things stand: records, the window, incidents, follow-ups. */
import type { ReadinessLine } from '../../../../src/api/wire/web.ts'
import { StateMark } from '../../parts/state-mark.tsx'
import { Link } from '../../router.tsx'

const marks = { yes: 'passed', no: 'failed', 'not asked': 'not applicable' } as const
const pages: Readonly<Record<string, string>> = { records: '/records', 'follow-ups': '/records/follow-ups' }

/** Nothing where the checklist asks for nothing and nothing is in the way. */
export function Before({ lines }: { readonly lines: readonly ReadinessLine[] }) {
  const asked = lines.filter(({ answer }) => answer !== 'not asked')
  if (!asked.some(({ id, answer }) => answer === 'no' || id === 'records' || id === 'window')) return null
  return (
    <section class="start-before" aria-labelledby="before">
      <h2 id="before">As things stand</h2>
      <ul>
        {asked.map(({ id, what, answer, say }) => (
          <li key={id}>
            <StateMark state={marks[answer]} isSilent />
            <div>
              <b>{what}</b> <span class="answer">{answer}</span>
              <p class="hint">{pages[id] === undefined ? say : <Link to={pages[id]}>{say}</Link>}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

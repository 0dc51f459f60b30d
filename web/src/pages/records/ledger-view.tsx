/** The ledger: each record by name, what is overdue first. */
import type { LedgerRecord } from '../../../../src/api/wire/web.ts'
import { spanWords } from '../../parts/clock.ts'
import { Since } from '../../parts/time.tsx'
import { Link } from '../../router.tsx'
import { visible } from '../release/visible.ts'
import type { LedgerLine } from './ledger.ts'
import { StandingMark, StandingWords } from './standing.tsx'

export function recordPath({ name, project }: { readonly name: string; readonly project: string | null }): string {
  return `/records/of/${encodeURIComponent(project ?? '-')}/${encodeURIComponent(name)}`
}

interface LedgerViewProps {
  readonly lines: readonly LedgerLine[]
  readonly hasProjects: boolean
}

export function LedgerView({ lines, hasProjects }: LedgerViewProps) {
  return (
    <ul class="ledger">
      {lines.map((line) => (
        <li key={line.key}>
          <Link to={recordPath(line)} class="ledger-row">
            <StandingMark standing={line.standing} />
            <span class="what">
              <b>{visible(line.name)}</b>
              {hasProjects && line.project !== null && <span class="hint"> {line.project}</span>}
            </span>
            <StandingWords line={line} />
            <span class="newest hint">{line.records[0] === undefined ? '' : <Newest record={line.records[0]} />}</span>
            <span class="asked hint">{askedWords(line)}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Newest({ record }: { readonly record: LedgerRecord }) {
  return (
    <>
      <Since at={record.observedAt} /> ago by {visible(record.by)}
      {record.tookMs !== undefined && <>, took {spanWords(record.tookMs)}</>}
    </>
  )
}

function askedWords({ needs, strictestMs }: LedgerLine): string {
  if (strictestMs === null) return ''
  const askers = new Set(needs.map(({ by }) => `${by.kind} ${by.id}`))
  const checklists = new Set(needs.filter(({ by }) => by.kind === 'checklist').map(({ by }) => by.id))
  const [one] = checklists
  const who =
    checklists.size === 1 && askers.size === 1
      ? (one ?? '')
      : [count(checklists.size, 'checklist'), count(askers.size - checklists.size, 'open release')]
          .filter((words) => words !== '')
          .join(', ')
  return `no older than ${strictestWords(needs, strictestMs)}: ${who}`
}

function count(many: number, one: string): string {
  return many === 0 ? '' : `${many} ${one}${many === 1 ? '' : 's'}`
}

export function NoRecords({ mayWrite }: { readonly mayWrite: boolean }) {
  return (
    <section class="teach">
      <h2>Nothing is recorded yet</h2>
      <p>
        A record says that something was done and seen: a restore test, a key rotation, a failover drill. It is true for
        as long as a checklist allows, and every release reads it anew. When a checklist asks for one, it stands here
        with the day on which it ends.
      </p>
      <pre tabIndex={0}>
        <code>{`holdpoint records add restore-test --note 'restored and compared' --took 14m`}</code>
      </pre>
      <p>A checklist asks for it like this:</p>
      <pre tabIndex={0}>
        <code>{`- [ ] A restore was tested within the last month
  \`\`\`yaml record
  name: restore-test
  max-age: 30d
  \`\`\``}</code>
      </pre>
      {!mayWrite && <p>Recording takes the role author or release-engineer in a project.</p>}
    </section>
  )
}

/** A piece of the calendar by its name, where it is the strictest. */
function strictestWords(needs: LedgerLine['needs'], strictestMs: number): string {
  return (
    needs.find((need) => need.maxAgeMs === strictestMs && need.calendar !== undefined)?.age ?? spanWords(strictestMs)
  )
}

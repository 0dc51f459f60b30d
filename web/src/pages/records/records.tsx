/** Records and drills: the ledger, its calendar, the history of one record, rehearsals and ways back, and reviews of overrides. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Drill, LedgerRecord, NeededRecord, Schedule, ToldFollowUp } from '../../../../src/api/wire/web.ts'
import { type Answer, useAnswer } from '../../parts/answer.ts'
import { serverNow } from '../../parts/clock.ts'
import { Link } from '../../router.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import { visible } from '../release/visible.ts'
import { AddRecord } from './add-record.tsx'
import { Calendar } from './calendar.tsx'
import { Drills } from './drills.tsx'
import { FollowUps } from './follow-ups.tsx'
import { History } from './history.tsx'
import { type LedgerLine, ledgerOf } from './ledger.ts'
import { LedgerView, NoRecords } from './ledger-view.tsx'
import { isLate, Schedules } from './schedules.tsx'
import { Reviews, type ToldReview } from './reviews.tsx'
import '../../style/records.css'

const ANEW_MS = 30_000
const parts: ReadonlySet<string> = new Set(['', 'calendar', 'of', 'drills', 'reviews', 'follow-ups', 'schedules'])
const wanting: ReadonlySet<string> = new Set(['overdue', 'missing', 'unfit'])

export function Records({ at, me }: { readonly at: string; readonly me: Me }) {
  const records = useAnswer<readonly LedgerRecord[]>('/v1/records', ANEW_MS)
  const needed = useAnswer<readonly NeededRecord[]>('/v1/records/needed', ANEW_MS)
  const drills = useAnswer<readonly Drill[]>('/v1/drills', ANEW_MS)
  const reviews = useAnswer<readonly ToldReview[]>('/v1/reviews', ANEW_MS)
  const followUps = useAnswer<readonly ToldFollowUp[]>('/v1/follow-ups', ANEW_MS)
  const schedules = useAnswer<readonly Schedule[]>('/v1/schedules', ANEW_MS)
  const [adding, setAdding] = useState<{ readonly name: string; readonly project: string | null } | null>(null)
  const lines = useMemo(
    () => (records.value === null || needed.value === null ? null : ledgerOf(records.value, needed.value, serverNow())),
    [records.value, needed.value],
  )
  const [part = '', project = '', ...name] = at.split('/')
  const one = part === 'of' ? (lineFor(lines, project, name.join('/')) ?? null) : null
  const mayWrite = maySomewhere(me, 'record.write')
  useEffect(() => {
    document.title = `${one?.name ?? 'Records'} · Holdpoint`
  }, [one?.name])
  return (
    <div class="records-page">
      <Head
        part={part}
        title={part === 'of' ? name.join('/') : null}
        lines={lines}
        reviews={reviews}
        followUps={followUps}
        schedules={schedules}
      >
        {mayWrite && (
          <button type="button" onClick={() => setAdding({ name: one?.name ?? '', project: one?.project ?? null })}>
            Add a record
          </button>
        )}
      </Head>
      <p class="trouble" role="alert">
        {(part === 'drills'
          ? drills
          : part === 'reviews'
            ? reviews
            : part === 'follow-ups'
              ? followUps
              : part === 'schedules'
                ? schedules
                : records
        ).why ?? needed.why}
      </p>
      {part === '' && lines !== null && <Ledger lines={lines} mayWrite={mayWrite} />}
      {part === 'calendar' && lines !== null && <Calendar lines={lines} schedules={schedules.value ?? []} />}
      {part === 'of' && lines !== null && (one === null ? <NoSuchRecord /> : <History line={one} />)}
      {!parts.has(part) && <NoSuchPart />}
      {part === 'drills' && drills.value !== null && <Drills drills={drills.value} />}
      {part === 'reviews' && reviews.value !== null && (
        <Reviews reviews={reviews.value} onChanged={reviews.again} me={me} />
      )}
      {part === 'follow-ups' && followUps.value !== null && (
        <FollowUps followUps={followUps.value} onChanged={followUps.again} />
      )}
      {part === 'schedules' && schedules.value !== null && (
        <Schedules
          schedules={schedules.value}
          maySkip={maySomewhere(me, 'release.steer')}
          mayStart={maySomewhere(me, 'release.start')}
          onChanged={schedules.again}
        />
      )}
      {adding !== null && (
        <AddRecord
          name={adding.name}
          project={adding.project}
          names={[...new Set((lines ?? []).map((line) => line.name))]}
          onAdded={records.again}
          onClose={() => setAdding(null)}
        />
      )}
    </div>
  )
}

function lineFor(lines: readonly LedgerLine[] | null, project: string, name: string): LedgerLine | undefined {
  return lines?.find((line) => line.name === name && (line.project ?? '-') === project)
}

function Ledger({ lines, mayWrite }: { readonly lines: readonly LedgerLine[]; readonly mayWrite: boolean }) {
  if (lines.length === 0) return <NoRecords mayWrite={mayWrite} />
  return <LedgerView lines={lines} hasProjects={new Set(lines.map(({ project }) => project)).size > 1} />
}

interface HeadProps {
  readonly part: string
  /** Of the history of one record. */
  readonly title: string | null
  readonly lines: readonly LedgerLine[] | null
  readonly reviews: Answer<readonly ToldReview[]>
  readonly followUps: Answer<readonly ToldFollowUp[]>
  readonly schedules: Answer<readonly Schedule[]>
  readonly children: preact.ComponentChildren
}

function Head({ part, title, lines, reviews, followUps, schedules, children }: HeadProps) {
  const due = (lines ?? []).filter(({ standing }) => wanting.has(standing)).length
  const open = (reviews.value ?? []).filter(({ closed }) => closed === null).length
  const overdue = (followUps.value ?? []).filter((one) => one.overdue).length
  const late = (schedules.value ?? []).filter(({ times }) => times.some(isLate)).length
  const tabs = [
    { at: '', word: 'Ledger', count: due, says: 'overdue or missing' },
    { at: 'calendar', word: 'Calendar', count: 0, says: '' },
    { at: 'schedules', word: 'Schedules', count: late, says: 'overdue' },
    { at: 'drills', word: 'Drills', count: 0, says: '' },
    { at: 'reviews', word: 'Reviews', count: open, says: 'to look at' },
    { at: 'follow-ups', word: 'Follow-ups', count: overdue, says: 'overdue' },
  ]
  return (
    <header class="records-head">
      <h1>{title === null ? 'Records and drills' : visible(title)}</h1>
      {children}
      <nav aria-label="Parts of this page">
        {tabs.map(({ at, word, count, says }) => (
          <Link
            key={at}
            to={at === '' ? '/records' : `/records/${at}`}
            isCurrent={at === part || (part === 'of' && at === '')}
          >
            {word}
            {count > 0 && (
              <span class="count">
                {count}
                <span class="aside"> {says}</span>
              </span>
            )}
          </Link>
        ))}
      </nav>
    </header>
  )
}

function NoSuchPart() {
  return (
    <section class="teach">
      <h2>There is no such page</h2>
      <p>
        Each record has its page under its name. <Link to="/records">All records</Link>
      </p>
    </section>
  )
}

function NoSuchRecord() {
  return (
    <section class="teach">
      <h2>No record has this name</h2>
      <p>
        Neither was it ever observed, nor does a checklist ask for it. <Link to="/records">All records</Link>
      </p>
    </section>
  )
}

/** The history of one record: what it is true for, how long it took time after time, who recorded it, and the evidence. */
import type { LedgerRecord } from '../../../../src/api/wire/web.ts'
import { spanWords, useNow } from '../../parts/clock.ts'
import { Moment } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import { checklistPath } from '../checklists/words.ts'
import { visible } from '../release/visible.ts'
import { chartsOf } from './fact-charts.ts'
import { factWords } from './fact-words.ts'
import type { LedgerLine } from './ledger.ts'
import { StandingMark, StandingWords } from './standing.tsx'
import { TookChart } from './took-chart.tsx'

/** Written down that much later, both times are of interest. */
const LATER_MS = 3_600_000

export function History({ line }: { readonly line: LedgerLine }) {
  const charts = chartsOf(line)
  return (
    <article class="history">
      <p class="now">
        <StandingMark standing={line.standing} /> <StandingWords line={line} />
      </p>
      {line.needs.length > 0 && <Needs line={line} />}
      {charts.map((chart) => (
        <TookChart key={chart.label} {...chart} />
      ))}
      {line.records.length > 0 && (
        <table class="records-table">
          <caption class="aside">Records of {line.name}, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Observed</th>
              <th scope="col">Took</th>
              <th scope="col">By</th>
              <th scope="col">What was seen</th>
              <th scope="col">Evidence</th>
            </tr>
          </thead>
          <tbody>
            {line.records.map((record, at) => (
              <RecordRow key={record.id} record={record} isNewest={at === 0} />
            ))}
          </tbody>
        </table>
      )}
    </article>
  )
}

function RecordRow({ record, isNewest }: { readonly record: LedgerRecord; readonly isNewest: boolean }) {
  const { observedAt, recordedAt, tookMs, by, note, evidence, release, id } = record
  return (
    <tr>
      <td data-of="Observed">
        <Moment at={observedAt} />
        {recordedAt - observedAt > LATER_MS && (
          <span class="hint">
            recorded <Moment at={recordedAt} />
          </span>
        )}
      </td>
      <td data-of="Took">{tookMs === undefined ? '–' : spanWords(tookMs)}</td>
      <td data-of="By">
        {visible(by)}
        {release !== null && (
          <span class="hint">
            in <Link to={releasePath(release)}>{release}</Link>
          </span>
        )}
      </td>
      <td data-of="Seen" class="note">
        <span>
          {record.outcome === 'failed' && <b class="tone-bad">failed </b>}
          {visible(note)}
        </span>
        {record.facts !== undefined && <Facts facts={record.facts} isOpen={isNewest} />}
      </td>
      <td data-of="Evidence">
        {evidence.length === 0 ? (
          <span class="hint">none</span>
        ) : (
          evidence.map((sha256) => (
            <a
              key={sha256}
              href={`/v1/evidence/${sha256}?record=${encodeURIComponent(id)}`}
              download={sha256.slice(0, 12)}
              title={`sha-256 ${sha256}`}
            >
              <code>{sha256.slice(0, 8)}</code>
            </a>
          ))
        )}
      </td>
    </tr>
  )
}

interface FactsProps {
  readonly facts: NonNullable<LedgerRecord['facts']>
  readonly isOpen: boolean
}

function Facts({ facts, isOpen }: FactsProps) {
  const rows = factWords(facts)
  if (rows.length === 0) return null
  return (
    <details class="record-facts" open={isOpen}>
      <summary>{rows.length === 1 ? '1 fact' : `${rows.length} facts`}</summary>
      <dl>
        {rows.map(({ name, value }) => (
          <div key={name}>
            <dt>{visible(name)}</dt>
            <dd>{visible(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function Needs({ line }: { readonly line: LedgerLine }) {
  const now = useNow()
  return (
    <ul class="needs">
      {line.needs.map(({ by, age, calendar, maxAgeMs, until, say, step, text, drill }) => {
        const [project = '', name = ''] = by.id.split('/')
        return (
          <li key={`${by.id} ${step}`}>
            <Link to={by.kind === 'release' ? releasePath(by.id) : checklistPath({ project, name })}>{by.id}</Link> asks
            for no older than <b>{calendar === undefined ? spanWords(maxAgeMs) : age}</b>:{' '}
            {until !== null && until >= now ? (
              <span class="tone-good">
                satisfied until <Moment at={until} />
              </span>
            ) : (
              <span class="tone-bad" title={visible(say)}>
                not satisfied
              </span>
            )}
            <span class="hint">
              {visible(text)}
              {until === null && `; ${visible(say)}`}
              {drill !== null && `; the drill is ${visible(drill)}`}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

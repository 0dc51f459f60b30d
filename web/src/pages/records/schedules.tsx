/** Checklists that come again and again: what is due and overdue, how each time ended, and that one need not be done. */
import { useState } from 'preact/hooks'
import type { Schedule, ScheduleTime } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { Moment } from '../../parts/time.tsx'
import { Link, releasePath } from '../../router.tsx'
import { checklistPath } from '../checklists/words.ts'
import { visible } from '../release/visible.ts'
import { recordPath } from './ledger-view.tsx'

/** So many that ended are shown of each. */
const MOST_ENDED = 6

const tones: Readonly<Record<ScheduleTime['state'], string>> = {
  upcoming: 'quiet',
  due: 'person',
  overdue: 'bad',
  escalated: 'bad',
  done: 'good',
  skipped: 'quiet',
  missed: 'bad',
}

function isPressing(time: ScheduleTime): boolean {
  return time.state === 'due' || isLate(time)
}

export function isLate({ state }: ScheduleTime): boolean {
  return state === 'overdue' || state === 'escalated'
}

interface SchedulesProps {
  readonly schedules: readonly Schedule[]
  readonly maySkip: boolean
  readonly mayStart: boolean
  readonly onChanged: () => Promise<void>
}

export function Schedules({ schedules, maySkip, mayStart, onChanged }: SchedulesProps) {
  const [skipping, setSkipping] = useState<{ readonly schedule: Schedule; readonly time: ScheduleTime } | null>(null)
  const [starting, setStarting] = useState<Schedule | null>(null)
  if (schedules.length === 0) return <NoSchedules />
  return (
    <>
      <ul class="schedules">
        {schedules.map((schedule) => (
          <li key={schedule.id}>
            <h2>{visible(schedule.title)}</h2>
            <p class="hint">
              <Link to={checklistPath(schedule)}>{schedule.id}</Link> comes every {visible(schedule.every)} (
              {schedule.zone}){schedule.owner !== null && <>, owed by {visible(schedule.owner)}</>}. Done by a record{' '}
              <Link to={recordPath({ name: schedule.record, project: schedule.project })}>
                {visible(schedule.record)}
              </Link>
              .{schedule.start !== null && <> {startsWords(schedule.start)}</>}
            </p>
            {mayStart && (
              <button
                type="button"
                aria-label={`Start it now: ${schedule.title}`}
                onClick={() => setStarting(schedule)}
              >
                Start it now
              </button>
            )}
            <Times schedule={schedule} onSkip={maySkip ? (time) => setSkipping({ schedule, time }) : null} />
          </li>
        ))}
      </ul>
      {skipping !== null && <SkipTime {...skipping} onChanged={onChanged} onClose={() => setSkipping(null)} />}
      {starting !== null && <StartNow schedule={starting} onChanged={onChanged} onClose={() => setStarting(null)} />}
    </>
  )
}

interface TimesProps {
  readonly schedule: Schedule
  readonly onSkip: ((time: ScheduleTime) => void) | null
}

/** The newest first: what comes, what is open, and what has ended. */
function Times({ schedule: { title, times }, onSkip }: TimesProps) {
  const open = times.filter((time) => isPressing(time) || time.state === 'upcoming')
  const ended = times.filter((time) => !open.includes(time)).slice(-MOST_ENDED)
  return (
    <table class="records-table">
      <caption class="aside">Times of {title}, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">State</th>
          <th scope="col">How it stands</th>
          <th scope="col">Told</th>
        </tr>
      </thead>
      <tbody>
        {[...ended, ...open].toReversed().map((time) => (
          <tr key={time.at}>
            <td data-of="Time">
              <Moment at={time.at} />
            </td>
            <td data-of="State">
              <b class={`tone-${tones[time.state]}`}>{time.state}</b>
            </td>
            <td data-of="Stands" class="note">
              <div>
                {visible(time.say)}
                {time.start?.release != null && (
                  <>
                    {' · '}
                    <Link to={releasePath(time.start.release)}>Its release</Link>
                  </>
                )}
                {time.skip !== null && (
                  <span class="hint">
                    by {visible(time.skip.by)}
                    {time.skip.role !== null && ` as ${visible(time.skip.role)}`}
                  </span>
                )}
                {isPressing(time) && onSkip !== null && (
                  <button type="button" aria-label={`Skip this time of ${title}`} onClick={() => onSkip(time)}>
                    Skip this time
                  </button>
                )}
              </div>
            </td>
            <td data-of="Told">{toldWords(time)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function toldWords({ told }: ScheduleTime): string {
  const failed = told.filter(({ state }) => state === 'failed')
  const sent = told.filter(({ state }) => state === 'sent')
  if (failed.length > 0) return `${failed.map(({ channel }) => channel).join(', ')} could not be told`
  const last = sent.toSorted((one, other) => other.at - one.at)[0]
  return last === undefined ? '–' : `${last.notice.split(' ')[0] ?? ''} to ${last.channel}`
}

function startsWords({ drill, environment }: NonNullable<Schedule['start']>): string {
  const what = drill === null ? '' : ` (the drill ${visible(drill)})`
  return `The server starts it at its time${what}${environment === null ? '' : `, in ${visible(environment)}`}.`
}

interface StartNowProps {
  readonly schedule: Schedule
  readonly onChanged: () => Promise<void>
  readonly onClose: () => void
}

function StartNow({ schedule, onChanged, onClose }: StartNowProps) {
  const [environment, setEnvironment] = useState('')
  const send = async (): Promise<void> => {
    const path = `/v1/projects/${encodeURIComponent(schedule.project)}/schedules/${encodeURIComponent(schedule.name)}/run`
    await post(path, { environment: environment.trim() === '' ? null : environment.trim() })
    await onChanged()
  }
  const lead = (
    <>
      {visible(schedule.title)} begins at once, as a release of its own. If one of its times is open, that counts as
      started.
    </>
  )
  return (
    <ActDialog title="Start it now" action="Start it" lead={lead} onSend={send} onClose={onClose}>
      <Field
        label="Environment"
        value={environment}
        onValue={setEnvironment}
        isFirst
        hint="Empty: where its schedule or its drill says, or the only one there is"
      />
    </ActDialog>
  )
}

interface SkipTimeProps {
  readonly schedule: Schedule
  readonly time: ScheduleTime
  readonly onChanged: () => Promise<void>
  readonly onClose: () => void
}

function SkipTime({ schedule, time, onChanged, onClose }: SkipTimeProps) {
  const [reason, setReason] = useState('')
  const [role, setRole] = useState('')
  const send = async (): Promise<void> => {
    const path = `/v1/projects/${encodeURIComponent(schedule.project)}/schedules/${encodeURIComponent(schedule.name)}/skip`
    await post(path, { at: time.at, reason: reason.trim(), role: role.trim() === '' ? null : role.trim() })
    await onChanged()
  }
  const lead = (
    <>
      {visible(schedule.title)} of <Moment at={time.at} /> need not be done: nobody is reminded of it any more. Gates
      that read its record go on asking for one.
    </>
  )
  return (
    <ActDialog title="Skip this time" action="Skip it" lead={lead} onSend={send} onClose={onClose}>
      <Field label="Why it need not be done" value={reason} onValue={setReason} lines={3} isFirst required />
      <Field label="As" value={role} onValue={setRole} hint="Your role in this, such as lead" />
    </ActDialog>
  )
}

function NoSchedules() {
  return (
    <section class="teach">
      <h2>Nothing comes again and again</h2>
      <p>
        A drill every quarter, a backup every night: a registered checklist says in its front matter when it comes. The
        server reminds people, says when it is overdue, and keeps what was missed.
      </p>
      <pre tabIndex={0}>
        <code>{`schedule:
  every: first monday of quarter 10:00
  zone: Europe/Berlin
  record: restore-test
  remind: [7d, 1d]
  due-within: 14d
  to: ops`}</code>
      </pre>
    </section>
  )
}

/** What is said of a time of a schedule: to channels, in lists. */
import type { Notice, Standing } from '../../core/schedule/occurrences.ts'
import type { Occurrence } from '../../core/schedule/schedule.ts'
import type { Instant } from '../../core/units.ts'
import { dateWords, durationWords } from '../../report/words.ts'
import type { Registered } from './registered.ts'

export function noticeWords(
  { plan, schedule, id, project }: Registered,
  { at, deadline }: Occurrence,
  { failed }: Standing,
  { kind }: Notice,
  now: Instant,
): { readonly subject: string; readonly body: string } {
  const what = plan.name
  const heads: Readonly<Record<Notice['kind'], string>> = {
    remind: `Reminder: ${what} is due in ${durationWords(at - now)}`,
    due: `Due: ${what}`,
    overdue: `Overdue: ${what}`,
    escalate: `Still overdue: ${what}`,
    missed: `Missed: ${what}`,
  }
  const lines = [
    `${what} (${id}) comes every ${schedule.words}, in ${schedule.zone}.`,
    `Its time is ${dateWords(at)}; it has until ${dateWords(deadline)}.`,
    ...(kind === 'overdue' || kind === 'escalate' ? [`It is overdue for ${durationWords(now - deadline)}.`] : []),
    ...(kind === 'missed' ? ['The next one is open now: this one was not done, and stays in the list as missed.'] : []),
    ...(failed === null ? [] : [`It was tried at ${dateWords(failed.observedAt)} and failed: ${failed.note}`]),
    ...(schedule.owner === null ? [] : [`It is owed by ${schedule.owner}.`]),
    kind === 'missed'
      ? `The record that says it was done is "${schedule.record}" of ${project}.`
      : `It is done when a record "${schedule.record}" of ${project} says so.`,
  ]
  return { subject: heads[kind], body: lines.join('\n') }
}

/** One sentence for lists. */
export function standingWords(
  { at, opens, deadline, closes }: Occurrence,
  { state, record, failed, isLate }: Standing,
  reason: string | null,
  now: Instant,
): string {
  const tried = failed === null ? '' : `; tried at ${dateWords(failed.observedAt)}, which failed`
  switch (state) {
    case 'upcoming':
      return `in ${durationWords(at - now)}, reminders from ${dateWords(opens)}`
    case 'due':
      return now < at
        ? `in ${durationWords(at - now)}; it may be done already${tried}`
        : `${durationWords(deadline - now)} left${tried}`
    case 'overdue':
      return `overdue for ${durationWords(now - deadline)}${tried}`
    case 'escalated':
      return `overdue for ${durationWords(now - deadline)}, and others were told${tried}`
    case 'done':
      return record === null
        ? 'done'
        : `done ${dateWords(record.observedAt)} by ${record.by}${isLate ? `, ${durationWords(record.observedAt - deadline)} late` : ''}`
    case 'skipped':
      return `skipped: ${reason ?? 'no reason given'}`
    case 'missed':
      return `missed: nobody did it before ${dateWords(closes)}${tried}`
  }
}

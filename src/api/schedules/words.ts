/** What is said of a time of a schedule: to channels, in lists. */
import type { Notice, Standing } from '../../core/schedule/occurrences.ts'
import type { Occurrence } from '../../core/schedule/schedule.ts'
import type { StartTried } from '../../core/schedule/starting.ts'
import type { Instant } from '../../core/units.ts'
import { dateWords, durationWords } from '../../report/words.ts'
import type { Registered } from './registered.ts'

export interface NoticeAbout {
  readonly occurrence: Occurrence
  readonly standing: Standing
  /** What became of starting it; null = nobody tried. */
  readonly tried: StartTried | null
}

function startLines(tried: StartTried | null): readonly string[] {
  if (tried === null) return []
  return [
    tried.state === 'started' ? `The server started it: ${tried.release}` : `It could not be started: ${tried.why}`,
  ]
}

/** That the server could not start it: what stands against it, and what becomes of it now. */
export function notStartedWords(
  { plan, schedule, id }: Registered,
  { at }: Occurrence,
  { state, why }: StartTried,
): { readonly subject: string; readonly body: string } {
  const until = at + (schedule.start?.giveUpMs ?? 0)
  const lines = [
    `${plan.name} (${id}) is to be started by the server every ${schedule.words}, in ${schedule.zone}.`,
    `Its time is ${dateWords(at)}. It could not be started: ${why}`,
    state === 'refused'
      ? `It is tried again until ${dateWords(until)}.`
      : `It is given up. To start it by hand: holdpoint schedule run ${id}`,
    ...(schedule.owner === null ? [] : [`It is owed by ${schedule.owner}.`]),
  ]
  return { subject: `${state === 'refused' ? 'Not started yet' : 'Not started'}: ${plan.name}`, body: lines.join('\n') }
}

/** For lists, behind how it stands; empty = nobody tried, or it is done. */
export function startWords(tried: StartTried | null, { state }: Pick<Standing, 'state'>): string {
  if (tried === null || state === 'done' || state === 'skipped') return ''
  if (tried.state === 'started') return `; started as ${tried.release}`
  return tried.state === 'refused'
    ? `; not started yet, tried again: ${tried.why}`
    : `; not started, and given up: ${tried.why}`
}

export function noticeWords(
  { plan, schedule, id, project }: Registered,
  { occurrence: { at, deadline }, standing: { failed }, tried }: NoticeAbout,
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
    ...startLines(tried),
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

/** `schedule`: checklists that come again and again, on a server or in a file, and what has to be done now. */
import type { Schedule, ScheduleTime } from '../../api/wire/schedule-shapes.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { occurrencesBetween, type OccurrenceState, standingOf } from '../../core/schedule/occurrences.ts'
import type { SchedulePlan } from '../../core/schedule/schedule.ts'
import { countWords, dateWords, durationWords } from '../../report/words.ts'
import { change, printToldTable, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { type Context, printJson } from '../context.ts'
import { loadPlan } from '../document.ts'
import { UsageFault } from '../faults.ts'
import { text } from '../values.ts'

interface Line {
  readonly schedule: string
  readonly at: number
  readonly deadline: number
  readonly state: OccurrenceState
  readonly say: string
}

const pressing: ReadonlySet<OccurrenceState> = new Set(['due', 'overdue', 'escalated'])

export const list: Run = async (context, words) => {
  const lines = await linesOf(context, words[0])
  if (context.json) printJson(context, lines)
  else if (lines.length === 0)
    context.err('no checklist has a schedule; it stands in the front matter: schedule: { every: month, record: NAME }')
  else print(context, lines)
  return 0
}

/** Exit 1 when something is to be done: the order is for cron, which speaks only of what fails. */
export const due: Run = async (context, words) => {
  const lines = (await linesOf(context, words[0])).filter(({ state }) => pressing.has(state))
  if (context.json) printJson(context, lines)
  else if (lines.length > 0) print(context, lines)
  context.err(
    lines.length === 0 ? 'nothing is due' : `${countWords(lines.length, 'checklist is', 'checklists are')} due`,
  )
  return lines.length === 0 ? 0 : 1
}

export const skip: Run = async (context, [id = ''], options) => {
  const { project, name } = placeOf(id)
  const client = await context.client()
  const found = (await client.ask<readonly Schedule[]>('GET', '/v1/schedules')).find((one) => one.id === id)
  if (found === undefined)
    throw new UsageFault(`there is no schedule of "${id}" here; holdpoint schedule list shows all`)
  const at = timeMeant(found, text(options, 'at'))
  const body = { at, reason: text(options, 'reason') ?? '', role: text(options, 'role') }
  return change<Schedule>(context, `/v1/projects/${segment(project)}/schedules/${segment(name)}/skip`, body, () => [
    `${id} of ${dateWords(at)} is skipped`,
  ])
}

export const run: Run = async (context, [id = ''], options) => {
  const { project, name } = placeOf(id)
  const path = `/v1/projects/${segment(project)}/schedules/${segment(name)}/run`
  const body = { environment: text(options, 'env') }
  return change<{ release: string }>(context, path, body, ({ release }) => [
    `${id} is started as ${release}`,
    `follow it: holdpoint release watch ${release}`,
  ])
}

function placeOf(id: string): { readonly project: string; readonly name: string } {
  const [, project, name] = /^([^/]+)\/(.+)$/.exec(id) ?? []
  if (project !== undefined && name !== undefined) return { project, name }
  throw new UsageFault(
    `"${id}" is no checklist of a project, expected PROJECT/CHECKLIST, for example shop/restore-drill`,
  )
}

function timeMeant({ id, times }: Schedule, given: string | null): number {
  if (given !== null) {
    const at = Date.parse(given)
    if (Number.isNaN(at)) throw new UsageFault(`--at is "${given}", expected a time such as --at 2026-04-06T10:00Z`)
    return at
  }
  const open = times.find(({ state }) => pressing.has(state))
  if (open !== undefined) return open.at
  const next = times.at(-1)
  throw new UsageFault(
    `nothing of "${id}" is due now; say which time${next === undefined ? '' : `, for example --at ${new Date(next.at).toISOString()}`}`,
  )
}

async function linesOf(context: Context, file: string | undefined): Promise<readonly Line[]> {
  const client = await context.client()
  if (file !== undefined) {
    const { plan } = await loadPlan(file)
    if (plan.schedule === undefined)
      throw new UsageFault(
        `${file} has no schedule; it stands in the front matter: schedule: { every: month, record: NAME }`,
      )
    return linesOfPlan(plan, plan.schedule, await client.records(plan.schedule.record), Date.now())
  }
  const schedules = await client.ask<readonly Schedule[]>('GET', '/v1/schedules')
  return schedules.flatMap(({ id, times }) => shownTimes(times).map((time) => ({ schedule: id, ...time })))
}

/** What is open or was missed, the last that ended, and the next. */
function shownTimes(times: readonly ScheduleTime[]): readonly ScheduleTime[] {
  const last = times.findLast(({ state }) => state === 'done' || state === 'skipped')
  return times.filter(
    (time) => time === last || time.state === 'missed' || time.state === 'upcoming' || pressing.has(time.state),
  )
}

/** A file is nobody's since a certain day: the time that is open now, and the next. */
function linesOfPlan(
  plan: Plan,
  schedule: SchedulePlan,
  records: Parameters<typeof standingOf>[1],
  now: number,
): readonly Line[] {
  const year = 366 * 86_400_000
  const all = occurrencesBetween(schedule, now - year - 2 * 86_400_000, now + year + 86_400_000)
  const near = all.filter(({ closes }) => closes > now).slice(0, 2)
  return near.map((occurrence) => {
    const { state } = standingOf(occurrence, records, null, now)
    const { at, deadline } = occurrence
    return { schedule: plan.name, at, deadline, state, say: sayOf(state, at, deadline, now) }
  })
}

function sayOf(state: OccurrenceState, at: number, deadline: number, now: number): string {
  if (state === 'done') return 'done'
  if (state === 'upcoming') return `in ${durationWords(at - now)}`
  if (state === 'due') return now < at ? `in ${durationWords(at - now)}` : `${durationWords(deadline - now)} left`
  return `overdue for ${durationWords(now - deadline)}`
}

function print(context: Context, lines: readonly Line[]): void {
  printToldTable(
    context,
    ['CHECKLIST', 'TIME', 'STATE', ''],
    lines.map(({ schedule, at, state, say }) => ({ cells: [schedule, dateWords(at), state, say] })),
  )
}

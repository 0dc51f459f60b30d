/** What CloudWatch and Cost Explorer know: alarms, dashboards, lines of logs, and what was spent. */
import { z } from 'zod'
import type { Instant, Json } from '../units.ts'
import { type Aws, AwsFault, orNone } from './client.ts'
import { nodesAt, textAt, type XmlNode } from './xml.ts'

export const monitoringVersion = '2010-08-01'
const mostPages = 100

export interface Alarm {
  readonly name: string
  /** `OK`, `ALARM`, `INSUFFICIENT_DATA`. */
  readonly state: string
  readonly reason: string
  /** Whoever is to be told is told. */
  readonly isActive: boolean
}

export interface LogEvent {
  readonly at: Instant
  readonly text: string
  readonly stream: string
}

/** Both kinds of alarms: those of these names, or all with this prefix. Throws AwsFault. */
export async function alarmsOf(
  aws: Aws,
  asked: { readonly names: readonly string[] } | { readonly prefix: string },
): Promise<readonly Alarm[]> {
  const which =
    'names' in asked
      ? Object.fromEntries(asked.names.map((name, index) => [`AlarmNames.member.${index + 1}`, name]))
      : asked.prefix === ''
        ? {}
        : { AlarmNamePrefix: asked.prefix }
  const kinds = { 'AlarmTypes.member.1': 'MetricAlarm', 'AlarmTypes.member.2': 'CompositeAlarm' }
  const pages = await allPages(aws, 'DescribeAlarms', { ...which, ...kinds, MaxRecords: '100' })
  return pages
    .flatMap((page) => [...nodesAt(page, 'MetricAlarms', 'member'), ...nodesAt(page, 'CompositeAlarms', 'member')])
    .map(alarmIn)
}

/** The text of a dashboard, which is JSON; null = there is none. Throws AwsFault. */
export async function dashboardOf(aws: Aws, name: string): Promise<string | null> {
  const asked = aws.form('monitoring', monitoringVersion, 'GetDashboard', { DashboardName: name })
  const result = (await orNone(asked, 'ResourceNotFound')) ?? null
  return result === null ? null : (textAt(result, 'DashboardBody') ?? '')
}

const eventsShape = z.object({
  events: z
    .array(z.object({ timestamp: z.number(), message: z.string(), logStreamName: z.string().nullish() }))
    .nullish(),
  nextToken: z.string().nullish(),
})

/** Lines of a time, at most so many, and whether that was all; null = there is no such group. Throws AwsFault. */
export async function logEventsOf(
  aws: Aws,
  asked: {
    readonly group: string
    readonly filter: string | null
    readonly from: Instant
    readonly to: Instant
    readonly most: number
  },
): Promise<{ readonly events: readonly LogEvent[]; readonly isAll: boolean } | null> {
  const events: LogEvent[] = []
  let token: string | null = null
  // Pages may be empty and still go on.
  for (let page = 0; page < mostPages && events.length < asked.most; page += 1) {
    const body: Record<string, Json> = {
      logGroupName: asked.group,
      startTime: asked.from,
      endTime: asked.to,
      ...(asked.filter !== null && { filterPattern: asked.filter }),
      ...(token !== null && { nextToken: token }),
    }
    const answer: Json | null = await orNone(
      aws.json('logs', 'Logs_20140328.FilterLogEvents', body),
      'ResourceNotFoundException',
    )
    if (answer === null) return null
    const read = eventsShape.safeParse(answer)
    if (!read.success) throw new AwsFault('the answer about the log is not as CloudWatch gives it', '', 200)
    for (const { timestamp, message, logStreamName } of read.data.events ?? [])
      events.push({ at: timestamp, text: message, stream: logStreamName ?? '' })
    token = read.data.nextToken ?? null
    if (token === null) return { events, isAll: true }
  }
  return { events: events.slice(0, asked.most), isAll: false }
}

const costShape = z.object({
  ResultsByTime: z.array(
    z.object({
      TimePeriod: z.object({ Start: z.string(), End: z.string() }),
      Total: z.record(z.string(), z.object({ Amount: z.string(), Unit: z.string() })),
      Estimated: z.boolean().nullish(),
    }),
  ),
  NextPageToken: z.string().nullish(),
})

export interface DailyCost {
  /** `2026-11-01` */
  readonly day: string
  readonly amount: number
  readonly unit: string
  /** It may still grow. */
  readonly isEstimated: boolean
}

/** What each day cost, from the first to the day before `end`. Throws AwsFault. */
export async function dailyCosts(
  aws: Aws,
  asked: { readonly start: string; readonly end: string; readonly filter: Json | null; readonly metric: string },
): Promise<readonly DailyCost[]> {
  const days: DailyCost[] = []
  let token: string | null = null
  for (let page = 0; page < mostPages; page += 1) {
    const body: Record<string, Json> = {
      TimePeriod: { Start: asked.start, End: asked.end },
      Granularity: 'DAILY',
      Metrics: [asked.metric],
      ...(asked.filter !== null && { Filter: asked.filter }),
      ...(token !== null && { NextPageToken: token }),
    }
    const read = costShape.safeParse(await aws.json('cost', 'AWSInsightsIndexService.GetCostAndUsage', body))
    if (!read.success) throw new AwsFault('the answer about costs is not as Cost Explorer gives it', '', 200)
    for (const { TimePeriod, Total, Estimated } of read.data.ResultsByTime) {
      const { Amount = 'NaN', Unit = '' } = Total[asked.metric] ?? {}
      if (Amount === '' || !Number.isFinite(Number(Amount))) continue
      days.push({ day: TimePeriod.Start, amount: Number(Amount), unit: Unit, isEstimated: Estimated ?? false })
    }
    token = read.data.NextPageToken ?? null
    if (token === null) return days
  }
  throw new AwsFault('the answer about costs does not end', '', 200)
}

async function allPages(
  aws: Aws,
  action: string,
  values: Readonly<Record<string, string>>,
): Promise<readonly XmlNode[]> {
  const pages: XmlNode[] = []
  let token: string | null = null
  for (let page = 0; page < mostPages; page += 1) {
    const asked = token === null ? values : { ...values, NextToken: token }
    const result: XmlNode = await aws.form('monitoring', monitoringVersion, action, asked)
    pages.push(result)
    token = textAt(result, 'NextToken')
    if (token === null || token === '') return pages
  }
  throw new AwsFault(`the answer to ${action} has more than ${mostPages} pages`, '', 200)
}

function alarmIn(node: XmlNode): Alarm {
  const name = textAt(node, 'AlarmName')
  const state = textAt(node, 'StateValue')
  if (name === null || state === null) throw new AwsFault('the list of alarms is not as CloudWatch gives it', '', 200)
  return { name, state, reason: textAt(node, 'StateReason') ?? '', isActive: textAt(node, 'ActionsEnabled') === 'true' }
}

/** CloudWatch, its logs and Cost Explorer as their APIs describe them: alarms and dashboards, metrics, lines in pages, costs of days. */
import { type AwsAnswer, type AwsCall, type AwsHandler, elements, formAnswer, json, Refusal } from './answers.ts'

export interface Watching {
  readonly alarms: Map<string, { state: string; active: boolean; kind?: 'CompositeAlarm' }>
  readonly dashboards: Map<string, string>
  /** Under the query as it arrives (`Id` is not of it): values by time, in seconds. Null = `StatusCode` is what is said in `code`. */
  metric: (query: Readonly<Record<string, string>>, from: number, to: number) => MetricAnswer
  readonly logs: Map<string, { at: number; text: string }[]>
  /** Dollars of a day such as `2026-11-01`; a day without one is not in the answer. */
  readonly costs: Map<string, { amount: number; estimated: boolean }>
}

export interface MetricAnswer {
  readonly code?: string
  readonly points: readonly { readonly at: number; readonly value: number }[]
}

export function emptyWatching(): Watching {
  return { alarms: new Map(), dashboards: new Map(), metric: () => ({ points: [] }), logs: new Map(), costs: new Map() }
}

export function monitoringHandler(watching: Watching): AwsHandler {
  const actions: Readonly<Record<string, (call: AwsCall) => string>> = {
    DescribeAlarms: (call) => alarms(watching, call),
    GetDashboard: ({ form }) => {
      const name = form.get('DashboardName') ?? ''
      const body = watching.dashboards.get(name)
      if (body === undefined) throw new Refusal(404, 'ResourceNotFound', `Dashboard ${name} does not exist`)
      return elements({ DashboardName: name, DashboardBody: body })
    },
    GetMetricData: (call) => metricData(watching, call),
  }
  return {
    protocol: 'query',
    action: ({ form }) => `cloudwatch:${form.get('Action')}`,
    answer: (call) => {
      const action = call.form.get('Action') ?? ''
      const found = actions[action]
      if (found === undefined || call.form.get('Version') !== '2010-08-01')
        throw new Refusal(400, 'InvalidAction', `Could not find operation ${action}`)
      return formAnswer(action, found(call))
    },
  }
}

/** Two to a page. */
const page = 2

function alarms({ alarms: all }: Watching, { form }: AwsCall): string {
  const names = [...form].filter(([key]) => key.startsWith('AlarmNames.member.')).map(([, name]) => name)
  const prefix = form.get('AlarmNamePrefix') ?? ''
  const types = [...form].filter(([key]) => key.startsWith('AlarmTypes.member.')).map(([, type]) => type)
  const found = [...all].filter(
    ([name, { kind = 'MetricAlarm' }]) =>
      types.includes(kind) && name.startsWith(prefix) && (names.length === 0 || names.includes(name)),
  )
  const from = Number(form.get('NextToken') ?? 0)
  const lists = (['MetricAlarm', 'CompositeAlarm'] as const).map((wanted) => {
    const members = found
      .slice(from, from + page)
      .filter(([, { kind = 'MetricAlarm' }]) => kind === wanted)
      .map(
        ([name, { state, active }]) =>
          `<member>${elements({ AlarmName: name, StateValue: state, StateReason: `${name} crossed`, ActionsEnabled: active })}</member>`,
      )
    return `<${wanted}s>${members.join('')}</${wanted}s>`
  })
  const next = from + page < found.length ? elements({ NextToken: from + page }) : ''
  return `${lists.join('')}${next}`
}

function metricData(watching: Watching, { form }: AwsCall): string {
  const queries = new Map<string, Record<string, string>>()
  for (const [key, value] of form) {
    const [, index = '', rest = ''] = /^MetricDataQueries\.member\.(\d+)\.(.+)$/.exec(key) ?? []
    if (index !== '') queries.set(index, { ...queries.get(index), [rest]: value })
  }
  const from = Date.parse(form.get('StartTime') ?? '')
  const to = Date.parse(form.get('EndTime') ?? '')
  if (Number.isNaN(from) || Number.isNaN(to) || from >= to)
    throw new Refusal(400, 'ValidationError', 'The parameter StartTime must be less than the parameter EndTime.')
  const results = [...queries.values()].map((query) => {
    const id = query['Id'] ?? ''
    if (!/^[a-z]\w*$/.test(id)) throw new Refusal(400, 'ValidationError', `Invalid Id ${id}`)
    const { code = 'Complete', points } = watching.metric(query, from, to)
    const times = points.map(({ at }) => `<member>${new Date(at).toISOString()}</member>`).join('')
    const values = points.map(({ value }) => `<member>${value}</member>`).join('')
    return `<member>${elements({ Id: id, Label: id, StatusCode: code })}<Timestamps>${times}</Timestamps><Values>${values}</Values></member>`
  })
  return `<MetricDataResults>${results.join('')}</MetricDataResults>`
}

export function logsHandler({ logs }: Watching): AwsHandler {
  return {
    protocol: 'json',
    action: ({ headers }) => `logs:${String(headers['x-amz-target']).split('.')[1]}`,
    answer: ({ headers, json: given }): AwsAnswer => {
      if (headers['x-amz-target'] !== 'Logs_20140328.FilterLogEvents')
        throw new Refusal(400, 'UnknownOperationException', '')
      const lines = logs.get(String(given['logGroupName']))
      if (lines === undefined)
        throw new Refusal(400, 'ResourceNotFoundException', 'The specified log group does not exist.')
      const [from, to] = [Number(given['startTime'] ?? 0), Number(given['endTime'] ?? Infinity)]
      const filter = typeof given['filterPattern'] === 'string' ? given['filterPattern'].replaceAll('"', '') : ''
      const within = lines.filter(({ at, text }) => at >= from && at < to && text.includes(filter))
      const at = Number(given['nextToken'] ?? 0)
      // The first page is empty and goes on, as it may be.
      const first = at === 0
      const some = first ? [] : within.slice(at - 1, at - 1 + page)
      const next = first ? 1 : at + page
      const more = first || next - 1 < within.length ? { nextToken: String(next) } : {}
      const events = some.map(({ at: timestamp, text: message }) => ({ timestamp, message, logStreamName: 's' }))
      return json({ events, searchedLogStreams: [], ...more })
    },
  }
}

export function costHandler({ costs }: Watching): AwsHandler {
  return {
    protocol: 'json',
    action: ({ headers }) => `ce:${String(headers['x-amz-target']).split('.')[1]}`,
    answer: ({ headers, json: given }): AwsAnswer => {
      if (headers['x-amz-target'] !== 'AWSInsightsIndexService.GetCostAndUsage')
        throw new Refusal(400, 'UnknownOperationException', '')
      const { Start = '', End = '' } = given['TimePeriod'] as { Start?: string; End?: string }
      if (!(Start < End))
        throw new Refusal(400, 'ValidationException', 'Start date (and hour) should be before end date')
      const [metric = ''] = given['Metrics'] as string[]
      const days = [...costs].filter(([day]) => day >= Start && day < End).toSorted(([a], [b]) => (a < b ? -1 : 1))
      const from = Number(given['NextPageToken'] ?? 0)
      const next = from + page < days.length ? { NextPageToken: String(from + page) } : {}
      const rows = days.slice(from, from + page).map(([day, { amount, estimated }]) => ({
        TimePeriod: { Start: day, End: day },
        Total: { [metric]: { Amount: String(amount), Unit: 'USD' } },
        Groups: [],
        Estimated: estimated,
      }))
      return json({ ResultsByTime: rows, ...next })
    },
  }
}

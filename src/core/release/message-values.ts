/** What a message can say of a release at one moment, by name. plan/message-names.ts lists the names. */
import { dashed, type ListItem, type MessageValue } from '../plan/message-filters.ts'
import { quantileName } from '../plan/message-names.ts'
import type { MetricReading } from '../judge/verdict.ts'
import { leastTimeOf } from '../plan/least-time.ts'
import type { Plan } from '../plan/plan.ts'
import { onCallAt } from '../roster.ts'
import type { Instant, Json, Millis } from '../units.ts'
import type { MessageScope } from './message-text.ts'
import { fieldsOf } from './fields.ts'
import { cellWords, rowsInMarkdown, rowWords, saidTables } from './rows.ts'
import { issueWords, openIssues } from './known-issues.ts'
import { isClosed, isForwardPhase, rolloutsOf, type RolloutView } from './standing.ts'
import type { ObservationState, ReleaseState } from './state.ts'
import { isInBackground, watchEndsAt } from './watch-times.ts'
import { bindingsOf, variablesOf } from './values.ts'

type Values = Readonly<Record<string, MessageValue | undefined>>

/** Stands for who is on call in a text until it is sent, where a service keeps the roster: who that is, is asked then. */
export const onCallWhenSent = 'whoever is on call when this is sent'

/** `news` = one sentence about what has just happened; `isAsked` = what stands for who is on call is filled in later. */
export function messageScope(state: ReleaseState, news: string, now: Instant, isAsked = false): MessageScope {
  const texts = variablesOf(state)
  const values: Values = {
    ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, text(value)])),
    ...Object.fromEntries(Object.entries(state.plan.contacts).map(([name, value]) => [`contact.${name}`, text(value)])),
    ...Object.fromEntries(
      Object.entries(state.plan.roles).map(([name, members]) => [
        `role.${name}`,
        text(members.map((member) => member.id).join(', ')),
      ]),
    ),
    ...tableValues(state),
    ...measuredValues(state),
    ...releaseValues(state, now),
    ...(isAsked && { on_call: { kind: 'list', items: [{ text: onCallWhenSent }] } as const }),
    ...stageValues(state),
    ...watchValues(state, now),
    ...rollbackValues(state, now),
    news: text(news),
  }
  return {
    value: (name) => (Object.hasOwn(values, name) ? values[name] : undefined),
    bindings: { ...nested(values, isOwn), ...bindingsOf(state), ...nested(values, isMeasured) },
  }
}

/** `v1.2.3` is talked about in `#deploy-v1-2-3`. */
export function warRoomOf(version: string): string {
  return `#deploy-${dashed(version)}`
}

function text(words: string): MessageValue {
  return { kind: 'text', text: words }
}

/** Tables that people filled in: written as a table, or gone through row by row. */
function tableValues(state: ReleaseState): Values {
  const tables = saidTables(state).map((said): [string, MessageValue] => {
    const { columns } = said.table
    const items = said.rows.map(({ cells }) => ({
      text: rowWords(columns, cells),
      columns: Object.fromEntries(columns.map((column) => [column.name, cellWords(column, cells)])),
    }))
    return [said.table.name, { kind: 'list', items, table: (cell) => rowsInMarkdown(said, cell) }]
  })
  return Object.fromEntries(tables)
}

function releaseValues(state: ReleaseState, now: Instant): Values {
  const duration = plannedMs(state.plan)
  return {
    now: { kind: 'time', at: now },
    started_at: { kind: 'time', at: state.startedAt },
    expected_end: { kind: 'time', at: state.startedAt + duration },
    ended_at: state.endedAt === null ? undefined : { kind: 'time', at: state.endedAt },
    duration: { kind: 'duration', ms: duration },
    elapsed: { kind: 'duration', ms: (state.endedAt ?? now) - state.startedAt },
    on_call: onCall(state, now),
    issues: { kind: 'list', items: issuesOf(state) },
    known_issues: {
      kind: 'list',
      items: openIssues(state).map((issue) => ({
        text: issueWords(issue),
        columns: { issue: issue.issue, workaround: issue.workaround, severity: issue.severity, target: issue.target },
      })),
    },
    war_room: text(warRoomOf(state.releaseVersion)),
    // Without a server nobody has an address: people on this machine find it by the command.
    checklist_url: text(state.link ?? `holdpoint release show ${state.id}`),
  }
}

/** Until everybody has it, when nobody dawdles: what is watched after that moves nobody. */
function plannedMs(plan: Plan): Millis {
  return plan.phases.filter(isForwardPhase).reduce((sum, phase) => sum + leastTimeOf(plan, phase.id), 0)
}

/** Whoever is on call first at this hour; undefined = nobody is, or no roster says so. */
function onCall({ plan }: ReleaseState, now: Instant): MessageValue | undefined {
  const people = plan.roster === undefined ? [] : onCallAt(plan.roster, now)
  const first = people.filter(({ level }) => level === people[0]?.level)
  return first.length === 0 ? undefined : { kind: 'list', items: first.map(({ person }) => ({ text: person })) }
}

/** What did not go as it should so far, and stands in the report: in the order of the document. */
function issuesOf(state: ReleaseState): readonly ListItem[] {
  const steps = state.plan.steps.flatMap((plan): readonly ListItem[] => {
    const step = state.steps.get(plan.id)
    if (step?.waiver) return [{ text: `${plan.text}: waived, ${step.waiver.reason}` }]
    return step?.closed?.how === 'warned' ? [{ text: `${plan.text}: ${step.closed.why}` }] : []
  })
  const fired = [...state.triggers.values()].filter((trigger) => trigger.status === 'fired')
  return [...steps, ...fired.map((trigger) => ({ text: trigger.say || trigger.id }))]
}

/** The rollout that moves, or the last one that did. */
function currentRollout(state: ReleaseState): RolloutView | undefined {
  const rollouts = rolloutsOf(state)
  return (
    rollouts.find(({ state: rollout }) => rollout.stage >= 0 && rollout.doing !== 'done') ??
    rollouts.findLast(({ state: rollout }) => rollout.stage >= 0)
  )
}

/** The rollout under way, or the watch after it. */
function currentObservation(state: ReleaseState): ObservationState | undefined {
  const all = [...state.observations.values()]
  return all.findLast((observation) => !observation.ended) ?? all.at(-1)
}

function stageValues(state: ReleaseState): Values {
  const rollout = currentRollout(state)
  const next = rollout?.block.stages[rollout.state.stage + 1]
  const percent = (weight: number | undefined): MessageValue => text(weight === undefined ? '' : `${weight}%`)
  return {
    health: text(healthOf(state)),
    percent: percent(rollout?.stage?.weightPercent),
    next_stage: text(next?.title ?? ''),
    next_percent: percent(next?.weightPercent),
    next_stage_in: rollout && next ? stageLeft(state, rollout) : undefined,
  }
}

/** What the stage still has to soak: it can take longer, and never less. */
function stageLeft(state: ReleaseState, { plan, stage, state: rollout }: RolloutView): MessageValue | undefined {
  if (!stage || rollout.doing === 'done') return undefined
  const observation = state.observations.get(plan.id)
  const soaked = observation?.stage === rollout.stage ? observation.soakMs : 0
  return { kind: 'duration', ms: Math.max(0, stage.soakMs - soaked) }
}

function healthOf(state: ReleaseState): string {
  if (state.phase === 'rolling-back' || state.phase === 'rolled-back') return 'Rolled back'
  if (state.phase === 'rollback-failed') return 'Rollback failed'
  if (state.hold !== null) return 'On hold'
  const verdict = currentObservation(state)?.verdict
  if (!verdict) return 'Not judged yet'
  if (verdict.zone === 'go') return 'Healthy'
  return verdict.zone === 'rollback' ? 'Unhealthy' : 'Not yet clear'
}

function measuredValues(state: ReleaseState): Values {
  const readings = currentObservation(state)?.verdict?.metrics ?? []
  return Object.fromEntries([
    ...readings.flatMap((reading) => readingValues(reading, readings)),
    ...baselineValues(state, readings),
  ])
}

/** A metric with one quantile is also reached without it. */
function readingValues(
  reading: MetricReading,
  all: readonly MetricReading[],
): readonly (readonly [string, MessageValue | undefined])[] {
  const names = namesOf(reading, all)
  const number = (value: number | null): MessageValue | undefined =>
    value === null ? undefined : { kind: 'number', value, unit: reading.unit }
  return names.flatMap((name) => [
    [`metric.${name}`, number(reading.canary)] as const,
    [`stable.${name}`, number(reading.stable)] as const,
  ])
}

function namesOf({ metric, quantile }: MetricReading, all: readonly MetricReading[]): readonly string[] {
  if (quantile === null) return [metric]
  const isOnly = all.filter((reading) => reading.metric === metric).length === 1
  return [...(isOnly ? [metric] : []), quantileName(metric, quantile)]
}

/** Numbers kept before the release under `baseline.NAME`, in the unit of their field or of the metric of that name. */
function baselineValues(
  state: ReleaseState,
  readings: readonly MetricReading[],
): readonly (readonly [string, MessageValue])[] {
  return [...state.captures].flatMap(([name, value]) => {
    if (!name.startsWith('baseline.') || !/^-?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(value)) return []
    return [[name, { kind: 'number', value: Number(value), unit: baselineUnit(state, name, readings) }] as const]
  })
}

function baselineUnit(state: ReleaseState, name: string, readings: readonly MetricReading[]): MetricReading['unit'] {
  const short = name.slice('baseline.'.length)
  const field = state.plan.steps
    .flatMap((plan) => fieldsOf(plan))
    .find((each) => each.name === name || each.name === short)
  if (field?.type === 'percent') return 'ratio'
  if (field?.type === 'duration') return 'seconds'
  return readings.find((reading) => namesOf(reading, readings).includes(short))?.unit ?? 'plain'
}

/** Watches that the sign-off waits for, side by side or one after the other: as far as anybody can tell now. */
function watchValues(state: ReleaseState, now: Instant): Values {
  const forward = new Set(state.plan.phases.filter(isForwardPhase).map((phase) => phase.id))
  const open = state.plan.steps.filter(
    (plan) =>
      plan.block.word === 'watch' && forward.has(plan.phase) && !isInBackground(plan) && !isClosed(state, plan.id),
  )
  const until = open.reduce((at, plan) => {
    const end = watchEndsAt(state, plan)
    return end === null ? at + (plan.block.word === 'watch' ? plan.block.forMs : 0) : Math.max(at, end)
  }, now)
  return { watch_for: { kind: 'duration', ms: until - now }, signoff_at: { kind: 'time', at: until } }
}

function rollbackValues(state: ReleaseState, now: Instant): Values {
  const fired = [...state.triggers.values()].findLast((trigger) => trigger.status === 'fired')
  const name = state.plan.triggers.find((trigger) => trigger.id === fired?.id)?.text
  const budget = state.plan.rollbackWithinMs
  const startedAt = state.rollback?.startedAt ?? now
  return {
    trigger: text(name ?? ''),
    rollback_eta: budget === undefined ? undefined : { kind: 'duration', ms: Math.max(0, startedAt + budget - now) },
    rollback_by: budget === undefined ? undefined : { kind: 'time', at: startedAt + budget },
  }
}

const isOwn = (name: string): boolean => !name.includes('.')
const isMeasured = (name: string): boolean => /^(?:metric|stable|baseline|contact|role)\./.test(name)

/** `metric.latency.p95` as CEL reads it: maps in maps. A name with a value and names below it keeps those below. */
function nested(values: Values, isWanted: (name: string) => boolean): Record<string, Json> {
  const root: Record<string, Json> = {}
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && isWanted(name)) put(root, name.split('.'), bindingOf(value))
  return root
}

function put(root: Record<string, Json>, path: readonly string[], value: Json): void {
  let here = root
  for (const key of path.slice(0, -1)) {
    const below = here[key]
    const map = isMap(below) ? { ...below } : {}
    here[key] = map
    here = map
  }
  const last = path.at(-1) ?? ''
  if (typeof here[last] !== 'object') here[last] = value
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Numbers as limits have them: shares, seconds. */
function bindingOf(value: MessageValue): Json {
  switch (value.kind) {
    case 'text':
      return value.text
    case 'number':
      return value.value
    case 'time':
      return value.at / 1000
    case 'duration':
      return value.ms / 1000
    case 'list':
      return value.items.map((item) => item.text)
  }
}

/** A plan as a page shows it before a start: what it asks for, what it will do, who is needed, and what cannot be taken back. Pure. */
import type { RosterAnswer } from '../core/ports/roster.ts'
import type { InputPlan, PhaseKind, Plan, StepPlan } from '../core/plan/plan.ts'
import { leadWords } from '../core/plan/lead-time.ts'
import { anchorOf, leadCalendar, leadPhases } from '../core/release/planned-start.ts'
import { startNow } from '../core/release/start-now.ts'
import type { Instant, Millis } from '../core/units.ts'
import { type MessageRow, messageRows } from './message-rows.ts'
import { asksPeople, blockWords, windowWords } from './plan-words.ts'
import { type WindowView, windowViews } from './windows-view.ts'
import { type RosterView, rosterView } from './roster-words.ts'
import { durationWords, percentWords } from './words.ts'

export interface PlanView {
  readonly name: string
  readonly service: string
  readonly file: string
  /** sha-256 (hex): a start that names it runs exactly this, or is refused. */
  readonly digest: string
  /** Environments that the checklist names; empty = any. */
  readonly environments: readonly PlanEnvironmentView[]
  readonly inputs: readonly PlanInputView[]
  /** Names and where values come from when a command starts; a value is never here. */
  readonly secrets: readonly { readonly name: string; readonly from: string }[]
  readonly phases: readonly PlanPhaseView[]
  readonly counts: {
    readonly steps: number
    readonly checks: number
    readonly actions: number
    readonly people: number
    readonly rollouts: number
  }
  /** Actions that ask two people, or that nobody can take back; worth reading first. */
  readonly dangers: readonly { readonly step: string; readonly text: string; readonly why: string }[]
  /** Who is told what and when. */
  readonly messages: readonly MessageRow[]
  /** Time of soaks, waits and watches. */
  readonly expectedMs: Millis
  /** The earliest end of a start at `now`; null = a window has no room, see `outgrown`. */
  readonly endsAt: Instant | null
  readonly outgrown: string | null
  /** In the order of the front matter; as they are at the time of the look. */
  readonly windows: readonly WindowView[]
  /** Phases with a lead time; empty = a planned start only moves the first rollout. */
  readonly leads: readonly { readonly phase: string; readonly words: string }[]
  /** What a planned start is about, and by whose clock; null = nothing here can be planned. */
  readonly anchor: { readonly title: string; readonly zone: string } | null
  /** Roles that may override a window of a phase. */
  readonly overriders: readonly string[]
  /** Who is on call now, and which contacts nobody made sure of lately. */
  readonly roster: RosterView
}

export interface PlanEnvironmentView {
  readonly name: string
  readonly protected: boolean
  /** Why nothing can start there, whoever asks; null = it can. */
  readonly barred: string | null
}

export interface PlanInputView extends InputPlan {
  readonly name: string
}

export interface PlanPhaseView {
  readonly id: string
  readonly title: string
  readonly kind: PhaseKind
  /** The environment that it names; null = the release's own. */
  readonly environment: string | null
  /** `in window workdays`, `led by ana`; one string each. */
  readonly facts: readonly string[]
  readonly steps: readonly PlanStepView[]
}

export interface PlanStepView {
  readonly id: string
  readonly text: string
  readonly depth: number
  /** `person` is asked something · `machine` only reads · `change` changes the world · `none` for a heading over others. */
  readonly does: 'person' | 'machine' | 'change' | 'none'
  /** What it does, then what is special about it; one string each. */
  readonly notes: readonly string[]
}

/** `answer` = what the service said that keeps the roster; null = none does, or it was not asked. */
export function planView(plan: Plan, now: Instant, answer: RosterAnswer | null = null): PlanView {
  const course = startNow(plan, now)
  const depths = depthsOf(plan)
  return {
    name: plan.name,
    service: plan.service,
    file: plan.source.file,
    digest: plan.digest,
    environments: Object.entries(plan.environments).map(([name, environment]) => ({
      name,
      protected: environment.protected,
      barred:
        environment.protected && plan.unreversed.length > 0
          ? `It is protected, and nobody takes back: ${plan.unreversed.map((id) => textOf(plan, id)).join(', ')}.`
          : null,
    })),
    inputs: Object.entries(plan.inputs).map(([name, input]) => ({ name, ...input })),
    secrets: Object.entries(plan.secrets).map(([name, secret]) => ({
      name,
      from: secret.from === 'file' ? 'a file of the worker' : `${secret.from} ${secret.name}`,
    })),
    phases: plan.phases.map((phase) => ({
      id: phase.id,
      title: phase.title,
      kind: phase.kind,
      environment: phase.environment,
      facts: [
        phase.kind === 'gate' ? '' : phase.kind,
        phase.when === null ? '' : `when ${phase.when}`,
        windowWords(plan, phase),
        phase.environment === null ? '' : `acts on ${phase.environment}`,
        phase.due ? `${phase.due.side === 'before' ? 'due' : 'from'} ${leadWords(phase.due)} the start` : '',
        phase.lead === null ? '' : `led by ${phase.lead}`,
        phase.owner === null ? '' : `owner ${phase.owner}`,
      ].filter((part) => part !== ''),
      steps: plan.steps
        .filter((step) => step.phase === phase.id)
        .map((step) => ({
          id: step.id,
          text: step.text,
          depth: depths.get(step.id) ?? 0,
          does: doesOf(step),
          notes: notesOf(plan, step),
        })),
    })),
    counts: {
      steps: plan.steps.filter(({ block }) => block.word !== 'group').length,
      checks: plan.steps.filter(({ block }) => block.word === 'check').length,
      actions: plan.steps.filter(({ block }) => block.word === 'run').length,
      people: plan.steps.filter(asksPeople).length,
      rollouts: plan.steps.filter(({ block }) => block.word === 'rollout').length,
    },
    dangers: dangersOf(plan),
    messages: messageRows(plan),
    expectedMs: plan.expectedMs,
    endsAt: course.kind === 'fits' ? course.endsAt : null,
    outgrown: course.kind === 'fits' ? null : course.why,
    windows: windowViews(plan, now),
    leads: leadPhases(plan).map(({ title, due }) => ({ phase: title, words: `${leadWords(due)} the start` })),
    anchor: anchorView(plan),
    overriders: overridersOf(plan),
    roster: rosterView(plan, now, answer),
  }
}

function anchorView(plan: Plan): PlanView['anchor'] {
  const anchor = anchorOf(plan)
  return anchor === undefined ? null : { title: anchor.title, zone: leadCalendar(plan).zone }
}

function overridersOf({ phases, windows }: Plan): readonly string[] {
  const roles = phases.flatMap(({ window }) => (window === null ? [] : (windows[window]?.override ?? [])))
  return [...new Set(roles)]
}

function doesOf(step: StepPlan): PlanStepView['does'] {
  const { word } = step.block
  if (word === 'run' || word === 'rollout') return 'change'
  if (asksPeople(step)) return 'person'
  return word === 'group' ? 'none' : 'machine'
}

function notesOf(plan: Plan, step: StepPlan): readonly string[] {
  const { block } = step
  const stages = block.word === 'rollout' ? block.stages : []
  return [
    blockWords(step),
    ...stages.map(
      ({ weightPercent, soakMs, promote }) =>
        `${percentWords(weightPercent)} for ${durationWords(soakMs)}${promote === null ? '' : `, then ${promote} says go`}`,
    ),
    step.severity === 'warning' ? 'a warning' : '',
    step.danger ? 'dangerous: two people confirm' : '',
    step.when === null ? '' : `when ${step.when}`,
    step.owner === null ? '' : `owner ${step.owner}`,
    step.only.length === 0 ? '' : `only ${step.only.join(', ')}`,
    step.never.length === 0 ? '' : `never ${step.never.join(', ')}`,
    step.undo === null ? '' : 'with undo',
    plan.unreversed.includes(step.id) ? 'nobody takes it back' : '',
  ].filter((part) => part !== '')
}

function dangersOf(plan: Plan): PlanView['dangers'] {
  return plan.steps.flatMap((step) => {
    const irreversible = step.block.word === 'run' ? step.block.irreversible : null
    const why = [
      step.danger ? 'two people confirm it' : '',
      irreversible === null ? '' : `cannot be taken back: ${irreversible}`,
      plan.unreversed.includes(step.id) ? 'nothing says how to take it back' : '',
    ].filter((part) => part !== '')
    return why.length === 0 ? [] : [{ step: step.id, text: step.text, why: why.join('; ') }]
  })
}

function textOf(plan: Plan, id: string): string {
  return plan.steps.find((step) => step.id === id)?.text ?? id
}

/** By id; parents stand before their children. */
function depthsOf(plan: Plan): ReadonlyMap<string, number> {
  const depths = new Map<string, number>()
  for (const step of plan.steps) depths.set(step.id, step.parent === null ? 0 : (depths.get(step.parent) ?? 0) + 1)
  return depths
}

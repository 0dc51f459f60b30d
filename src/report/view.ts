/** The one model that every surface shows: a release's state, told for people, as plain JSON. */
import type { Live } from '../core/ports/live.ts'
import type { IncidentAction, PhaseKind, ReleaseType } from '../core/plan/plan.ts'
import type { Actor, Evidence, HotfixOrigin, IncidentStatus, Outcome, RollbackCause } from '../core/release/events.ts'
import { severitiesOf } from '../core/release/rules/incidents.ts'
import { previousOf, servingOf } from '../core/release/serving.ts'
import type { ReleasePhase, ReleaseState } from '../core/release/state.ts'
import type { TimedStep } from '../core/release/there-and-back.ts'
import type { EvidenceReading, RatioReading, Verdict } from '../core/judge/verdict.ts'
import type { Instant, Millis, WeightPercent } from '../core/units.ts'
import type { AskView } from './view/ask-view.ts'
import { ladderOf } from '../core/plan/ladder.ts'
import { barOf } from './view/bar.ts'
import { decisionOf, rollbackOf } from './view/ending.ts'
import { incidentViews } from './view/incidents.ts'
import { knownIssuesViews } from './view/known-issues.ts'
import { rowsViews } from './view/rows.ts'
import { baselineTable } from './view/baseline-table.ts'
import { rolloutViews, watchViews } from './view/observed.ts'
import type { BaselineRowView, KnownIssuesView, MilestonesView, RowsView, WatchRowView } from './view/table-shapes.ts'
import { milestonesOf, watchTable } from './view/watch-table.ts'
import { messageView, type MessageView } from './view/messages.ts'
import { forwardSteps, phaseViews, tallyOf } from './view/phases.ts'
import { timeOf, type TimeView, withDue } from './view/time.ts'
import { presenceView, type PresenceView } from './view/presence.ts'
import { isBusy } from './view/busy.ts'
import { waitsOf } from './view/waits.ts'

export type * from './view/table-shapes.ts'

export type { MessageView }

export type { AskView } from './view/ask-view.ts'

/** The word a surface shows for a step; each has its own icon and colour. */
export type StepWord =
  | 'waiting'
  | 'running'
  | 'passed'
  | 'failed'
  | 'inconclusive'
  | 'errored'
  | 'unknown'
  | 'needs a person'
  | 'stale'
  | 'waived'
  | 'not applicable'
  | 'blocked'
  | 'held'

export type Tally = Readonly<Partial<Record<StepWord, number>>>

export interface ReleaseView {
  readonly release: string
  /** Version of the state that this view shows: what a decision names as seen. */
  readonly version: number
  /** When this view was made. */
  readonly at: Instant
  readonly phase: ReleasePhase
  readonly facts: FactsView
  readonly bar: BarView
  /** Document order. */
  readonly phases: readonly PhaseView[]
  /** Over all steps of the forward phases. */
  readonly tally: Tally
  readonly rollouts: readonly RolloutView[]
  readonly watches: readonly WatchView[]
  /** Every watch of the checklist, those to come too. Document order. */
  readonly watchTable: readonly WatchRowView[]
  readonly milestones: MilestonesView
  readonly knownIssues: readonly KnownIssuesView[]
  /** Open-ended tables that people fill in, in the order of the document. */
  readonly tables: readonly RowsView[]
  /** Every value of a `baseline` block, captured or not. Document order. */
  readonly baselines: readonly BaselineRowView[]
  readonly triggers: readonly {
    readonly id: string
    readonly text: string
    readonly severity: string
    readonly action: string
    readonly status: string
    readonly say: string
  }[]
  /** Machines are at work: something will change without a person and without a wait. */
  readonly busy: boolean
  /** What the release cannot go on without, most urgent first. Empty while machines work or when it has ended. */
  readonly waitsFor: readonly WaitingView[]
  readonly messages: readonly MessageView[]
  readonly hold: { readonly by: string; readonly why: string; readonly at: Instant } | null
  /** People who have to be there for the phase at hand; absent = nobody in particular. */
  readonly presence?: PresenceView
  readonly rollback: RollbackView | null
  /** Planned start, lead times and what was said about windows; absent = there is nothing of the kind. */
  readonly time?: TimeView
  readonly notes: readonly {
    readonly at: Instant
    readonly by: string
    readonly step: string | null
    readonly note: string
  }[]
  readonly captures: Readonly<Record<string, string>>
  /** Newest last. */
  readonly incidents: readonly IncidentView[]
  /** Tasks that came out of it, as they were added. */
  readonly followUps: ReleaseState['followUps']
  /** Releases that were begun to mend this one. */
  readonly hotfixes: readonly { readonly release: string; readonly version: string; readonly at: Instant }[]
  /** Set as soon as the answer to "did it go well?" stands; a release that is validating is already released. */
  readonly decision: DecisionView | null
}

export interface FactsView {
  readonly name: string
  readonly service: string
  readonly releaseVersion: string
  readonly previous: string | null
  /** What each component served before anything changed: its own `previous`; absent = none is read. */
  readonly serving?: readonly { readonly component: string; readonly version: string | null }[]
  readonly environment: string
  readonly protected: boolean
  readonly planDigest: string
  readonly file: string
  readonly commit: string | null
  readonly dirty: boolean
  readonly artefact: string | null
  readonly releaseType: ReleaseType
  /** What an incident may be declared as, the worst first, and what each then does. */
  readonly severities: readonly { readonly name: string; readonly action: IncidentAction }[]
  /** What it mends; null = it is no hotfix. */
  readonly hotfixOf: HotfixOrigin | null
  readonly rehearsal: boolean
  /** Brought out to be taken back: a rehearsal of the way back; absent = it is not. */
  readonly andBack?: true
  /** Title of the drill that it is; absent = it is a release, or a rehearsal of one. */
  readonly drill?: string
  readonly startedBy: Actor
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  readonly lastEventAt: Instant
  readonly expectedMs: Millis
  readonly inputs: Readonly<Record<string, string | number | boolean>>
  /** How much of this release a machine proves, and how much a person promises. */
  readonly ladder: { readonly automated: number; readonly manual: number }
}

/** What blocks us now, who owes it, since when, what happens next and when. */
export interface BarView {
  /** `good` all well or done · `busy` machines work · `person` someone owes something · `bad` failed or going back. */
  readonly tone: 'good' | 'busy' | 'person' | 'bad'
  readonly now: string
  readonly who: string | null
  readonly since: Instant | null
  readonly next: string | null
  readonly nextAt: Instant | null
}

export interface PhaseView {
  readonly id: string
  readonly title: string
  readonly kind: PhaseKind
  /** `not run` = a rollback, drill, incident or reference phase that nothing has called for. */
  readonly status: 'waiting' | 'open' | 'closed' | 'not applicable' | 'not run'
  readonly openedAt: Instant | null
  readonly closedAt: Instant | null
  readonly why: string
  readonly tally: Tally
  /** Parents before their children; `depth` says how deep. */
  readonly steps: readonly StepView[]
}

export interface StepView {
  readonly id: string
  readonly text: string
  readonly line: number
  readonly depth: number
  readonly section: readonly string[]
  /** First word of its block: `answer`, `check`, `run`, `approve`, `rollout`, ... */
  readonly word: string
  readonly state: StepWord
  /** False for a warning: whatever its state, it does not stop the release. */
  readonly blocks: boolean
  /** One sentence: the number beside its limit, the answer and who gave it, the reason. */
  readonly say: string
  readonly owner: string | null
  /** Since when it is in this state. */
  readonly since: Instant | null
  readonly attempts: number
  /** How far taking it back has come; null where nothing was to be taken back. */
  readonly undo: 'running' | Outcome | null
  readonly evidence: readonly Evidence[]
  readonly asks: AskView | null
}

export interface RolloutView {
  readonly step: string
  readonly text: string
  readonly doing: 'waiting' | 'acting' | 'shifting' | 'putting-back' | 'soaking' | 'done'
  /** Index of the stage entered last; -1 before the first. */
  readonly stage: number
  readonly stages: readonly {
    readonly id: string
    readonly title: string
    readonly weightPercent: WeightPercent
    readonly soakMs: Millis
    readonly promote: string | null
    readonly state: 'waiting' | 'now' | 'left'
  }[]
  readonly components: readonly {
    readonly name: string
    readonly driver: string
    /** As read back last; null = it could not be read, or is just being moved. */
    readonly percent: WeightPercent | null
    readonly movingTo: WeightPercent | null
    readonly restored: boolean
    readonly say: string
  }[]
  readonly observed: ObservedView | null
  /** How often the judge turned back healthy windows of the past, beside its promise; absent = it promises nothing, or nobody looked. */
  readonly calibration?: string
}

export interface WatchView {
  readonly step: string
  readonly text: string
  readonly observed: ObservedView
}

export interface ObservedView {
  readonly stage: number | null
  readonly startedAt: Instant
  readonly ended: boolean
  readonly soakMs: Millis
  readonly neededMs: Millis
  readonly verdict: Omit<Verdict, 'metrics'> | null
  readonly metrics: readonly MetricView[]
}

export interface MetricView {
  /** `errors`, `latency p95`. */
  readonly label: string
  readonly metric: string
  readonly quantile: number | null
  readonly unit: 'ratio' | 'seconds' | 'plain'
  /** null = no data: never a pass. */
  readonly canary: number | null
  readonly stable: number | null
  /** The frozen number it is compared with; null = with none. */
  readonly baseline: number | null
  readonly samples: number
  readonly minSamples: number
  readonly zone: Verdict['zone']
  readonly why: Verdict['why']
  readonly limits: {
    readonly go: string | null
    readonly rollback: string | null
    readonly versusStable: string | null
  }
  /** `error rate 1.31 % > 1 % go, < 2 % rollback · stable 0.42 %`. */
  readonly say: string
  /** Judged and shown, and no part of the verdict. */
  readonly dryRun: boolean
  /** Canary / stable with an interval that may be read at any time, and the limits in the same unit; null = not compared. */
  readonly ratio: RatioReading | null
  /** What speaks for turning back and for going on, beside what is needed; null = not judged by evidence. */
  readonly evidence: EvidenceReading | null
  /** One value per interval, oldest first; null = a gap. */
  readonly canarySeries: readonly (number | null)[]
  readonly stableSeries: readonly (number | null)[]
}

export type WaitingKind =
  | 'answer'
  | 'fields'
  | 'approve'
  | 'confirm'
  | 'record'
  | 'promote'
  | 'decide'
  | 'settle'
  | 'failed'
  | 'blocked'
  | 'resume'
  | 'presence'
  | 'handover'
  | 'time'
  | 'rollback'
  /** A required message that was not sent. */
  | 'message'

export interface WaitingView {
  readonly kind: WaitingKind
  /** null when the release as a whole waits. */
  readonly step: string | null
  readonly what: string
  readonly who: string | null
  readonly since: Instant | null
  readonly until: Instant | null
  /** What happens at `until` when nobody acts. */
  readonly otherwise: string | null
  /** Of kind `message`: which one. */
  readonly message?: string
  /** What to type, best first. `why` tells the difference: `answer yes`, `waive it`. */
  readonly commands: readonly { readonly why: string; readonly command: string }[]
}

export interface RollbackView {
  readonly cause: RollbackCause
  readonly by: string
  readonly why: string
  readonly startedAt: Instant
  readonly finishedAt: Instant | null
  readonly tookMs: Millis | null
  readonly failed: string | null
  readonly trafficRestored: number
  readonly trafficToRestore: number
  readonly undone: number
  readonly toUndo: number
  /** How long the way back may take; null = the checklist names no budget. */
  readonly budgetMs: Millis | null
  readonly isOverBudget: boolean
  /** What of it has ended, in the order it began, with the time of each. */
  readonly steps: readonly TimedStep[]
}

export interface IncidentView {
  readonly id: string
  readonly severity: string
  readonly reason: string
  readonly by: string
  readonly at: Instant
  readonly action: IncidentAction
  readonly status: IncidentStatus
  readonly note: string | null
  /** When the release turns back unless a person decides before; null = decided, or no time was set. */
  readonly decideBy: Instant | null
  readonly reportBy: Instant | null
  readonly resolvedAt: Instant | null
}

export type { TimeView } from './view/time.ts'

export interface DecisionView {
  readonly word: 'released' | 'closed' | 'rolled back' | 'rollback failed' | 'superseded' | 'left as it was'
  readonly good: boolean
  readonly sentence: string
  readonly ended: boolean
  readonly tookMs: Millis
}

/** What is known from outside the release. */
export interface Besides {
  /** One line about the judge, by rollout. */
  readonly calibrations?: ReadonlyMap<string, string>
}

/** Tells a release's state as of `now`. Pure: the same state, live part and time give the same view. */
export function viewOf(state: ReleaseState, live: Live | null, now: Instant, besides: Besides = {}): ReleaseView {
  const scene = { state, live, now }
  const phases = phaseViews(scene)
  const rollouts = rolloutViews(scene).map((rollout) => withCalibration(rollout, besides))
  const watches = watchViews(scene)
  const steps = new Map(phases.flatMap((phase) => phase.steps).map((step) => [step.id, step]))
  const waits = withDue(state, waitsOf(scene, steps))
  const rollback = rollbackOf(state)
  const time = timeOf(state, now)
  const decision = decisionOf(state, rollouts, now)
  return {
    release: state.id,
    version: state.version,
    at: now,
    phase: state.phase,
    facts: factsOf(state),
    bar: barOf({ state, now, phases, rollouts, watches, waits, rollback, decision, leaving: time.time?.leaving ?? [] }),
    phases,
    tally: tallyOf(forwardSteps(phases)),
    rollouts,
    watches,
    watchTable: watchTable(scene, watches),
    milestones: milestonesOf(scene),
    baselines: baselineTable(scene),
    knownIssues: knownIssuesViews(scene),
    tables: rowsViews(scene),
    triggers: triggerViews(state),
    busy: isBusy({ state, now }, phases, rollouts, waits),
    waitsFor: waits,
    messages: [...state.messages.values()].map(messageView),
    hold: state.hold,
    ...presenceView(state),
    rollback,
    ...time,
    notes: state.notes,
    captures: Object.fromEntries(state.captures),
    incidents: incidentViews(state),
    followUps: state.followUps,
    hotfixes: state.hotfixes,
    decision,
  }
}

function withCalibration(rollout: RolloutView, { calibrations }: Besides): RolloutView {
  const calibration = calibrations?.get(rollout.step)
  return calibration === undefined ? rollout : { ...rollout, calibration }
}

function factsOf(state: ReleaseState): FactsView {
  const { plan, workspace } = state
  const { machine, attested, manual } = ladderOf(plan)
  const serving = servingOf(state).map(({ component, version }) => ({ component, version }))
  return {
    name: plan.name,
    service: plan.service,
    releaseVersion: state.releaseVersion,
    previous: previousOf(state, null),
    ...(serving.length > 0 && { serving }),
    environment: state.environment,
    protected: plan.environments[state.environment]?.protected ?? false,
    planDigest: plan.digest,
    file: plan.source.file,
    commit: workspace.commit,
    dirty: workspace.dirty,
    artefact: state.artefact,
    releaseType: state.releaseType,
    severities: Object.entries(severitiesOf(plan)).map(([name, { action }]) => ({ name, action })),
    hotfixOf: state.hotfixOf,
    rehearsal: state.rehearsal,
    ...(state.andBack && { andBack: true as const }),
    ...(plan.drill !== undefined && { drill: plan.drill.title }),
    startedBy: state.startedBy,
    startedAt: state.startedAt,
    endedAt: state.endedAt,
    lastEventAt: state.lastEventAt,
    expectedMs: plan.expectedMs,
    inputs: state.inputs,
    ladder: { automated: machine, manual: attested + manual },
  }
}

function triggerViews(state: ReleaseState): ReleaseView['triggers'] {
  return state.plan.triggers.map(({ id, text, severity, action }) => {
    const trigger = state.triggers.get(id)
    return { id, text, severity, action, status: trigger?.status ?? 'waiting', say: trigger?.say ?? '' }
  })
}

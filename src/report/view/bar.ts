/** The bar on top of every surface: what blocks us now, who owes it, since when, what happens next and when. */
import { leftOpen } from '../../core/release/kept.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import type { Instant } from '../../core/units.ts'
import type {
  BarView,
  DecisionView,
  PhaseView,
  RollbackView,
  RolloutView,
  StepView,
  WaitingView,
  WatchView,
} from '../view.ts'
import { countWords, durationWords, percentWords, withoutZone } from '../words.ts'
import { soakOf } from './observed.ts'
import { overdueWord } from './time.ts'

export interface BarParts {
  readonly state: ReleaseState
  readonly now: Instant
  readonly phases: readonly PhaseView[]
  readonly rollouts: readonly RolloutView[]
  readonly watches: readonly WatchView[]
  readonly waits: readonly WaitingView[]
  readonly rollback: RollbackView | null
  readonly decision: DecisionView | null
  /** Sentences about windows that will be left. */
  readonly leaving: readonly string[]
}

export function barOf(parts: BarParts): BarView {
  const bar = plainBar(parts)
  const leaving = parts.decision?.ended ? undefined : parts.leaving[0]
  return leaving === undefined ? bar : { ...bar, now: `${bar.now} — ${leaving}` }
}

function plainBar(parts: BarParts): BarView {
  const { state, decision, waits } = parts
  if (decision?.ended) return endedBar(state, decision)
  if (state.phase === 'rolling-back') return rollingBackBar(parts)
  const urgent = waits.find((wait) => wait.kind !== 'time')
  if (urgent) return waitingBar(parts, urgent)
  if (state.phase === 'validating' || state.phase === 'signed-off') return validatingBar(parts)
  return workingBar(parts)
}

function endedBar(state: ReleaseState, decision: DecisionView): BarView {
  const [open = null] = leftOpen(state)
  const tone = open !== null ? 'person' : decision.good ? 'good' : 'bad'
  return { tone, now: decision.sentence, who: null, since: state.endedAt, next: open, nextAt: null }
}

function rollingBackBar({ state, rollback, phases, waits }: BarParts): BarView {
  const progress = rollback
    ? [
        rollback.trafficToRestore > 0
          ? `traffic ${rollback.trafficRestored} of ${rollback.trafficToRestore} restored`
          : '',
        rollback.toUndo > 0 ? `${rollback.undone} of ${countWords(rollback.toUndo, 'action')} taken back` : '',
        wayBackWords(phases),
        budgetWords(rollback),
      ].filter((one) => one !== '')
    : []
  return {
    tone: 'bad',
    now: `Rolling back: ${state.rollback?.why ?? ''}`,
    who: waits.find(({ kind }) => kind !== 'time')?.who ?? null,
    since: state.rollback?.startedAt ?? null,
    next: progress.join(', ') || null,
    nextAt: null,
  }
}

const settledWords: ReadonlySet<string> = new Set(['passed', 'waived', 'not applicable'])

/** How far the rollback phases have come, and at what they are. */
function wayBackWords(phases: readonly PhaseView[]): string {
  const back = phases.filter(
    ({ kind, status }) => kind === 'rollback' && !['not applicable', 'not run'].includes(status),
  )
  const steps = back.flatMap((phase) => phase.steps.filter(({ word }) => word !== 'group'))
  const open = steps.filter(({ state }) => !settledWords.has(state))
  if (steps.length === 0) return ''
  const begun = back.filter(({ status }) => status === 'open').flatMap((phase) => phase.steps)
  const at = open.find((step) => begun.includes(step))
  return `${steps.length - open.length} of ${countWords(steps.length, 'step')} of the way back${at ? ` (${at.text})` : ''}`
}

/** The time it may take, beside the time it takes. */
function budgetWords({ budgetMs, isOverBudget }: RollbackView): string {
  if (budgetMs === null) return ''
  return isOverBudget ? `OVER ITS BUDGET of ${durationWords(budgetMs)}` : `${durationWords(budgetMs)} allowed`
}

const badKinds: readonly WaitingView['kind'][] = ['failed', 'settle', 'rollback']

function waitingBar(parts: BarParts, urgent: WaitingView): BarView {
  const others = parts.waits.filter((wait) => wait !== urgent && wait.kind !== 'time').length
  const more = others > 0 ? ` (and ${others} more)` : ''
  return {
    tone: badKinds.includes(urgent.kind) ? 'bad' : 'person',
    now: `${isLate(parts, urgent) ? 'Overdue. ' : ''}${kindWords[urgent.kind]}${urgent.what}${more}`,
    who: urgent.who,
    since: urgent.since,
    next: nextWithout(parts, urgent),
    nextAt: isLate(parts, urgent) ? null : urgent.until,
  }
}

function isLate({ now }: BarParts, { otherwise, until }: WaitingView): boolean {
  return otherwise === overdueWord && until !== null && until <= now
}

/** What happens when the person does nothing. */
function nextWithout(parts: BarParts, urgent: WaitingView): string | null {
  const { otherwise, until } = urgent
  if (otherwise === overdueWord) return isLate(parts, urgent) ? nextOf(parts) : 'it is due'
  return otherwise && until !== null ? `${otherwise} if nobody decides` : nextOf(parts)
}

const kindWords: Readonly<Record<WaitingView['kind'], string>> = {
  answer: 'To answer: ',
  fields: 'To fill in: ',
  approve: 'To sign: ',
  handover: 'To hand over: ',
  confirm: 'To confirm: ',
  record: 'Record needed: ',
  promote: 'To promote: ',
  decide: 'To decide: ',
  message: 'To tell: ',
  settle: 'To settle: ',
  failed: 'Stopped at: ',
  blocked: 'Blocked: ',
  resume: '',
  presence: '',
  time: 'Waits: ',
  rollback: '',
}

function validatingBar({ state, watches, now }: BarParts): BarView {
  const running = watches.filter((one) => !one.observed.ended)
  const leftOf = ({ observed }: WatchView): number => observed.neededMs - observed.soakMs
  // Of several the one that takes longest decides when it goes on.
  const watch = running.toSorted((one, other) => leftOf(other) - leftOf(one))[0]
  const left = watch ? leftOf(watch) : null
  const standing = state.phase === 'signed-off' ? 'signed off' : 'released'
  const others = running.length > 1 ? ` and ${running.length - 1} more` : ''
  return {
    tone: 'good',
    now: `${state.releaseVersion} is ${standing}; ${watch ? `watching: ${watch.text}${others}` : 'validating'}`,
    who: null,
    since: watch?.observed.startedAt ?? null,
    next: left === null ? null : `closes when ${durationWords(left)} more have been healthy`,
    nextAt: left === null ? null : now + left,
  }
}

function workingBar(parts: BarParts): BarView {
  const soak = soakOf(parts.state, parts.rollouts)
  if (soak) return soakBar(parts, soak)
  const rollout = parts.rollouts.find((one) => one.doing === 'shifting' || one.doing === 'putting-back')
  const stage = rollout?.stages[rollout.stage]
  const base = { tone: 'busy' as const, who: null, next: nextOf(parts), nextAt: null }
  if (rollout && stage)
    return {
      ...base,
      now:
        rollout.doing === 'shifting'
          ? `Moving traffic to ${percentWords(stage.weightPercent)}`
          : 'Putting traffic back',
      since: parts.state.rollouts.get(rollout.step)?.stageEnteredAt ?? null,
    }
  const time = parts.waits.find((wait) => wait.kind === 'time')
  if (time) return { ...base, now: `Waits: ${time.what}`, since: time.since, nextAt: time.until }
  const steps = openSteps(parts.phases).filter((step) => step.word !== 'group')
  const running = steps.filter((step) => step.state === 'running')
  const first = running[0]
  const soon = steps.find((step) => step.state === 'waiting' && step.since !== null)
  if (!first)
    return {
      ...base,
      now: soon ? `About to start: ${soon.text}` : 'About to go on',
      since: soon?.since ?? parts.state.lastEventAt,
    }
  const more = running.length > 1 ? ` (and ${countWords(running.length - 1, 'other')})` : ''
  return { ...base, now: `Running: ${first.text}${more}`, since: first.since }
}

function soakBar({ now }: BarParts, soak: { view: RolloutView; leftMs: number }): BarView {
  const { view, leftMs } = soak
  const stage = view.stages[view.stage]
  const following = view.stages[view.stage + 1]
  const verdict = view.observed?.verdict
  const hold = verdict && verdict.zone !== 'go' && verdict.why !== 'warm-up'
  const needed = durationWords(stage?.soakMs ?? 0)
  return {
    tone: 'busy',
    now: `${percentWords(stage?.weightPercent ?? 0)} soaks${hold ? `, held by the judge: ${withoutZone(verdict.say, verdict.zone)}` : ` ${durationWords((stage?.soakMs ?? 0) - leftMs)} of ${needed}`}`,
    who: null,
    since: view.observed?.startedAt ?? null,
    next: following
      ? `${percentWords(following.weightPercent)} if the numbers say go`
      : 'the rollout is done if the numbers say go',
    nextAt: hold ? null : now + leftMs,
  }
}

/** The next stage of a rollout that goes on, else the first thing in the open phases that has not begun, else the next phase. */
function nextOf({ phases, rollouts }: BarParts): string | null {
  const rollout = rollouts.find((one) => one.stage >= 0 && one.doing !== 'done')
  const stage = rollout?.stages[rollout.stage + 1]
  if (stage) return `${percentWords(stage.weightPercent)} of traffic`
  const step = openSteps(phases).find((one) => one.state === 'waiting' && one.word !== 'group')
  if (step) return step.text
  const phase = phases.find((one) => one.status === 'waiting')
  return phase?.title ?? null
}

function openSteps(phases: readonly PhaseView[]): readonly StepView[] {
  return phases.filter((phase) => phase.status === 'open').flatMap((phase) => phase.steps)
}

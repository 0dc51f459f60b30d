/** The promises, checked on what happened: the log of every release and what the world saw. Written without the rules they check. */
import { measurementsDigest } from '../src/core/log/measurements.ts'
import { verifyChain } from '../src/core/log/chain.ts'
import { fold } from '../src/core/release/evolve.ts'
import type { ReleaseState } from '../src/core/release/state.ts'
import type { Plan } from '../src/core/plan/plan.ts'
import type { SampleBatch } from '../src/core/judge/verdict.ts'
import { advancesAreEarned } from './advances.ts'
import {
  draftsWaitForPeople,
  holdsKeepStill,
  incidentsStopIt,
  requiredMessagesKeepStill,
  signersMay,
  startsAreKept,
  windowsAreKept,
} from './eventful-promises.ts'
import type { History, Log, Witness } from './history.ts'
import { pastComesFirst, verdictsFollow } from './verdicts.ts'

type Check = (history: History) => readonly string[]

/** What is needed besides the log and the world. */
export interface Remains {
  readonly states: readonly ReleaseState[]
  readonly batches: ReadonlyMap<string, readonly SampleBatch[]>
  readonly isSmooth: boolean
}

export function checkHistory(log: Log, world: Witness, { states, batches, isSmooth }: Remains): readonly string[] {
  const streams = Map.groupBy(log, (event) => event.stream)
  const broken = [...world.outrages, ...[...streams].flatMap(([stream, events]) => chainHolds(stream, events))]
  for (const state of states) {
    const own = streams.get(`release/${state.id}`) ?? []
    const history: History = {
      release: state.id,
      log: own,
      plan: state.plan,
      state,
      world,
      batches: batches.get(state.id) ?? [],
      isSmooth,
    }
    for (const [name, check] of Object.entries(promises))
      broken.push(...check(history).map((what) => `${name} ${state.id}: ${what}`))
  }
  return [...broken, ...noGap(log), ...oneHolderPerTarget(streams)]
}

const promises: Readonly<Record<string, Check>> = {
  'I1 one live attempt per step, epochs grow': oneLiveAttempt,
  'I2 nothing forward once it goes back': nothingForward,
  'I2 nothing is undone while a forward action may be alive': undoneOnlyWhenDead,
  'I3 whoever started it never signs where its author may not': authorsDoNotSign,
  'I3 each advance has its passes and approvals': advancesAreEarned,
  'I3 nothing goes on while it is held': holdsKeepStill,
  'I3 nothing goes on while a required message is owed': requiredMessagesKeepStill,
  'I3 an incident stops what it says': incidentsStopIt,
  'I3 nothing is signed by who may not': signersMay,
  'I4 a phase begins in its window or by an override': windowsAreKept,
  'I4 a planned start is never early': startsAreKept,
  'I4 timers are never early': neverEarly,
  'I5 a finished attempt never starts again': startedOnce,
  'I6 a lost result is settled in a permitted way': lossesAreSettled,
  'I6 nothing is called lost that was not': lossesAreReal,
  'I7 measurements are what the log says': measurementsAreKept,
  'I7 verdicts follow from the samples that were kept': verdictsFollow,
  'I7 the time before a rollout comes first': pastComesFirst,
  'I8 replay equals the live state': replays,
  'I9 messages have unique keys and are delivered or visibly not': messagesAreAccountedFor,
  'I9 drafts wait for people, and their words arrive': draftsWaitForPeople,
  'I10 one rollback at a time, and one for every breach': oneRollback,
  'liveness: it ended': hasEnded,
  'traffic is back after a rollback': trafficIsBack,
  'actions are undone after a rollback': actionsAreUndone,
}

function chainHolds(stream: string, events: Log): readonly string[] {
  const verdict = verifyChain(events)
  const gap = events.findIndex((event, index) => event.version !== index + 1)
  return [
    ...(verdict.ok ? [] : [`I7 ${stream}: ${JSON.stringify(verdict)}`]),
    ...(gap === -1 ? [] : [`I7 ${stream}: version ${gap + 1} is missing`]),
  ]
}

function noGap(log: Log): readonly string[] {
  return log.every((event, index) => event.position === index + 1) ? [] : ['I7 the global order has a gap']
}

function oneHolderPerTarget(streams: ReadonlyMap<string, Log>): readonly string[] {
  return [...streams]
    .filter(([stream]) => stream.startsWith('target/') || stream.startsWith('lock/'))
    .flatMap(([stream, events]) => {
      let holder: string | null = null
      const broken: string[] = []
      for (const { event } of events as unknown as readonly { event: { kind: string; release: string } }[]) {
        if (event.kind === 'TargetClaimed' && holder !== null)
          broken.push(`${stream}: ${event.release} claimed it while ${holder} held it`)
        if (event.kind === 'TargetClaimed') holder = event.release
        if (event.kind === 'TargetReleased' && event.release === holder) holder = null
      }
      return broken
    })
}

function oneLiveAttempt({ log }: History): readonly string[] {
  const live = new Map<string, string>()
  const seen = new Set<string>()
  let epoch = 0
  return log.flatMap(({ event, version }) => {
    if ('epoch' in event) {
      if (event.epoch < epoch) return [`version ${version} has epoch ${event.epoch} after ${epoch}`]
      epoch = event.epoch
    }
    if (event.kind === 'AttemptFinished') live.delete(event.step)
    if (event.kind !== 'AttemptStarted') return []
    const other = live.get(event.step)
    live.set(event.step, event.attempt)
    if (seen.has(event.attempt)) return [`${event.attempt} was claimed twice`]
    seen.add(event.attempt)
    return other === undefined ? [] : [`${event.attempt} began while ${other} was live`]
  })
}

function nothingForward({ log, plan }: History): readonly string[] {
  const back = new Set(plan.phases.filter(({ kind }) => kind === 'rollback' || kind === 'incident').map(({ id }) => id))
  const isForward = (id: string) => !back.has(plan.steps.find((step) => step.id === id)?.phase ?? '')
  const turned = log.findIndex(({ event }) => event.kind === 'RollbackStarted' || event.kind === 'ReleaseLeft')
  if (turned === -1) return []
  return log.slice(turned + 1).flatMap(({ event, version }) => {
    const forward =
      (event.kind === 'AttemptStarted' &&
        (event.purpose === 'action' || event.purpose === 'check') &&
        isForward(event.step)) ||
      (event.kind === 'StepReached' && isForward(event.step)) ||
      (event.kind === 'PhaseOpened' && !back.has(event.phase)) ||
      [
        'ShiftStarted',
        'StageEntered',
        'SoakStarted',
        'Promoted',
        'RolloutFinished',
        'WatchStarted',
        'ReleaseValidating',
        'ReleaseSignedOff',
        'ReleaseClosed',
        'ApprovalGiven',
      ].includes(event.kind)
    return forward && !(event.kind === 'ApprovalGiven' && !isForward(event.step))
      ? [`${event.kind} at version ${version}`]
      : []
  })
}

/** From its claim until its result or its settlement an action may act, whatever anybody wished. */
function undoneOnlyWhenDead({ log, plan }: History): readonly string[] {
  const back = new Set(plan.phases.filter((phase) => phase.kind === 'rollback').map((phase) => phase.id))
  const isBack = (id: string) => back.has(plan.steps.find((step) => step.id === id)?.phase ?? '')
  const alive = new Set<string>()
  return log.flatMap(({ event, version }) => {
    if (event.kind === 'AttemptFinished' || event.kind === 'AttemptSettled') alive.delete(event.attempt)
    if (event.kind !== 'AttemptStarted') return []
    const undoes = event.purpose === 'undo' || (event.purpose === 'action' && isBack(event.step))
    const others = [...alive]
    if (event.purpose === 'action' && !isBack(event.step)) alive.add(event.attempt)
    return undoes && others.length > 0
      ? [`version ${version}: ${event.attempt} began while ${others.join(', ')} may be alive`]
      : []
  })
}

function authorsDoNotSign({ log, plan }: History): readonly string[] {
  const author = log[0]?.by.id
  return log.flatMap(({ event, version }) => {
    if (event.kind !== 'ApprovalGiven' || event.by !== author) return []
    const block = plan.steps.find((step) => step.id === event.step)?.block
    return block?.word === 'approve' && block.not.includes('author')
      ? [`version ${version}: ${author} signed ${event.step}`]
      : []
  })
}

function neverEarly({ log, plan }: History): readonly string[] {
  const until = new Map<string, number>()
  return log.flatMap(({ event, at, version }, index) => {
    const before = log[index - 1]
    if (before && at < before.at) return [`time went back at version ${version}`]
    if (event.kind === 'WaitStarted') until.set(event.step, event.until)
    if (event.kind === 'WaitEnded' && at < (until.get(event.step) ?? Infinity))
      return [`${event.step} waited until ${at}, too short`]
    if (event.kind === 'StageLeft' && event.by === 'judge') {
      const soaked = log.slice(0, index).findLast((each) => each.event.kind === 'SoakStarted')
      const block = plan.steps.find((step) => step.id === event.rollout)?.block
      const needed = block?.word === 'rollout' ? (block.stages[event.stage]?.soakMs ?? Infinity) : Infinity
      if (!soaked || at - soaked.at < needed)
        return [`stage ${event.stage} was left ${at - (soaked?.at ?? at)} ms after its soak began, needed ${needed}`]
    }
    return []
  })
}

function startedOnce({ release, log, world }: History): readonly string[] {
  const claimed = new Map(
    log.flatMap(({ event, at }) => (event.kind === 'AttemptStarted' ? [[event.attempt, at] as const] : [])),
  )
  const finished = new Map(
    log.flatMap(({ event, at }) => (event.kind === 'AttemptFinished' ? [[event.attempt, at] as const] : [])),
  )
  return [...world.starts]
    .filter(([attempt]) => attempt.startsWith(`${release}/`))
    .flatMap(([attempt, starts]) => [
      ...(starts.length > 1 ? [`${attempt} was started ${starts.length} times`] : []),
      ...(starts.every((at) => at >= (claimed.get(attempt) ?? Infinity))
        ? []
        : [`${attempt} was started without a claim`]),
      ...(starts.every((at) => at <= (finished.get(attempt) ?? Infinity))
        ? []
        : [`${attempt} was started after it had ended`]),
    ])
}

/** A result may only be called lost where something was lost, and a lost action is never called anything but unknown. */
function lossesAreReal({ log, world, isSmooth }: History): readonly string[] {
  const purposes = new Map(
    log.flatMap(({ event }) => (event.kind === 'AttemptStarted' ? [[event.attempt, event.purpose] as const] : [])),
  )
  return log.flatMap(({ event, version }) => {
    if (event.kind !== 'AttemptFinished') return []
    const isAction = purposes.get(event.attempt) === 'action' || purposes.get(event.attempt) === 'undo'
    if (isAction && event.facts['lost'] === true && event.outcome !== 'unknown')
      return [`version ${version}: a lost action is called ${event.outcome}`]
    const isLost = event.say === 'its runner was lost'
    return isLost && isSmooth && world.launchersLost === 0
      ? [`version ${version}: ${event.attempt} is called lost, but nothing was`]
      : []
  })
}

/** What the log says of measurements is what the store holds: every batch up to the last one told is told once. */
function measurementsAreKept({ log, batches }: History): readonly string[] {
  const toldUpTo = new Map<string, number>()
  return log.flatMap(({ event, version }) => {
    if (event.kind === 'SoakStarted') toldUpTo.delete(`${event.rollout} ${event.stage}`)
    if (event.kind !== 'MeasurementsRecorded') return []
    const observed = `${event.step} ${event.stage}`
    const after = toldUpTo.get(observed) ?? -Infinity
    toldUpTo.set(observed, event.to)
    const own = batches.filter(
      (batch) => batch.step === event.step && batch.stage === event.stage && batch.to > after && batch.to <= event.to,
    )
    if (own.length !== event.batches || own[0]?.to !== event.from)
      return [`version ${version}: ${event.batches} batches told, ${own.length} kept`]
    return measurementsDigest(own) === event.digest ? [] : [`version ${version}: the digest is of other batches`]
  })
}

function lossesAreSettled({ log, plan }: History): readonly string[] {
  return log.flatMap(({ event, version }, index) => {
    if (event.kind !== 'AttemptStarted' || event.purpose !== 'action') return []
    const before = log.slice(0, index).map((each) => each.event)
    const last = before.findLast(
      (each) => each.kind === 'AttemptStarted' && each.step === event.step && each.purpose === 'action',
    )
    if (last?.kind !== 'AttemptStarted') return []
    const lost = before.some(
      (each) => each.kind === 'AttemptFinished' && each.attempt === last.attempt && each.outcome === 'unknown',
    )
    const settled = before.findLast((each) => each.kind === 'AttemptSettled' && each.attempt === last.attempt)
    if (lost && settled === undefined)
      return [`version ${version}: ${event.attempt} began though ${last.attempt} is unknown`]
    const block = plan.steps.find((step) => step.id === event.step)?.block
    if (
      settled?.kind === 'AttemptSettled' &&
      settled.by === 'idempotence' &&
      block?.word === 'run' &&
      !block.idempotent
    )
      return [`version ${version}: ${event.step} is not idempotent`]
    return []
  })
}

function replays({ log, state }: History): readonly string[] {
  const replayed = fold(log)
  const [live, again] = [plain(state), plain(replayed)]
  return live === again ? [] : [`differs: ${firstDifference(live, again)}`]
}

function plain(state: ReleaseState | null): string {
  return JSON.stringify({ ...state, index: undefined, plan: state?.plan.digest }, (_key, value: unknown) =>
    value instanceof Map ? [...value] : value,
  )
}

function firstDifference(a: string, b: string): string {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  return `${a.slice(at - 60, at + 60)} | ${b.slice(at - 60, at + 60)}`
}

/** Tries the core allows, and one more whose report was lost with an engine, each. */
const mostDeliveries = 16

function messagesAreAccountedFor({ release, log, state, world }: History): readonly string[] {
  const queued = log.flatMap(({ event }) => (event.kind === 'MessageQueued' ? [event] : []))
  const twice = queued
    .filter((each, index) => queued.findIndex((other) => other.message === each.message) !== index)
    .map((each) => `${each.message} was queued twice`)
  const stuck = [...state.messages.values()]
    .filter(({ status }) => status === 'queued' || status === 'gathered')
    .map((message) => `${message.id} still waits`)
  const unheard = [...state.messages.values()]
    .filter((message) => message.status === 'delivered' && !world.deliveries.has(`${release} ${message.id}`))
    .map((message) => `${message.id} is called delivered`)
  const storms = queued
    .filter((each) => (world.deliveries.get(`${release} ${each.message}`) ?? 0) > mostDeliveries)
    .map((each) => `${each.message} was delivered too often`)
  const silent = log
    .filter(({ event }) => event.kind === 'RollbackStarted' || event.kind === 'RollbackFailed')
    .filter(
      ({ event }) =>
        !queued.some((each) => each.on === (event.kind === 'RollbackStarted' ? 'rollback.started' : 'rollback.failed')),
    )
    .map(({ event }) => `${event.kind} told nobody`)
  return [...twice, ...stuck, ...unheard, ...storms, ...silent]
}

function oneRollback({ log, plan }: History): readonly string[] {
  const starts = log.filter(({ event }) => event.kind === 'RollbackStarted')
  const broken = starts.length > 1 ? [`${starts.length} rollbacks began`] : []
  for (const [index, { event, version }] of log.entries()) {
    const isBreach =
      event.kind === 'VerdictReached' && event.verdict.zone === 'rollback' && asksForRollback(plan, event.step)
    const isFired = event.kind === 'TriggerFired' && event.action === 'rollback'
    if (!isBreach && !isFired) continue
    const next = log[index + 1]
    const later = log.slice(0, index).some((each) => each.event.kind === 'RollbackStarted')
    if (
      !later &&
      !log.slice(index + 1).some((each) => each.event.kind === 'RollbackStarted' && each.at === (next?.at ?? -1))
    )
      broken.push(`the breach at version ${version} started no rollback`)
  }
  return broken
}

function asksForRollback(plan: Plan, id: string): boolean {
  const block = plan.steps.find((step) => step.id === id)?.block
  return block?.word !== 'watch' || block.onFailure === 'rollback'
}

function hasEnded({ state }: History): readonly string[] {
  return state.endedAt === null ? [`it is ${state.phase}`] : []
}

function trafficIsBack({ state, world, plan, log }: History): readonly string[] {
  if (state.phase !== 'rolled-back') return []
  const turned = log.findIndex(({ event }) => event.kind === 'RollbackStarted')
  return plan.steps.flatMap(({ id, block }) => {
    if (block.word !== 'rollout') return []
    // After 100 % the checklist's own way back brings what was, and no weight is moved.
    const isDone = log.slice(0, turned).some(({ event }) => event.kind === 'RolloutFinished' && event.rollout === id)
    return block.components.flatMap(({ name }) => {
      const ownWay = plan.phases.some((phase) => phase.kind === 'rollback' && (phase.for ?? name) === name)
      const percent = world.weights.get(`${state.id} ${name}`)?.percent ?? 0
      return percent > 0 && !(isDone && ownWay) ? [`${name} is at ${percent} %`] : []
    })
  })
}

function actionsAreUndone({ state, world, plan }: History): readonly string[] {
  if (state.phase !== 'rolled-back' || plan.phases.some((phase) => phase.kind === 'rollback')) return []
  return plan.steps
    .filter((step) => step.undo !== null && world.isApplied(state.id, step.id))
    .map((step) => `${step.id} still stands`)
}

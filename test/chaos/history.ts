/**
 * The promises, checked on what really happened: the log as the store has it, what the target saw, what was acknowledged
 * and what every replica showed in the end. The simulator's invariants, and those that only real processes can break.
 */
import { checkHistory, type Remains } from '../../sim/invariants.ts'
import type { Witness } from '../../sim/history.ts'
import type { SampleBatch } from '../../src/core/judge/verdict.ts'
import type { StoredEvent } from '../../src/core/ports/store.ts'
import type { ReleaseEvent } from '../../src/core/release/events.ts'
import { fold } from '../../src/core/release/evolve.ts'
import type { ReleaseState } from '../../src/core/release/state.ts'
import { type ReleaseView, viewOf } from '../../src/report/view.ts'
import type { Acknowledged } from './play.ts'
import type { Delivered, Effect } from './target.ts'

export type Log = readonly StoredEvent<ReleaseEvent>[]

/** What the target can tell of. */
export interface Seen {
  readonly effects: readonly Effect[]
  readonly delivered: readonly Delivered[]
  readonly outrages: readonly string[]
  readonly weights: Witness['weights']
  isApplied(release: string, step: string): boolean
}

export interface Evidence {
  readonly log: Log
  readonly target: Seen
  readonly acknowledged?: readonly Acknowledged[]
  /** By release. */
  readonly batches?: ReadonlyMap<string, readonly SampleBatch[]>
  /** The last word of each replica about each release. */
  readonly views?: readonly { readonly replica: string; readonly view: ReleaseView }[]
  /** How late a timer may fire, with all that was done to the servers. */
  readonly lateByMs?: number
}

/** Broken promises in words; empty = all hold. */
export function broken(evidence: Evidence): readonly string[] {
  const { log, batches = new Map<string, readonly SampleBatch[]>() } = evidence
  const states = statesOf(log)
  const remains: Remains = { states, batches, isSmooth: false }
  return [
    ...checkHistory(log, witnessOf(evidence, states), remains),
    ...acknowledgedIsThere(evidence),
    ...startsAreRecorded(evidence),
    ...effectsAreSingle(evidence),
    ...staleEffectsAreRefused(evidence),
    ...timersFire(evidence),
    ...messagesHaveKeys(evidence),
    ...replicasAgree(evidence, states),
  ]
}

export function statesOf(log: Log): readonly ReleaseState[] {
  return [...releasesIn(log)].flatMap(([, events]) => fold(events) ?? [])
}

function releasesIn(log: Log): ReadonlyMap<string, Log> {
  const streams = Map.groupBy(log, ({ stream }) => stream)
  return new Map(
    [...streams].filter(([stream]) => stream.startsWith('release/')).map(([id, own]) => [id.slice(8), own]),
  )
}

/** The target as the simulator's invariants want a witness. */
function witnessOf({ log, target }: Evidence, states: readonly ReleaseState[]): Witness {
  const lost = new Set(
    log.flatMap(({ event }) =>
      event.kind === 'AttemptFinished' && event.outcome === 'unknown' ? [event.attempt] : [],
    ),
  )
  const starts = target.effects.filter(
    // Nobody knows the end of a lost attempt: it may come late, until a newer epoch shuts it out.
    ({ what, accepted, attempt }) => what !== 'weight' && accepted && !lost.has(attempt),
  )
  const byAttempt = Map.groupBy(starts, ({ attempt }) => attempt)
  return {
    starts: new Map([...byAttempt].map(([attempt, each]) => [attempt, each.map(({ at }) => at)])),
    launchersLost: 0,
    weights: target.weights,
    texts: null,
    deliveries: deliveriesOf(target.delivered, states),
    outrages: target.outrages,
    isApplied: (release, step) => target.isApplied(release, step),
  }
}

/** The console shows to nobody who could count; there the log's own word is taken. */
function deliveriesOf(delivered: readonly Delivered[], states: readonly ReleaseState[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { release, message } of delivered)
    counts.set(`${release} ${message}`, (counts.get(`${release} ${message}`) ?? 0) + 1)
  for (const state of states)
    for (const { id, channel } of state.messages.values()) if (channel === 'console') counts.set(`${state.id} ${id}`, 1)
  return counts
}

/** Nothing that the server said is recorded may be missing, or be something else. */
function acknowledgedIsThere({ log, acknowledged = [] }: Evidence): readonly string[] {
  const releases = releasesIn(log)
  return acknowledged.flatMap(({ release, version, kinds }) => {
    const own = releases.get(release)
    if (!own) return [`I7 ${release} was acknowledged and is not there`]
    const there = own.slice(version - kinds.length, version).map(({ event }) => event.kind)
    return there.join() === kinds.join()
      ? []
      : [
          `I7 ${release}: ${kinds.join()} was acknowledged up to version ${version}, there is ${there.join() || 'nothing'}`,
        ]
  })
}

/** Order of the promise: claimed first, then started. */
function startsAreRecorded({ log, target }: Evidence): readonly string[] {
  const claimed = new Map(
    log.flatMap(({ event, at }) =>
      'attempt' in event && 'epoch' in event ? [[event.attempt, { at, epoch: event.epoch }] as const] : [],
    ),
  )
  return target.effects.flatMap(({ attempt, at, epoch, accepted, what }) => {
    // Each order of one restore has a number behind the attempt.
    const claim = claimed.get(attempt.replace(/\/order-\d+$/, ''))
    if (!accepted) return []
    if (claim === undefined) return [`I5 ${attempt} changed something and was never claimed`]
    if (claim.at > at) return [`I5 ${attempt} changed something before it was claimed`]
    // Whoever takes over sets a weight again: the same attempt, under an epoch of its own.
    return claim.epoch === epoch || (what === 'weight' && claim.epoch < epoch)
      ? []
      : [`I1 ${attempt} was claimed under epoch ${claim.epoch} and acted under ${epoch}`]
  })
}

/** An attempt acts once, whoever believed to be its engine. Repeating a weight that stands changes nothing. */
function effectsAreSingle({ target }: Evidence): readonly string[] {
  const acts = target.effects.filter(({ what, accepted }) => what !== 'weight' && accepted)
  return [...Map.groupBy(acts, ({ attempt }) => attempt)]
    .filter(([, each]) => each.length > 1)
    .map(([attempt, each]) => `I5 ${attempt} acted ${each.length} times`)
}

/** The target's own fence, looked at from outside: nothing was taken from behind it. */
function staleEffectsAreRefused({ target }: Evidence): readonly string[] {
  const newest = new Map<string, number>()
  return target.effects.flatMap(({ release, epoch, accepted, attempt }) => {
    const fence = newest.get(release) ?? 0
    if (accepted) newest.set(release, Math.max(fence, epoch))
    return accepted && epoch < fence ? [`I1 ${attempt} acted under epoch ${epoch} after ${fence}`] : []
  })
}

/** Every timer fired, or the release turned away from it. */
function timersFire({ log, lateByMs = Infinity }: Evidence): readonly string[] {
  return [...releasesIn(log)].flatMap(([release, own]) =>
    own.flatMap(({ event }, index) => {
      if (event.kind !== 'WaitStarted') return []
      const after = own.slice(index + 1)
      const end = after.find((each) => each.event.kind === 'WaitEnded' && each.event.step === event.step)
      const isLeft = after.some(
        (each) =>
          ['RollbackStarted', 'ReleaseLeft', 'ReleaseSuperseded'].includes(each.event.kind) ||
          isAbout(each.event, event.step),
      )
      if (end === undefined) return isLeft ? [] : [`I4 ${release}: the timer of ${event.step} never fired`]
      if (end.event.kind !== 'WaitEnded') return []
      const again = after.filter((each) => each.event.kind === 'WaitEnded' && each.event.step === event.step).length
      const started = own.filter((each) => each.event.kind === 'WaitStarted' && each.event.step === event.step).length
      return [
        ...(again > started ? [`I4 ${release}: the timer of ${event.step} fired ${again} times`] : []),
        ...(end.at - event.until > lateByMs
          ? [`I4 ${release}: ${event.step} fired ${end.at - event.until} ms late`]
          : []),
        ...(end.event.lateMs === end.at - event.until
          ? []
          : [`I4 ${release}: ${event.step} says it was ${end.event.lateMs} ms late, it was ${end.at - event.until}`]),
      ]
    }),
  )
}

/** Waived, marked or amended while it waited. */
function isAbout(event: ReleaseEvent, step: string): boolean {
  return event.kind === 'StepClosed' && event.step === step && event.how !== 'passed'
}

/** Whatever arrived has been queued under that key. */
function messagesHaveKeys({ log, target }: Evidence): readonly string[] {
  const queued = new Set(
    log.flatMap(({ stream, event }) => (event.kind === 'MessageQueued' ? [`${stream.slice(8)} ${event.message}`] : [])),
  )
  return target.delivered
    .filter(({ release, message }) => !queued.has(`${release} ${message}`))
    .map(({ release, message }) => `I9 ${release}: ${message} arrived and was never queued`)
}

/** What a replica shows of a release that has ended is what its log says, on every replica. */
function replicasAgree({ views = [] }: Evidence, states: readonly ReleaseState[]): readonly string[] {
  return views.flatMap(({ replica, view }) => {
    const state = states.find(({ id }) => id === view.release)
    if (!state) return [`I8 ${replica} shows ${view.release}, which is not in the log`]
    const said = JSON.parse(JSON.stringify(viewOf(state, { attempts: [], observations: [] }, view.at))) as ReleaseView
    const differing = (Object.keys(said) as (keyof ReleaseView)[]).filter(
      (key) => JSON.stringify(said[key]) !== JSON.stringify(view[key]),
    )
    return differing.length === 0 ? [] : [`I8 ${replica} shows another ${differing.join(', ')} of ${view.release}`]
  })
}

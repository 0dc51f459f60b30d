/** Checks, actions, probes and undos: claim an attempt, perform it, keep its evidence, record its outcome. */
import { hash } from 'node:crypto'
import type { AttemptResult } from '../../core/ports/engine.ts'
import type { EvidenceBytes } from '../../core/ports/check.ts'
import { StoreFault } from '../../core/ports/store.ts'
import type { Effect } from '../../core/release/effects.ts'
import type { Evidence, Purpose, ReleaseEvent } from '../../core/release/events.ts'
import type { Place } from '../jobs.ts'
import { contextOf, Relieved } from '../work.ts'
import type { Desk, Following, Handler, SubmitExtras, Work } from '../work.ts'

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>
type Runs = EffectOf<'RunCheck'> | EffectOf<'RunCommand'>

type Ended = Pick<Begun, 'step' | 'attempt' | 'purpose' | 'epoch'>

/** An attempt in the log that this engine has in hand. */
interface Begun {
  readonly attempt: string
  readonly purpose: Purpose
  readonly step: string
  readonly epoch: number
  readonly controller: AbortController
  /** Its handler has ended, recorded or not. */
  readonly end: () => void
}

export const runAttempt: Handler<Runs> = async (work) => {
  if (work.effect.kind === 'RunCheck' && work.effect.check.kind === 'command') return runCommandCheck(work)
  const place = await placeFor(work)
  if (place === null) return
  try {
    await begin(work, (begun) => perform(work, begun, () => place.free()))
  } finally {
    place.free()
  }
}

/**
 * The claims of a few checks become durable while the commands before them run. Only of checks: one that was claimed
 * and never started is claimed once more after a crash, which for an action nobody could tell from a lost one.
 */
async function runCommandCheck(work: Work<Runs>): Promise<void> {
  const { desk, signal } = work
  const turn = await desk.claims.take(desk.release, signal)
  if (turn === null) return
  try {
    await begin(work, async (begun) => {
      const place = await desk.jobs.take(desk.release, begun.controller.signal)
      turn.free()
      try {
        // Whoever attends now has found the attempt and given it up.
        if (desk.relieved.aborted) throw new Relieved()
        await perform(work, begun, () => place?.free())
      } finally {
        place?.free()
      }
    })
  } finally {
    turn.free()
  }
}

/** Only forward commands wait for a place: nothing may hold up the way back. */
async function placeFor({ effect, desk, signal }: Work<Runs>): Promise<{ free(): void } | null> {
  const isAction = effect.kind === 'RunCommand' && effect.purpose === 'action'
  if (!isAction) return signal.aborted ? null : { free: () => {} }
  return desk.jobs.take(desk.release, signal)
}

async function begin(work: Work<Runs>, onBegun: (begun: Begun) => Promise<void>): Promise<void> {
  const { effect, desk } = work
  let begun: Begun | null = null
  const onAppended = (events: readonly ReleaseEvent[]) => {
    begun = takeInHand(desk, effect, events)
  }
  try {
    await desk.submit(claimOf(effect, desk), { onAppended })
    if (begun) await onBegun(begun)
  } finally {
    if (begun) letGo(desk, begun)
  }
}

function purposeOf(effect: Runs): Purpose {
  return effect.kind === 'RunCheck' ? 'check' : effect.purpose
}

function claimOf(effect: Runs, desk: Desk) {
  return { kind: 'BeginAttempt', step: effect.step, purpose: purposeOf(effect), epoch: desk.lease.epoch } as const
}

/** From the moment it is in the log it is in hand here, so nobody attaches to it a second time. */
function takeInHand(desk: Desk, effect: Runs, events: readonly ReleaseEvent[]): Begun | null {
  const purpose = purposeOf(effect)
  const started = events.find(
    (event) => event.kind === 'AttemptStarted' && event.step === effect.step && event.purpose === purpose,
  )
  if (started?.kind !== 'AttemptStarted') return null
  const { promise: done, resolve: end } = Promise.withResolvers<void>()
  const controller = new AbortController()
  desk.inHand.set(started.attempt, { controller, done, endsUnowed: false })
  return { attempt: started.attempt, purpose, step: effect.step, epoch: started.epoch, controller, end }
}

function letGo(desk: Desk, { attempt, end }: Begun): void {
  desk.inHand.delete(attempt)
  end()
}

/** What an outcome makes due is claimed with it, as far as there are places: a sequence costs one write for each step. */
function following(desk: Desk): NonNullable<SubmitExtras['following']> {
  return (owed, before) => {
    const known = new Set(before.map(({ key }) => key))
    return owed
      .filter(
        (effect): effect is Runs =>
          effect.kind === 'RunCheck' || (effect.kind === 'RunCommand' && effect.purpose === 'action'),
      )
      .filter(({ key }) => !known.has(key) && !desk.isTaken(key))
      .flatMap((effect) => {
        const place = desk.jobs.takeIfFree()
        return place ? [followingOf(desk, effect, place)] : []
      })
  }
}

function followingOf(desk: Desk, effect: Runs, place: Place): Following {
  return {
    command: claimOf(effect, desk),
    onGone: () => place.free(),
    onAppended: (events) => {
      const begun = takeInHand(desk, effect, events)
      if (begun) desk.takeUp(effect, () => performTaken({ effect, desk }, begun, place))
      else place.free()
    },
  }
}

async function performTaken(work: Pick<Work<Runs>, 'effect' | 'desk'>, begun: Begun, place: Place): Promise<void> {
  try {
    if (work.desk.relieved.aborted) throw new Relieved()
    await perform(work, begun, () => place.free())
  } finally {
    place.free()
    letGo(work.desk, begun)
  }
}

async function perform(
  { effect, desk }: Pick<Work<Runs>, 'effect' | 'desk'>,
  begun: Begun,
  onEnded: () => void,
): Promise<void> {
  const context = contextOf(desk, begun.attempt, begun.epoch, begun.controller.signal, tell(desk, begun))
  tell(desk, begun)('')
  try {
    const result = await resultOf(desk, begun, async () =>
      // The way back may have begun between the claim and this line.
      begun.controller.signal.aborted
        ? neverStarted(desk)
        : effect.kind === 'RunCheck'
          ? runCheck(desk, effect, context)
          : desk.ports.commands.run(effect.command, effect.purpose, context),
    )
    // The place is for the command; the next one runs while this one's outcome becomes durable.
    onEnded()
    await finish(desk, begun, result)
  } finally {
    desk.progress.delete(begun.attempt)
    desk.touch()
  }
}

async function runCheck(
  desk: Desk,
  effect: EffectOf<'RunCheck'>,
  context: ReturnType<typeof contextOf>,
): Promise<AttemptResult> {
  const { outcome, say, evidence, captures = {}, facts = {} } = await desk.ports.checks.run(effect.check, context)
  return { outcome, say, evidence, captures, facts, observedAt: desk.now() }
}

function tell(desk: Desk, begun: Pick<Begun, 'step' | 'attempt'>): (say: string) => void {
  const since = desk.now()
  return (say) => {
    desk.progress.set(begun.attempt, { step: begun.step, attempt: begun.attempt, say, since })
    desk.touch()
  }
}

/** Runners promise not to throw; one that does has lost the result. */
async function resultOf(desk: Desk, begun: Ended, run: () => Promise<AttemptResult>): Promise<AttemptResult> {
  try {
    return await run()
  } catch (error) {
    return lostResult(
      desk,
      begun.purpose,
      `its runner failed: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function neverStarted(desk: Desk): AttemptResult {
  return {
    outcome: 'failed',
    say: 'cancelled before it was started',
    evidence: [],
    captures: {},
    facts: { notStarted: true },
    observedAt: desk.now(),
  }
}

/** A check only reads, so losing it is an error of ours; whether an action took effect nobody knows. */
function lostResult(desk: Desk, purpose: Purpose, say: string): AttemptResult {
  return {
    outcome: purpose === 'check' || purpose === 'probe' ? 'errored' : 'unknown',
    say,
    evidence: [],
    captures: {},
    facts: { lost: true },
    observedAt: desk.now(),
  }
}

/** Evidence up to this size goes with the outcome in one write. */
const smallEvidenceBytes = 65_536

/** Evidence first, or together with the outcome that has its hashes: a recorded outcome never names bytes that are not there. */
async function finish(desk: Desk, { step, attempt, purpose, epoch }: Ended, result: AttemptResult): Promise<void> {
  if (result.facts['lost'] === true && (purpose === 'action' || purpose === 'undo')) await desk.outdate(epoch)
  const evidence: Evidence[] = []
  const small: Uint8Array[] = []
  const missing: string[] = []
  for (const each of result.evidence) {
    if (each.bytes.byteLength <= smallEvidenceBytes) {
      small.push(each.bytes)
      evidence.push(described(each, hash('sha256', each.bytes)))
      continue
    }
    const kept = await keep(desk, each)
    if (kept) evidence.push(kept)
    else missing.push(each.name)
  }
  const say = missing.length === 0 ? result.say : `${result.say} (too large to keep: ${missing.join(', ')})`
  const { outcome, captures, facts, observedAt } = result
  const command = { kind: 'FinishAttempt', step, attempt, outcome, say, evidence, captures, facts, observedAt } as const
  // More checks are about to be claimed: this outcome goes with their claims.
  const isUnhurried = outcome === 'passed' && purpose === 'check' && desk.claims.isAwaitedBy(desk.release)
  const isForward = purpose === 'check' || purpose === 'action'
  await desk.submit(command, { evidence: small, isUnhurried, ...(isForward && { following: following(desk) }) })
  await desk.ports.commands.forget(attempt).catch(() => {})
}

export function described({ name, mediaType, bytes, truncated = false }: EvidenceBytes, sha256: string): Evidence {
  return { name, sha256, size: bytes.byteLength, mediaType, truncated }
}

async function keep(desk: Desk, piece: EvidenceBytes): Promise<Evidence | null> {
  try {
    const { sha256 } = await desk.persist(() => desk.ports.store.putEvidence(piece.bytes))
    return described(piece, sha256)
  } catch (error) {
    if (error instanceof StoreFault) return null
    throw error
  }
}

/** An attempt of an engine that is gone: attach to it through the launcher, or say that it is lost. */
export const awaitAttempt: Handler<EffectOf<'AwaitAttempt'>> = async ({ effect, desk }) => {
  const { promise: done, resolve: end } = Promise.withResolvers<void>()
  const controller = new AbortController()
  desk.inHand.set(effect.attempt, { controller, done, endsUnowed: false })
  try {
    const context = contextOf(desk, effect.attempt, effect.epoch, controller.signal, tell(desk, effect))
    tell(desk, effect)('attached again')
    const result = await desk.ports.commands.attach(effect.purpose, context)
    await finish(desk, effect, result ?? lostResult(desk, effect.purpose, 'its runner was lost'))
  } finally {
    desk.inHand.delete(effect.attempt)
    desk.progress.delete(effect.attempt)
    end()
  }
}

/** How long a cancelled handler may take to say how its attempt ended. */
const goodbyeMs = 10_000

/** Stops a live forward attempt, whole tree, and makes sure that its end is recorded. */
export const cancelAttempt: Handler<EffectOf<'CancelAttempt'>> = async ({ effect, desk, signal }) => {
  const running = desk.inHand.get(effect.attempt)
  running?.controller.abort()
  await desk.ports.commands.cancel(effect.attempt)
  if (running) await Promise.race([running.done, desk.ports.clock.sleep(goodbyeMs, signal)])
  const attempt = desk
    .state()
    .steps.get(effect.step)
    ?.attempts.find((each) => each.id === effect.attempt)
  if (!attempt || attempt.outcome !== null || signal.aborted) return
  // An action whose handler is silent may still be about to start: nobody calls it dead, it is cancelled once more.
  if (desk.inHand.has(attempt.id) && attempt.purpose !== 'check') return
  const begun = { step: effect.step, attempt: attempt.id, purpose: attempt.purpose, epoch: attempt.epoch }
  // It is dead, so this answers at once: what it had come to, or nothing.
  const result = running
    ? null
    : await desk.ports.commands.attach(attempt.purpose, contextOf(desk, attempt.id, attempt.epoch, signal))
  await finish(desk, begun, result ?? lostResult(desk, attempt.purpose, 'cancelled: the release goes back'))
}

/** Checks, actions, probes and undos: claim an attempt, perform it, keep its evidence, record its outcome. */
import { hash } from 'node:crypto'
import type { AttemptResult } from '../../core/ports/engine.ts'
import type { EvidenceBytes } from '../../core/ports/check.ts'
import { StoreFault } from '../../core/ports/store.ts'
import type { Effect } from '../../core/release/effects.ts'
import type { Evidence, Purpose, ReleaseEvent } from '../../core/release/events.ts'
import { contextOf, Relieved } from '../work.ts'
import type { Desk, Handler, Work } from '../work.ts'

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>
type Runs = EffectOf<'RunCheck'> | EffectOf<'RunCommand'>

interface Begun {
  readonly attempt: string
  readonly purpose: Purpose
  readonly step: string
  readonly epoch: number
}

export const runAttempt: Handler<Runs> = async (work) => {
  if (work.effect.kind === 'RunCheck' && work.effect.check.kind === 'command') return runCommandCheck(work)
  const place = await placeFor(work)
  if (place === null) return
  try {
    await begin(work, (begun, controller) => perform(work, begun, controller, () => place.free()))
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
    await begin(work, async (begun, controller) => {
      const place = await desk.jobs.take(desk.release, controller.signal)
      turn.free()
      try {
        // Whoever attends now has found the attempt and given it up.
        if (desk.relieved.aborted) throw new Relieved()
        await perform(work, begun, controller, () => place?.free())
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

/** Claims the attempt. From the moment it is in the log it is in hand here, so nobody attaches to it a second time. */
async function begin(
  work: Work<Runs>,
  onBegun: (begun: Begun, controller: AbortController) => Promise<void>,
): Promise<void> {
  const { effect, desk } = work
  const purpose: Purpose = effect.kind === 'RunCheck' ? 'check' : effect.purpose
  const { promise: done, resolve: end } = Promise.withResolvers<void>()
  const controller = new AbortController()
  const begun: { value: Begun | null } = { value: null }
  const onAppended = (events: readonly ReleaseEvent[]) => {
    const started = events.find(
      (event) => event.kind === 'AttemptStarted' && event.step === effect.step && event.purpose === purpose,
    )
    if (started?.kind !== 'AttemptStarted') return
    begun.value = { attempt: started.attempt, purpose, step: effect.step, epoch: started.epoch }
    desk.inHand.set(started.attempt, { controller, done, endsUnowed: false })
  }
  try {
    await desk.submit({ kind: 'BeginAttempt', step: effect.step, purpose, epoch: desk.lease.epoch }, { onAppended })
    if (begun.value) await onBegun(begun.value, controller)
  } finally {
    if (begun.value) desk.inHand.delete(begun.value.attempt)
    end()
  }
}

async function perform(
  { effect, desk }: Work<Runs>,
  begun: Begun,
  controller: AbortController,
  onEnded: () => void,
): Promise<void> {
  const context = contextOf(desk, begun.attempt, begun.epoch, controller.signal, tell(desk, begun))
  tell(desk, begun)('')
  try {
    const result = await resultOf(desk, begun, async () =>
      // The way back may have begun between the claim and this line.
      controller.signal.aborted
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

function tell(desk: Desk, begun: Begun): (say: string) => void {
  const since = desk.now()
  return (say) => {
    desk.progress.set(begun.attempt, { step: begun.step, attempt: begun.attempt, say, since })
    desk.touch()
  }
}

/** Runners promise not to throw; one that does has lost the result. */
async function resultOf(desk: Desk, begun: Begun, run: () => Promise<AttemptResult>): Promise<AttemptResult> {
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
async function finish(desk: Desk, { step, attempt, purpose, epoch }: Begun, result: AttemptResult): Promise<void> {
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
  await desk.submit(command, { evidence: small, isUnhurried })
  await desk.ports.commands.forget(attempt).catch(() => {})
}

function described({ name, mediaType, bytes, truncated = false }: EvidenceBytes, sha256: string): Evidence {
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

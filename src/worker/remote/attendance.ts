/** One attempt that a worker has: begun or found again, kept alive at the server, shown, ended, handed in. */
import type { Clock } from '../../core/ports/clock.ts'
import type { CommandRequest, CommandResult, Launcher } from '../../core/ports/launcher.ts'
import { type WorkServer, WorkServerFault } from '../../core/ports/work-server.ts'
import type { Millis } from '../../core/units.ts'
import type { Claim, Claims } from './claims.ts'
import { localRequest, type Workplace } from './workspace.ts'

export interface AttendanceParts {
  readonly server: WorkServer
  readonly launcher: Launcher
  readonly claims: Claims
  readonly clock: Clock
  readonly workplace: Workplace
  readonly log: (line: string) => void
  /** Aborts when this process ends without waiting: commands go on, and are found again. */
  readonly leaving: AbortSignal
}

const HEARTBEAT_WAIT_MS: Millis = 10_000
const OUTPUT_EVERY_MS: Millis = 1_000
const OUTPUT_CHARACTERS = 16_384
const PAUSES_MS = [200, 500, 1_000, 2_000, 5_000]
/** A token that does not hold is for people to mend. */
const REFUSED_PAUSE_MS: Millis = 10_000

/** What was offered and checked. Kept on disk before the server is told, begun only when it agrees. */
export async function attend(request: CommandRequest, claim: Claim, parts: AttendanceParts): Promise<void> {
  const { claims, log } = parts
  claims.keep(claim)
  const go = await mayBegin(claim, parts)
  if (go === null) return
  if (!go) {
    claims.drop(claim.attempt)
    log(`${claim.attempt}: not begun, the server has given it to somebody else or given it up`)
    return
  }
  log(`${claim.attempt}: begins`)
  const local = localRequest(request, parts.workplace)
  const running =
    'refused' in local ? Promise.resolve(notStarted(local.refused, parts.clock.now())) : parts.launcher.run(local)
  await follow(claim, running, parts)
}

/** An attempt from before this worker was started again. */
export async function resume(claim: Claim, parts: AttendanceParts): Promise<void> {
  const { launcher, clock, log } = parts
  log(`${claim.attempt}: found again`)
  const running = launcher
    .attach(claim.attempt)
    .then((result) => result ?? notStarted('its worker was started again before it began', clock.now()))
  await follow(claim, running, parts)
}

async function follow(claim: Claim, running: Promise<CommandResult>, parts: AttendanceParts): Promise<void> {
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, parts.leaving])
  const living = keepAlive(claim, parts, signal)
  const showing = showOutput(claim, parts, signal)
  const result = await running.catch((cause: unknown) => lost(cause, parts.clock.now()))
  over.abort()
  await Promise.all([living, showing])
  if (parts.leaving.aborted) return
  await handIn(claim, result, parts)
}

/** null = this process ends. While nobody answers there is no hurry: an offer that ran out is not begun. */
async function mayBegin(
  { attempt, claim }: Claim,
  { server, clock, leaving }: AttendanceParts,
): Promise<boolean | null> {
  for (let faults = 0; !leaving.aborted; faults += 1) {
    try {
      const { go, cancel } = await server.heartbeat(attempt, claim, 0, leaving)
      return go && !cancel
    } catch (fault) {
      if (isFinal(fault)) return false
      await clock.sleep(pauseAfter(faults, fault), leaving)
    }
  }
  return null
}

async function keepAlive({ attempt, claim }: Claim, parts: AttendanceParts, signal: AbortSignal): Promise<void> {
  const { server, launcher, clock, log } = parts
  let isStopping = false
  for (let faults = 0; !signal.aborted; ) {
    try {
      const { cancel, go, leaseMs } = await server.heartbeat(attempt, claim, isStopping ? 0 : HEARTBEAT_WAIT_MS, signal)
      faults = 0
      if (cancel && !isStopping) {
        isStopping = true
        log(
          `${attempt}: ${go ? 'stopped, its release does not want it any more' : 'stopped, the server had given it up'}`,
        )
        // Its result says how it ended.
        launcher.cancel(attempt).catch((cause: unknown) => log(`${attempt}: ${words(cause)}`))
      }
      if (isStopping || !go) await clock.sleep(Math.min(1_000, leaseMs / 4), signal)
    } catch (fault) {
      if (signal.aborted) return
      await clock.sleep(pauseAfter(faults, fault), signal)
      faults += 1
    }
  }
}

/** For people who watch: whatever goes wrong with it, the command does not care. */
async function showOutput({ attempt, claim }: Claim, parts: AttendanceParts, signal: AbortSignal): Promise<void> {
  const { server, launcher, clock } = parts
  let shown = ''
  while (!signal.aborted) {
    await clock.sleep(OUTPUT_EVERY_MS, signal)
    if (signal.aborted) return
    const text = (await launcher.peek(attempt).catch(() => '')).slice(-OUTPUT_CHARACTERS)
    if (text === '' || text === shown) continue
    shown = await server.output(attempt, claim, text).then(
      () => text,
      () => shown,
    )
  }
}

/** Until the server has it: results are asked for again by nobody. */
async function handIn(claim: Claim, result: CommandResult, parts: AttendanceParts): Promise<void> {
  const { server, launcher, claims, clock, log, leaving } = parts
  for (let faults = 0; !leaving.aborted; faults += 1) {
    try {
      const kind = await server.finish(claim.attempt, claim.claim, result)
      log(`${claim.attempt}: ${endWords(result)}${kind === 'late' ? '; too late, kept as evidence only' : ''}`)
      break
    } catch (fault) {
      if (isFinal(fault)) {
        log(`${claim.attempt}: ${endWords(result)}; the server does not know it any more`)
        break
      }
      log(`${claim.attempt}: its result is kept here until the server takes it: ${words(fault)}`)
      await clock.sleep(pauseAfter(faults, fault), leaving)
    }
  }
  if (leaving.aborted) return
  claims.drop(claim.attempt)
  await launcher.forget(claim.attempt).catch(() => undefined)
}

/** Nothing under this name is there for us, now or later. */
function isFinal(fault: unknown): boolean {
  return fault instanceof WorkServerFault && (fault.code === 'unknown-attempt' || fault.code === 'body-too-large')
}

function pauseAfter(faults: number, fault: unknown): Millis {
  const isRefused = fault instanceof WorkServerFault && (fault.code === 'not-signed-in' || fault.code === 'forbidden')
  return isRefused ? REFUSED_PAUSE_MS : (PAUSES_MS[Math.min(faults, PAUSES_MS.length - 1)] ?? 5_000)
}

function endWords({ ended, exitCode, signal, why }: CommandResult): string {
  if (ended !== 'exit') return `${ended}${why === null ? '' : `: ${why}`}`
  return exitCode === null ? `killed by ${signal}` : `exit ${exitCode}`
}

function notStarted(why: string, now: number): CommandResult {
  return { ...nothing(now), ended: 'not-started', why }
}

/** The request may have reached the launcher, so nobody knows whether the command ran. */
function lost(cause: unknown, now: number): CommandResult {
  return { ...nothing(now), ended: 'lost', why: words(cause) }
}

function nothing(now: number) {
  const empty = new Uint8Array(0)
  const bytes = { stdout: empty, stderr: empty, truncated: false, output: {} }
  return { exitCode: null, signal: null, ...bytes, startedAt: now, endedAt: now }
}

function words(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

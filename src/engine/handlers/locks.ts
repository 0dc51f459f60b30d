/** Takes what a phase has to hold elsewhere: claims it together with the release's own event, or says who is in the way. */
import type { Recorded } from '../../core/release/events.ts'
import { fold } from '../../core/release/evolve.ts'
import type { Effect } from '../../core/release/effects.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { nameOfStream, streamsToHold } from '../../core/target/locks.ts'
import type { TargetState } from '../../core/target/target.ts'
import { Targets } from '../targets.ts'
import type { Desk, Handler } from '../work.ts'

const lookEveryMs = 2_000

export const takeLock: Handler<Extract<Effect, { kind: 'TakeLock' }>> = async ({ effect, desk, signal }) => {
  const targets = new Targets(desk.ports.store)
  while (!signal.aborted) {
    const seen = await desk.persist(() => Promise.all(effect.streams.map((stream) => targets.read(stream))))
    const onTop = new Map(effect.streams.map((stream, at) => [stream, seen[at]!]))
    const busy = await firstHeld(desk, onTop)
    if (busy === null) {
      const taken = await desk.submit({ kind: 'TakeLock', phase: effect.phase }, { onTop })
      if (taken.kind === 'accepted') return
    } else await desk.submit({ kind: 'ReportLock', phase: effect.phase, say: busy })
    await desk.ports.clock.sleep(lookEveryMs, signal)
  }
}

/** null = all are free. */
async function firstHeld(desk: Desk, seen: ReadonlyMap<string, TargetState>): Promise<string | null> {
  for (const [stream, { holder }] of seen) {
    if (holder === null || holder.release === desk.release) continue
    const state = await stateOf(desk, holder.release)
    if (state === null || state.endedAt !== null) continue
    const phase = holder.phase === null ? '' : ` for "${holder.phase}"`
    const since = new Date(holder.since).toISOString().slice(0, 16).replace('T', ' ')
    const circle = isCircle(desk.state(), state)
      ? `, which waits for what this release holds: one of them has to be aborted`
      : ''
    return `${nameOfStream(stream)} is held by ${holder.release} (${state.plan.service} ${holder.version})${phase} since ${since} UTC${circle}`
  }
  return null
}

/** Start refuses what could come to this; an amendment may still lead to it. */
function isCircle(own: ReleaseState, { lock }: ReleaseState): boolean {
  const mine = new Set<string>(streamsToHold(own.plan, own.environment, own.project))
  return lock?.status === 'awaited' && lock.streams.some((stream) => mine.has(stream))
}

async function stateOf(desk: Desk, release: string): Promise<ReleaseState | null> {
  return fold((await desk.persist(() => desk.ports.store.read(`release/${release}`))) as readonly Recorded[])
}

/** Moves weights and puts traffic back. Restores run at once, and once more after a shift that was still under way. */
import type { ComponentPlan } from '../../core/plan/plan.ts'
import type { EngineCommand } from '../../core/release/commands.ts'
import type { Effect } from '../../core/release/effects.ts'
import type { Reached } from '../../core/ports/traffic.ts'
import type { ReleaseEvent } from '../../core/release/events.ts'
import { contextOf } from '../work.ts'
import type { Desk, Handler } from '../work.ts'

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>

export const shiftTraffic: Handler<EffectOf<'ShiftTraffic'>> = async ({ effect, desk }) => {
  const { rollout, component, weightPercent } = effect
  const begin: EngineCommand = { kind: 'BeginShift', rollout, component: component.name, epoch: desk.lease.epoch }
  await claimed(desk, begin, 'ShiftStarted', component.name, (attempt, signal) =>
    shift(desk, rollout, component, weightPercent, attempt, signal),
  )
}

export const repeatShift: Handler<EffectOf<'RepeatShift'>> = async ({ effect, desk }) => {
  const { rollout, component, weightPercent, attempt } = effect
  await inHand(desk, attempt, true, (signal) => shift(desk, rollout, component, weightPercent, attempt, signal))
}

export const restoreTraffic: Handler<EffectOf<'RestoreTraffic'>> = async ({ effect, desk }) => {
  const { rollout, component, attempt } = effect
  if (attempt !== null) return inHand(desk, attempt, false, () => restore(desk, rollout, component, attempt))
  const begin: EngineCommand = { kind: 'BeginRestore', rollout, component: component.name, epoch: desk.lease.epoch }
  await claimed(desk, begin, 'TrafficRestoreStarted', component.name, (begun) =>
    restore(desk, rollout, component, begun),
  )
}

/** The balancer sees this engine's epoch, not the attempt's own: a predecessor that still lives is fenced off. */
async function shift(
  desk: Desk,
  rollout: string,
  component: ComponentPlan,
  weightPercent: number,
  attempt: string,
  signal: AbortSignal,
): Promise<void> {
  const { epoch } = desk.lease
  const moving = desk.ports.traffic.shift(component, weightPercent, contextOf(desk, attempt, epoch, signal))
  const leave = enter(desk, rollout, component, moving)
  try {
    const reached = await moving
    const { percent, say } = reached
    if (reached.isOrderLost) await desk.outdate(epoch)
    await desk.submit({
      kind: 'FinishShift',
      rollout,
      component: component.name,
      attempt,
      ok: reached.kind === 'reached',
      weightPercent: percent,
      say,
    })
  } finally {
    leave()
  }
}

async function restore(desk: Desk, rollout: string, component: ComponentPlan, attempt: string): Promise<void> {
  const others = [...(desk.shifting.get(placeOf(rollout, component)) ?? [])]
  const context = contextOf(desk, attempt, desk.lease.epoch, desk.relieved)
  // Of a restore nothing needs to be outdated: whatever comes late of it orders the same.
  let reached = await desk.ports.traffic.restore(component, context)
  if (others.length > 0) {
    // A shift that began before may have written after us: only what is written after its end stands.
    const ends = await Promise.allSettled(others)
    // One that was lost may write later still: it is behind what is ordered now.
    if (ends.some((end) => end.status === 'fulfilled' && end.value.isOrderLost)) await desk.outdate(context.epoch)
    const newest = contextOf(desk, attempt, desk.lease.epoch, desk.relieved)
    reached = await desk.ports.traffic.restore(component, newest)
  }
  await desk.submit({
    kind: 'FinishRestore',
    component: component.name,
    attempt,
    ok: reached.kind === 'reached',
    say: reached.say,
  })
}

function placeOf(rollout: string, component: ComponentPlan): string {
  return JSON.stringify([rollout, component.name])
}

function enter(desk: Desk, rollout: string, component: ComponentPlan, moving: Promise<Reached>): () => void {
  const place = placeOf(rollout, component)
  const under = desk.shifting.get(place) ?? new Set()
  desk.shifting.set(place, under.add(moving))
  return () => {
    under.delete(moving)
    if (under.size === 0) desk.shifting.delete(place)
  }
}

/** Claims a shift or restore and does it; nothing happens when someone was quicker or it is no longer due. */
async function claimed(
  desk: Desk,
  command: EngineCommand,
  kind: 'ShiftStarted' | 'TrafficRestoreStarted',
  component: string,
  act: (attempt: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  let acting: Promise<void> = Promise.resolve()
  const onAppended = (events: readonly ReleaseEvent[]) => {
    const started = events.find((event) => event.kind === kind && event.component === component)
    if (started?.kind !== kind) return
    const { attempt } = started
    acting = inHand(desk, attempt, kind === 'ShiftStarted', (signal) => act(attempt, signal))
    acting.catch(() => {})
  }
  await desk.submit(command, { onAppended })
  await acting
}

/** Marks the attempt as in hand, in the same turn, until it has been acted on. */
async function inHand(
  desk: Desk,
  attempt: string,
  endsUnowed: boolean,
  act: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { promise: done, resolve: end } = Promise.withResolvers<void>()
  const controller = new AbortController()
  desk.inHand.set(attempt, { controller, done, endsUnowed })
  try {
    await act(controller.signal)
  } finally {
    desk.inHand.delete(attempt)
    end()
  }
}

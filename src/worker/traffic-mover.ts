/** Moves a component's traffic: orders the weight, then reads it back until it is so, or until patience ends. */
import type { ComponentPlan } from '../core/plan/plan.ts'
import type { EffectContext, TrafficMover } from '../core/ports/engine.ts'
import type { Reached, TrafficDriver, TrafficPowers } from '../core/ports/traffic.ts'
import type { Millis, WeightPercent } from '../core/units.ts'
import { type DriverDeps, openDriver, trafficPowersOf } from './drivers.ts'

export interface TrafficMoverDeps extends DriverDeps {
  /** How long a balancer may take from the order to the weight. */
  readonly patienceMs?: Millis
  readonly pollMs?: Millis
}

export function createTrafficMover(deps: TrafficMoverDeps): TrafficMover {
  const commands = new Map<string, number>()
  const move = async (
    component: ComponentPlan,
    percent: WeightPercent,
    context: EffectContext,
    isRestore: boolean,
  ): Promise<Reached> => {
    const redaction = deps.vault.redactor(context.state.plan)
    const reached = await moved(component, percent, context, isRestore, commands, deps).catch((error: unknown) =>
      cannotTell(sentenceOf(error)),
    )
    return { ...reached, say: redaction.text(reached.say) }
  }
  return {
    shift: (component, percent, context) => move(component, percent, context, false),
    restore: (component, context) => move(component, 0, context, true),
  }
}

async function moved(
  component: ComponentPlan,
  percent: WeightPercent,
  context: EffectContext,
  isRestore: boolean,
  commands: Map<string, number>,
  deps: TrafficMoverDeps,
): Promise<Reached> {
  const driver = openDriver(component, context, deps)
  // The first command carries the attempt's own id, so that an engine that takes over can find and end it.
  const orderId = (): string => {
    const count = (commands.get(context.attempt) ?? 0) + 1
    commands.set(context.attempt, count)
    if (commands.size > 1000) commands.delete(commands.keys().next().value ?? '')
    return count === 1 ? context.attempt : `${context.attempt}/order-${count}`
  }
  // A reading is never found again: an old one says nothing of now.
  let readings = 0
  const readId = (): string => `${context.attempt}/read-${deps.clock.now()}-${++readings}`
  const powers = trafficPowersOf(component, context, 'change', orderId, deps)
  let isOrderLost = false
  const orders: TrafficPowers = {
    ...powers,
    async command(given) {
      const result = await powers.command(given)
      isOrderLost ||= result.ended === 'lost'
      return result
    },
  }
  const reads = trafficPowersOf(component, context, 'read', readId, deps)
  const order = isRestore ? () => driver.restore(orders) : () => driver.set(percent, orders)
  const patienceMs = deps.patienceMs ?? deps.drivers.get(component.driver)?.patienceMs
  const patient = patienceMs === undefined ? deps : { ...deps, patienceMs }
  const reached = await ordered(driver, percent, order, isRestore, context, reads, patient)
  return isOrderLost ? { ...reached, isOrderLost } : reached
}

async function ordered(
  driver: TrafficDriver,
  percent: WeightPercent,
  order: () => Promise<void>,
  isRestore: boolean,
  context: EffectContext,
  reads: TrafficPowers,
  deps: TrafficMoverDeps,
): Promise<Reached> {
  const refusal = await order().then(() => null, sentenceOf)
  if (context.signal.aborted) return cannotTell('stopped before the weight was read back')
  if (refusal === null) return readBack(driver, percent, isRestore ? order : null, context, reads, deps)
  // A restore is owed whatever happens: it is ordered again for as long as patience lasts.
  if (isRestore) {
    const reached = await readBack(driver, percent, order, context, reads, deps)
    return reached.kind === 'reached' ? reached : { ...reached, say: `${refusal} ${reached.say}` }
  }
  const now = await driver.verify(percent, reads)
  // Refused is refused, even where the weight happens to be the one that was wanted.
  return {
    kind: now.kind === 'cannot-tell' ? 'cannot-tell' : 'pending',
    percent: now.percent,
    say: `${refusal} Now: ${now.say}`,
  }
}

/** Reads until the weight is reached. `again` is ordered once more when half of the patience is gone. */
async function readBack(
  driver: TrafficDriver,
  percent: WeightPercent,
  again: (() => Promise<void>) | null,
  context: EffectContext,
  reads: TrafficPowers,
  deps: TrafficMoverDeps,
): Promise<Reached> {
  const { patienceMs = 10_000, pollMs = 250, clock } = deps
  const begun = clock.now()
  let repeat = again
  for (;;) {
    const reached = await driver.verify(percent, reads)
    if (reached.kind === 'reached') return reached
    if (context.signal.aborted) return cannotTell('stopped before the weight was read back')
    const waitedMs = clock.now() - begun
    if (waitedMs >= patienceMs) return { ...reached, say: `${reached.say} (after ${Math.round(waitedMs / 1000)} s)` }
    if (repeat !== null && waitedMs >= patienceMs / 2) {
      await repeat().catch(() => undefined)
      repeat = null
    }
    await clock.sleep(pollMs, context.signal)
  }
}

function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function cannotTell(say: string): Reached {
  return { kind: 'cannot-tell', percent: null, say }
}

/** Asks a trigger's condition again and again, and reports when what it says changes. */
import type { Effect } from '../../core/release/effects.ts'
import type { Instant } from '../../core/units.ts'
import { contextOf, sleepUntil } from '../work.ts'
import type { Handler, Work } from '../work.ts'

type ObserveTrigger = Extract<Effect, { kind: 'ObserveTrigger' }>
type Reading = 'quiet' | 'firing' | 'blind'

export const observeTrigger: Handler<ObserveTrigger> = async (work) => {
  const { effect, desk, signal } = work
  const { id, everyMs } = effect.trigger
  let told: Reading = desk.state().triggers.get(id)?.status === 'blind' ? 'blind' : 'quiet'
  let firingSince: Instant | null = null
  let next = desk.now()
  while (await sleepUntil(desk, next, signal)) {
    const askedAt = desk.now()
    const { reading, say } = await ask(work)
    if (signal.aborted) return
    firingSince = reading === 'firing' ? (firingSince ?? askedAt) : null
    const hasHeld = firingSince !== null && askedAt - firingSince >= effect.trigger.forMs
    // A condition that has not held long enough says no more than that the trigger can see.
    const heard: Reading = reading === 'firing' && !hasHeld ? 'quiet' : reading
    if (heard !== told) await desk.submit({ kind: 'RecordTriggerReading', trigger: id, reading: heard, say })
    told = heard
    next = Math.max(askedAt + everyMs, desk.now())
  }
}

/** Every look is an attempt of its own: the launcher answers a known one with what it said the first time. */
async function ask({ effect, desk, signal }: Work<ObserveTrigger>): Promise<{ reading: Reading; say: string }> {
  const attempt = `${desk.release}/${effect.key}/${desk.now()}`
  try {
    return await desk.ports.observer.trigger(effect.trigger, contextOf(desk, attempt, desk.lease.epoch, signal))
  } catch (error) {
    return { reading: 'blind', say: error instanceof Error ? error.message : String(error) }
  } finally {
    if (effect.trigger.check.kind === 'command') void desk.ports.commands.forget(attempt).catch(() => {})
  }
}

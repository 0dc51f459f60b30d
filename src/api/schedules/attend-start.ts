/** The duty of schedules that start by themselves: each time once over all replicas and crashes, and what stands against it in words. */
import type { AccessState } from '../../core/access/access.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import type { Standing } from '../../core/schedule/occurrences.ts'
import type { Occurrence } from '../../core/schedule/schedule.ts'
import { startAgainMs, startStep, type StartTried } from '../../core/schedule/starting.ts'
import type { Instant } from '../../core/units.ts'
import { timeOf, writeTime } from './kept.ts'
import type { Registered } from './registered.ts'
import { registrarOf, type ScheduleStartDeps, type ScheduleStarted, startScheduled } from './start.ts'

export interface AttendStartDeps extends Omit<ScheduleStartDeps, 'store'> {
  readonly store: Store
  readonly clock: Clock
}

const scheduler = { id: 'schedule', kind: 'engine', assurance: 'engine' } as const

/** The key makes it one release, however many replicas try, and whichever of them dies before it is written down here. */
export async function startIfDue(
  deps: AttendStartDeps,
  access: AccessState,
  one: Registered,
  occurrence: Occurrence,
  standing: Standing,
): Promise<StartTried | null> {
  const { store, clock } = deps
  const now = clock.now()
  const before = (await timeOf(store, one.id, occurrence.at)).value.start ?? null
  const step = startStep(one.schedule, occurrence, standing, before, now)
  if (step.kind === 'none') return before
  const tries = (before?.tries ?? 0) + (step.kind === 'try' ? 1 : 0)
  const common = { at: now, tries, until: now + startAgainMs(tries) }
  if (step.kind === 'give-up')
    return writeStart(store, one.id, occurrence.at, { ...common, state: 'given-up', release: null, why: step.why })
  const started = await startScheduled(deps, access, one, {
    caller: registrarOf(one),
    actor: scheduler,
    key: startKey(one.id, occurrence.at),
    at: occurrence.at,
    environment: null,
  })
  const tried: StartTried =
    started.kind === 'started'
      ? { ...common, state: 'started', release: started.release, why: '' }
      : { ...common, state: 'refused', release: null, why: refusalWords(one, started) }
  return writeStart(store, one.id, occurrence.at, tried)
}

function refusalWords(one: Registered, { code, why }: Extract<ScheduleStarted, { kind: 'refused' }>): string {
  if (code !== 'forbidden') return why
  const { registeredBy } = one.checklist
  return `It starts with the rights of whoever registered it, and ${registeredBy} may not start it. Somebody who may has to register it.`
}

/** A person who starts the time that is open uses the same: the server then starts it no more. */
export function startKey(id: string, at: Instant): string {
  return `schedule ${id} ${new Date(at).toISOString()}`
}

/** That it was started stays, whatever a slower replica says of its own try. */
export async function writeStart(store: Store, id: string, at: Instant, tried: StartTried): Promise<StartTried> {
  for (;;) {
    const kept = await timeOf(store, id, at)
    const known = kept.value.start
    if (known?.state === 'started' && tried.state !== 'started') return known
    if ((await writeTime(store, id, { ...kept, value: { ...kept.value, start: tried } })) !== null) return tried
  }
}

/** Promises about people and time: holds and incidents keep it standing, windows and starts are kept, nobody signs who may not. Written without the rules they check. */
import type { PhasePlan, Plan, WindowPlan, WindowRule } from '../src/core/plan/plan.ts'
import type { EventOf, ReleaseEvent } from '../src/core/release/events.ts'
import type { StoredEvent } from '../src/core/ports/store.ts'
import type { Instant } from '../src/core/units.ts'
import type { History, Log } from './history.ts'

type Stored = StoredEvent<ReleaseEvent>

const backwards = ['RollbackStarted', 'ReleaseLeft']
const forwardKinds = [
  'StageEntered',
  'StageLeft',
  'WatchStarted',
  'ReleaseValidating',
  'ReleaseSignedOff',
  'ReleaseClosed',
]

/** Something that moves the release on: not the way back, and not what an incident brings. */
function goesOn({ event }: Stored, plan: Plan): boolean {
  const kindOf = (phase: string): string => plan.phases.find(({ id }) => id === phase)?.kind ?? ''
  const isForward = (phase: string): boolean => !['rollback', 'incident'].includes(kindOf(phase))
  if (event.kind === 'PhaseOpened') return isForward(event.phase)
  if (event.kind === 'ShiftStarted') return event.purpose === 'advance'
  if (event.kind === 'AttemptStarted' && event.purpose === 'action')
    return isForward(plan.steps.find(({ id }) => id === event.step)?.phase ?? '')
  return forwardKinds.includes(event.kind)
}

export function holdsKeepStill({ log, plan }: History): readonly string[] {
  let held: string | null = null
  return log.flatMap((stored) => {
    const { event, version } = stored
    if (event.kind === 'HoldPlaced') held = event.why
    if (event.kind === 'HoldLifted' || backwards.includes(event.kind)) held = null
    return held !== null && goesOn(stored, plan) ? [`${event.kind} at version ${version} while held: ${held}`] : []
  })
}

export function requiredMessagesKeepStill({ log, plan }: History): readonly string[] {
  const owed = new Set<string>()
  return log.flatMap((stored, index) => {
    const { event, version, at } = stored
    if (backwards.includes(event.kind)) owed.clear()
    if (event.kind === 'MessageDelivered' || event.kind === 'MessageSentByHand' || event.kind === 'MessageWaived')
      owed.delete(event.message)
    const isOwed = [...owed].some((id) => queuedBefore(log.slice(0, index), id) < at)
    if (event.kind === 'MessageQueued' && event.required) owed.add(event.message)
    return isOwed && goesOn(stored, plan)
      ? [`${event.kind} at version ${version} while ${[...owed].join()} is owed`]
      : []
  })
}

function queuedBefore(log: Log, id: string): Instant {
  return log.find(({ event }) => event.kind === 'MessageQueued' && event.message === id)?.at ?? 0
}

/** An incident that asks has the release held at once, one that turns back does it at once, and none is left open at the end. */
export function incidentsStopIt({ log }: History): readonly string[] {
  const last = new Map<string, string>()
  return log.flatMap(({ event, at, version }, index) => {
    const before = log.slice(0, index)
    if (event.kind === 'IncidentStatusSet') last.set(event.incident, event.status)
    if (event.kind === 'ReleaseClosed')
      return [...last].filter(([, status]) => status !== 'resolved').map(([id]) => `closed while ${id} is open`)
    if (event.kind === 'RollbackStarted' && event.why.startsWith('nobody decided in time: P'))
      return before.some((each) => each.event.kind === 'IncidentDeclared' && (each.event.decideBy ?? Infinity) <= at)
        ? []
        : [`version ${version}: it turned back before the time to decide was over`]
    if (event.kind !== 'IncidentDeclared') return []
    last.set(event.incident, 'declared')
    const now = log.slice(index + 1).filter((each) => each.at === at)
    const turned = [...before, ...now].some((each) => backwards.includes(each.event.kind))
    if (turned || event.action === 'page') return []
    if (event.action === 'rollback') return [`version ${version}: a ${event.severity} incident turned nothing back`]
    const stands = isHeld(before) || now.some((each) => each.event.kind === 'HoldPlaced')
    return stands ? [] : [`version ${version}: a ${event.severity} incident held nothing`]
  })
}

function isHeld(log: Log): boolean {
  return (
    log.findLast(({ event }) => event.kind === 'HoldPlaced' || event.kind === 'HoldLifted')?.event.kind === 'HoldPlaced'
  )
}

/** A phase begins in its window, or a holder of the window's role said why it does not count. */
export function windowsAreKept({ log, plan }: History): readonly string[] {
  const overridden = new Set<string>()
  return log.flatMap(({ event, at, version, by }): readonly string[] => {
    if (event.kind === 'WindowOverridden') {
      overridden.add(event.phase)
      const role = plan.windows[event.window]?.override
      const isFrozen = (plan.windows[event.window]?.deny ?? []).some(
        (rule) => rule.absolute === true && holds(rule, at),
      )
      const mayDo = role !== undefined && role === event.role && isHolder(plan, role, event.by) && by.id === event.by
      return mayDo && !isFrozen && event.reason.trim() !== ''
        ? []
        : [`version ${version}: ${event.by} overrode ${event.window} as ${event.role}, "${event.reason}"`]
    }
    const name = event.kind === 'PhaseOpened' ? phaseOf(plan, event.phase)?.window : null
    const window = name == null ? undefined : plan.windows[name]
    if (event.kind !== 'PhaseOpened' || !window) return []
    const isFrozen = window.deny.some((rule) => rule.absolute === true && holds(rule, at))
    return isOpen(window, at) || (overridden.has(event.phase) && !isFrozen)
      ? []
      : [`version ${version}: ${event.phase} began while its window was closed`]
  })
}

function phaseOf(plan: Plan, phase: string): PhasePlan | undefined {
  return plan.phases.find(({ id }) => id === phase)
}

function isOpen({ allow, deny }: WindowPlan, at: Instant): boolean {
  return !deny.some((rule) => holds(rule, at)) && (allow.length === 0 || allow.some((rule) => holds(rule, at)))
}

/** The simulated windows count in UTC and name dates and minutes. */
function holds({ dates, fromMinute, toMinute }: WindowRule, at: Instant): boolean {
  const [date = '', time = ''] = new Date(at).toISOString().split('T')
  const minute = Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
  return (dates === null || dates.includes(date)) && minute >= (fromMinute ?? 0) && minute < (toMinute ?? 1440)
}

export function startsAreKept({ log, plan }: History): readonly string[] {
  const rollout = plan.steps.find(({ block }) => block.word === 'rollout')?.phase
  const first = plan.phases.find(({ kind, due }) => !['rollback', 'incident'].includes(kind) && due === undefined)?.id
  let planned: Instant | null = null
  return log.flatMap(({ event, at, version, by }) => {
    if (event.kind === 'ReleaseStarted' && !event.rehearsal) planned = event.plannedAt ?? null
    if (event.kind === 'ReleaseRescheduled') {
      planned = log[0]?.event.kind === 'ReleaseStarted' && log[0].event.rehearsal ? null : event.to
      if (event.to <= at || by.kind !== 'person' || event.reason.trim() === '')
        return [`version ${version}: the start was moved to ${event.to} by ${by.id}, "${event.reason}"`]
    }
    const isStart = event.kind === 'PhaseOpened' && event.phase === (rollout ?? first)
    return isStart && planned !== null && at < planned ? [`version ${version}: it began ${planned - at} ms early`] : []
  })
}

/** Every signature, waiver and acknowledgement is by a person who holds the role it names; nobody takes over from themselves. */
export function signersMay({ log, plan }: History): readonly string[] {
  const given = new Map<string, EventOf<'HandoverGiven'>>()
  return log.flatMap(({ event, by, version }) => {
    const wrong = (what: string): readonly string[] => [`version ${version}: ${by.id} (${by.kind}) ${what}`]
    if (personal.has(event.kind) && by.kind !== 'person') return wrong(`did ${event.kind}`)
    if (event.kind === 'HandoverGiven') given.set(event.step, event)
    if ((event.kind === 'ApprovalGiven' || event.kind === 'Promoted') && event.role !== null)
      return isHolder(plan, event.role, by.id) ? [] : wrong(`signed as ${event.role}`)
    if (event.kind === 'StepWaived' || event.kind === 'MessageWaived')
      return isHolder(plan, event.role, by.id) ? [] : wrong(`waived as ${event.role}`)
    const block = 'step' in event ? plan.steps.find(({ id }) => id === event.step)?.block : undefined
    if (block?.word !== 'handover') return []
    if (event.kind === 'HandoverGiven')
      return block.from === null || isHolder(plan, block.from, by.id) ? [] : wrong(`handed over`)
    const notes = 'step' in event && event.step !== null ? given.get(event.step) : undefined
    if (event.kind === 'StepClosed' && event.how === 'passed')
      return log.some((each) => each.version < version && each.event.kind === 'HandoverAcknowledged')
        ? []
        : wrong('closed a hand-over that nobody took')
    if (event.kind !== 'HandoverAcknowledged') return []
    const may = notes?.digest === event.digest && notes.by !== by.id && block.to.includes(event.role)
    return may && isHolder(plan, event.role, by.id) ? [] : wrong(`took over as ${event.role}`)
  })
}

const personal: ReadonlySet<string> = new Set([
  'ApprovalGiven',
  'StepWaived',
  'HandoverGiven',
  'HandoverAcknowledged',
  'MessageEdited',
  'MessageLetGo',
  'MessageDropped',
  'MessageSentByHand',
  'MessageWaived',
])

function isHolder(plan: Plan, role: string, who: string): boolean {
  return plan.roles[role]?.some(({ id }) => id === who) === true
}

/** A try that is under way while its message is dropped may still arrive, as world.ts lets it take so long. */
const longestSendMs = 500

/** A draft goes only when somebody let it go, what was dropped never does, and what arrives is what was last written. */
export function draftsWaitForPeople({ release, log, plan, world: { texts: kept } }: History): readonly string[] {
  if (kept === null) return []
  return log.flatMap(({ event }) => {
    if (event.kind !== 'MessageQueued') return []
    const { message } = event
    const own = log.filter(({ event: each }) => 'message' in each && each.message === message)
    const first = (kind: ReleaseEvent['kind']): number => own.findIndex((each) => each.event.kind === kind)
    const arrived = kept.get(`${release} ${message}`) ?? []
    const broken: string[] = []
    if (event.draft && arrived.length > 0 && first('MessageLetGo') === -1)
      broken.push(`${message} was let go by nobody`)
    const dropped = own.find((each) => each.event.kind === 'MessageDropped')
    if (dropped && event.required) broken.push(`${message} is required and was dropped`)
    const wasTried =
      dropped !== undefined && own.some((each) => each.event.kind === 'MessageFailed' && each.at <= dropped.at)
    const until = (dropped?.at ?? 0) + (wasTried ? longestSendMs : 0)
    if (dropped && arrived.some(({ at }) => at > until)) broken.push(`${message} was dropped and sent`)
    const delivered = first('MessageDelivered')
    const texts = own.slice(0, delivered === -1 ? own.length : delivered).flatMap((each) => textOf(each.event))
    const wanted = texts.at(-1)
    if (delivered !== -1 && !arrived.some(({ body }) => body === wanted))
      broken.push(`${message} arrived with other words than were written last`)
    if (arrived.some(({ body }) => !texts.includes(body)))
      broken.push(`${message} arrived with words that nobody wrote`)
    const role = event.draft?.role ?? null
    const strangers = own.filter(
      (each) =>
        ['MessageEdited', 'MessageLetGo', 'MessageDropped'].includes(each.event.kind) &&
        !isHolder(plan, role ?? '', each.by.id),
    )
    if (role !== null && strangers.length > 0)
      broken.push(`${strangers[0]?.by.id} decided about ${message} without being ${role}`)
    return broken
  })
}

function textOf(event: ReleaseEvent): readonly string[] {
  return event.kind === 'MessageQueued' || event.kind === 'MessageEdited' ? [event.body] : []
}

/** What people do about windows, starts, incidents, hand-overs and messages: what helps, and anything at all by anybody. */
import type { Actor } from '../src/core/release/events.ts'
import { handoverDigest } from '../src/core/release/handover.ts'
import { isReady } from '../src/core/release/standing.ts'
import type { MessageState, ReleaseState } from '../src/core/release/state.ts'
import { manager } from './eventful-plans.ts'
import { type Ask, type Deed, person } from './people.ts'
import { people, roles } from './plans.ts'
import type { Rng } from './rng.ts'

const [ben, cleo, dan] = [person('ben'), person('cleo'), person('dan')]
const robot: Actor = { id: 'ci', kind: 'machine', assurance: 'proven' }

/** Whoever does their part: windows that never open are overridden, hand-overs taken, drafts sent, incidents ended. */
export function eventfulDeeds(state: ReleaseState): readonly Deed[] {
  const waits = state.plan.phases.some(
    ({ id, window }) => window !== null && state.phases.get(id)?.status === 'waiting',
  )
  const override: Ask = { kind: 'OverrideWindow', phase: null, role: manager, reason: 'it cannot wait' }
  return [
    ...(waits && state.hold === null ? [{ who: dan, ask: override }] : []),
    ...handovers(state),
    ...state.incidents
      .filter(({ status }) => status !== 'resolved')
      .map(
        ({ incident }): Deed => ({
          who: ben,
          ask: { kind: 'SetIncidentStatus', incident, status: 'resolved', note: null },
        }),
      ),
    ...[...state.messages.values()].flatMap(messageDeeds),
  ]
}

function handovers(state: ReleaseState): readonly Deed[] {
  return state.plan.steps.flatMap((plan): readonly Deed[] => {
    const step = state.steps.get(plan.id)
    if (plan.block.word !== 'handover' || !step || step.closed || !step.reachedAt || !isReady(state, plan)) return []
    if (!step.handover) return [{ who: ben, ask: { kind: 'HandOver', step: plan.id, notes: 'look at the refunds' } }]
    const who = step.handover.by === 'cleo' ? dan : cleo
    return [{ who, ask: { kind: 'Acknowledge', step: plan.id, role: null, digest: step.handover.digest, note: null } }]
  })
}

function messageDeeds({ id, status, required }: MessageState): readonly Deed[] {
  if (status === 'draft') return [{ who: ben, ask: { kind: 'SendMessage', message: id, role: null } }]
  if (status !== 'failed' || !required) return []
  return [{ who: ben, ask: { kind: 'WaiveMessage', message: id, role: 'release-engineer', reason: 'told by phone' } }]
}

/** Never to be accepted, whatever happens in between: a reason of blanks, notes that nobody wrote, taking over from oneself. */
export function eventfulForbidden(state: ReleaseState): readonly Deed[] {
  const waits = state.plan.phases.some(
    ({ id, window }) => window !== null && state.phases.get(id)?.status === 'waiting',
  )
  const blank: Ask = { kind: 'OverrideWindow', phase: null, role: manager, reason: ' ' }
  const handover = [...state.steps.values()].find((step) => step.handover && !step.closed)
  const given = handover?.handover
  const take = (who: Actor, digest: string): Deed => ({
    who,
    ask: { kind: 'Acknowledge', step: handover?.id ?? '', role: null, digest, note: null },
  })
  return [
    ...(waits ? [{ who: dan, ask: blank }] : []),
    ...(given ? [take(person(given.by), given.digest), take(cleo, 'f'.repeat(64)), take(dan, 'f'.repeat(64))] : []),
  ]
}

/** Anything at all, by anybody, machines among them. */
export function eventfulDeed(rng: Rng, state: ReleaseState): Deed {
  const role = rng.pick([manager, ...Object.keys(roles), 'nobody'])
  const why = rng.chance(0.85) ? 'because' : ' '
  const known = [...state.messages.keys()]
  const message = known.length > 0 ? rng.pick(known.slice(-6)) : 'none'
  const step = state.plan.steps.find(({ block }) => block.word === 'handover')?.id ?? 'none'
  const given = state.steps.get(step)?.handover
  const digest = rng.pick([null, given?.digest ?? null, handoverDigest(state, { by: 'dan', notes: 'other notes' })])
  const phase = rng.pick([null, ...state.plan.phases.map(({ id }) => id)])
  const to = state.lastEventAt + rng.int(-60, 240) * 1000
  const severity = rng.pick(['P2', 'P2', 'P2', 'P3', 'P3', 'P1', 'P9'])
  const asks: readonly Ask[] = [
    { kind: 'OverrideWindow', phase, role, reason: why },
    { kind: 'OverrideWindow', phase: null, role: manager, reason: why },
    { kind: 'Reschedule', to, reason: why },
    { kind: 'DeclareIncident', severity, reason: why },
    {
      kind: 'SetIncidentStatus',
      incident: null,
      status: rng.pick(['investigating', 'identified', 'monitoring', 'resolved']),
      note: null,
    },
    { kind: 'HandOver', step, notes: rng.pick(['look at the queue', 'other notes', '']) },
    { kind: 'Acknowledge', step, role: rng.pick([null, role]), digest, note: null },
    { kind: 'EditMessage', message, subject: 'Other words', body: `edited ${rng.int(1, 9)}` },
    { kind: 'SendMessage', message, role: null },
    { kind: 'DropMessage', message, why },
    { kind: 'ConfirmMessage', message, note: why, evidence: [] },
    { kind: 'WaiveMessage', message, role, reason: why },
  ]
  const who = rng.chance(0.1) ? robot : person(rng.pick(people))
  return { who, ask: rng.pick(asks) }
}

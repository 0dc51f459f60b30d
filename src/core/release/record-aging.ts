/** Records that a release rests on grow old while it runs: told before their end and at it, once each. The decision itself looks anew. */
import { freshUntil } from '../records/age.ts'
import type { Instant } from '../units.ts'
import type { EventOf } from './events.ts'
import { isRollbackStep, stepPlan } from './standing.ts'
import type { ReleaseState } from './state.ts'

interface Aging {
  readonly at: Instant
  readonly event: EventOf<'RecordAging'>
}

/** What is still to be told, whether its time has come or not. Once everybody is served no gate rests on a record any more. */
export function agingOf(state: ReleaseState): readonly Aging[] {
  if (state.phase !== 'running' || state.index.records.length === 0) return []
  return state.index.records.flatMap((id) => {
    const plan = stepPlan(state, id)
    const record = state.steps.get(id)?.record
    if (!record || plan.block.word !== 'record' || isRollbackStep(state, plan)) return []
    const until = freshUntil(plan.block, record.observedAt)
    const about = { kind: 'RecordAging', step: id, record: record.record, until } as const
    const { warnMs } = plan.block
    const warning = warnMs !== undefined && record.told === undefined && until - warnMs < until
    return [
      ...(warning ? [{ at: until - warnMs, event: { ...about, how: 'ending' } } as const] : []),
      ...(record.told === 'ended' ? [] : [{ at: until + 1, event: { ...about, how: 'ended' } } as const]),
    ]
  })
}

/** An end that is there already is told alone: that it was near is no news any more. */
export function agingDue(state: ReleaseState, now: Instant): readonly EventOf<'RecordAging'>[] {
  const due = agingOf(state).filter(({ at }) => at <= now)
  const ended = new Set(due.filter(({ event }) => event.how === 'ended').map(({ event }) => event.step))
  return due.map(({ event }) => event).filter(({ how, step }) => how === 'ended' || !ended.has(step))
}

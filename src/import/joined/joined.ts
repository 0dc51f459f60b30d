/** What only several items together say: rollouts, triggers, watches, signatures, tables to fill in, and phases that go back. Each is proposed once. */
import type { Recognised } from '../recognise.ts'
import { proposeRollbackPhases } from './rollback-phase.ts'
import { proposeFilledTables } from './filled-tables.ts'
import { proposeSignOffs } from './sign-off.ts'
import { proposeRollout } from './rollout.ts'
import { proposeThresholds } from './thresholds.ts'
import { proposeTriggers } from './triggers.ts'
import { proposeWatches } from './watches.ts'

const joint: ReadonlySet<string> = new Set([
  'canary-stage',
  'traffic-shift',
  'monitor-window',
  'rollback-trigger',
  'rollback-step',
  'approval',
  'form-field',
  'metric-threshold',
])

export function withJoined(seen: readonly Recognised[]): readonly Recognised[] {
  if (!seen.some(({ kind }) => joint.has(kind))) return seen
  const changed = [...seen]
  const rollout = proposeRollout(changed)
  proposeTriggers(changed)
  proposeWatches(changed, rollout)
  proposeThresholds(changed, rollout?.ruled ?? new Set())
  proposeSignOffs(changed)
  proposeFilledTables(changed)
  proposeRollbackPhases(changed)
  return changed
}

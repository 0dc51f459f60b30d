/** What is known of how often the judge of each rollout errs: read from the records, at most once in a while. */
import {
  calibratable,
  calibrationName,
  type KeptCalibration,
  newestCalibration,
} from '../core/judge/calibration/record.ts'
import { judgeDigest } from '../core/judge/calibration/replay.ts'
import type { Store } from '../core/ports/store.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { Instant } from '../core/units.ts'
import { calibrationLine } from '../report/calibration-words.ts'
import type { ApiDeps } from './deps.ts'

/** One line by rollout; those whose judge promises nothing have none. */
export async function calibrationsOf(deps: ApiDeps, state: ReleaseState): Promise<ReadonlyMap<string, string>> {
  const { plan, environment } = state
  const lines = new Map<string, string>()
  const now = deps.clock.now()
  for (const { id, block } of calibratable(plan)) {
    const kept = await recent(deps.store, calibrationName(plan.service, environment, id), now)
    lines.set(id, calibrationLine(kept, { digest: judgeDigest(block), now, file: plan.source.file }))
  }
  return lines
}

interface Known {
  readonly kept: KeptCalibration | null
  readonly readAt: Instant
}

/** A view is made several times a second; a calibration is not. */
const readEveryMs = 10_000
const known = new WeakMap<Store, Map<string, Known>>()

async function recent(store: Store, name: string, now: Instant): Promise<KeptCalibration | null> {
  const names = known.get(store) ?? new Map<string, Known>()
  known.set(store, names)
  const before = names.get(name)
  if (before !== undefined && now - before.readAt < readEveryMs) return before.kept
  const kept = await newestCalibration(await store.records(name), (sha256) => store.getEvidence(sha256))
  names.set(name, { kept, readAt: now })
  return kept
}

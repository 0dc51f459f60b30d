/** When a stage that cannot proceed asks. */
import type { JudgePlan, StagePlan } from './plan.ts'
import type { Millis } from '../units.ts'

/** The deadline of a very short soak leaves room for ten samples, or nothing could ever be judged. */
export function deadlineOf(
  judge: Pick<JudgePlan, 'everyMs' | 'deadlineFactor'>,
  { soakMs, deadlineMs }: Pick<StagePlan, 'soakMs' | 'deadlineMs'>,
): Millis {
  return deadlineMs ?? Math.max(soakMs, 10 * judge.everyMs) * judge.deadlineFactor
}

/** Where the last calibration of a rollout is kept: the name of its record, and how its content is read back. */
import { z } from 'zod'
import type { Plan, RolloutBlock } from '../../plan/plan.ts'
import type { LedgerRecord } from '../../ports/store.ts'
import { canCalibrate } from './replay.ts'
import type { Calibration } from './tally.ts'

/** One name for each place, so that the newest is found without reading the others. */
export function calibrationName(service: string, environment: string, rollout: string): string {
  return `judge-calibration ${service}/${environment}/${rollout}`.slice(0, 300)
}

/** The rollouts of a plan that promise something that can be put to the test. */
export function calibratable(
  plan: Plan,
): readonly { readonly id: string; readonly text: string; readonly block: RolloutBlock }[] {
  return plan.steps.flatMap(({ id, text, block }) =>
    block.word === 'rollout' && canCalibrate(block) ? [{ id, text, block }] : [],
  )
}

/** What a line about it needs; a later version may keep more. */
export type KeptCalibration = Pick<
  Calibration,
  'judgeDigest' | 'at' | 'standing' | 'promise' | 'runs' | 'rolledBack' | 'high' | 'from' | 'to'
>

const kept = z.object({
  format: z.literal(1),
  judgeDigest: z.string(),
  at: z.number(),
  from: z.number(),
  to: z.number(),
  standing: z.enum(['within', 'doubtful', 'above', 'nothing']),
  promise: z.number(),
  runs: z.number(),
  rolledBack: z.number(),
  high: z.number(),
})

/** null = this is no calibration, or one that nobody here can read. */
export function readCalibration(bytes: Uint8Array): KeptCalibration | null {
  try {
    const read = kept.safeParse(JSON.parse(new TextDecoder().decode(bytes)))
    return read.success ? read.data : null
  } catch {
    return null
  }
}

/** Of all records of one place the newest that can be read; `bytesOf` gives the content behind a hash. */
export async function newestCalibration(
  records: readonly LedgerRecord[],
  bytesOf: (sha256: string) => Promise<Uint8Array | null>,
): Promise<KeptCalibration | null> {
  for (const { evidence } of records.toSorted((a, b) => b.observedAt - a.observedAt)) {
    const bytes = evidence[0] === undefined ? null : await bytesOf(evidence[0])
    const found = bytes === null ? null : readCalibration(bytes)
    if (found !== null) return found
  }
  return null
}

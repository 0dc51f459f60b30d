/** Below a plan: how often the judge of each rollout was found to err on stable's own past. */
import { access } from 'node:fs/promises'
import type { Client } from '../api/client-types.ts'
import { calibratable, calibrationName, newestCalibration } from '../core/judge/calibration/record.ts'
import { judgeDigest } from '../core/judge/calibration/replay.ts'
import type { Plan } from '../core/plan/plan.ts'
import { calibrationLine } from '../report/calibration-words.ts'
import type { Context } from './context.ts'
import type { Line } from './terminal/line.ts'

export async function planCalibration(context: Context, plan: Plan, file: string): Promise<readonly Line[]> {
  const rollouts = calibratable(plan)
  if (rollouts.length === 0) return []
  const client = await keeper(context)
  const environments = Object.keys(plan.environments)
  const lines: Line[] = [[]]
  for (const environment of environments.length > 0 ? environments : ['production']) {
    for (const { id, text, block } of rollouts) {
      const name = calibrationName(plan.service, environment, id)
      const kept =
        client === null ? null : await newestCalibration(await client.records(name), (hash) => client.getEvidence(hash))
      const said = calibrationLine(kept, { digest: judgeDigest(block), now: Date.now(), file })
      lines.push([`${text}, ${environment}: `, [said, kept === null ? 'warn' : 'dim']])
    }
  }
  return lines
}

/** null = nothing was ever kept here, and no engine is started to say so. */
async function keeper(context: Context): Promise<Client | null> {
  try {
    await access(context.config.home)
  } catch {
    return null
  }
  return context.client()
}

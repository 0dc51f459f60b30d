/** Below a plan: what a release with it would wait for as things stand. */
import type { PlanAnswer } from '../api/wire/plan-shapes.ts'
import type { ReadinessLine } from '../report/readiness.ts'
import type { Context } from './context.ts'
import { wasEverUsed } from './plan-debt.ts'
import type { loadPlan } from './document.ts'
import type { Line } from './terminal/line.ts'

/** Empty where nothing is asked and nothing is in the way. */
export async function planReadiness(
  context: Context,
  loaded: Awaited<ReturnType<typeof loadPlan>>,
): Promise<readonly Line[]> {
  return readinessLines((await askReadiness(context, loaded)) ?? [])
}

/** null = nobody was there to ask, or nobody who tells the caller. */
export async function askReadiness(
  context: Context,
  { body }: Awaited<ReturnType<typeof loadPlan>>,
): Promise<readonly ReadinessLine[] | null> {
  if (!(await wasEverUsed(context))) return null
  const client = await context.client()
  const { digest: _digest, ...document } = body
  // Who may not start it, and an older server, tell a plan without it.
  const answer = await client.ask<PlanAnswer>('POST', '/v1/plans', { document }).catch(() => null)
  return answer?.readiness ?? null
}

export function readinessLines(all: readonly ReadinessLine[]): readonly Line[] {
  const told = all.filter(({ answer, say }) => answer === 'no' || (answer === 'yes' && !isNothing(say)))
  if (told.length === 0) return []
  return [[], [['As things stand', 'strong']], ...told.map(lineOf)]
}

function isNothing(say: string): boolean {
  return say === 'none' || say.startsWith('0 open')
}

function lineOf({ what, answer, say }: ReadinessLine): Line {
  return answer === 'no' ? [['  ✖ ', 'bad'], `${what}: ${say}`] : [['  ✔ ', 'good'], what, [`: ${say}`, 'dim']]
}

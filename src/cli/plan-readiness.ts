/** Below a plan: what a release with it would wait for as things stand. */
import type { PlanAnswer } from '../api/wire/plan-shapes.ts'
import type { ReadinessLine } from '../report/readiness.ts'
import type { Context } from './context.ts'
import { wasEverUsed } from './plan-debt.ts'
import type { loadPlan } from './document.ts'
import type { Line } from './terminal/line.ts'
import { writtenSigners } from '../core/readiness/signers.ts'
import { signersLine } from '../report/start-readiness.ts'

type Loaded = Pick<Awaited<ReturnType<typeof loadPlan>>, 'body' | 'plan'>

/** Empty where nothing is asked and nothing is in the way. */
export async function planReadiness(context: Context, loaded: Loaded): Promise<readonly Line[]> {
  return readinessLines(await askReadiness(context, loaded))
}

/** What is in the way of a start, for whoever is about to say yes to it. */
export async function hindrances(context: Context, loaded: Loaded): Promise<readonly Line[]> {
  return readinessLines((await askReadiness(context, loaded)).filter(({ answer }) => answer === 'no'))
}

/** Where nobody is there to ask, or nobody who tells the caller, what the checklist itself says. */
export async function askReadiness(context: Context, { body, plan }: Loaded): Promise<readonly ReadinessLine[]> {
  const names = Object.keys(plan.environments)
  const signers = writtenSigners(plan, null)
  const own = [
    signersLine(
      plan,
      (names.length > 0 ? names : ['']).map((environment) => ({ environment, signers })),
    ),
  ]
  if (!(await wasEverUsed(context))) return own
  const client = await context.client()
  const { digest: _digest, ...document } = body
  // Who may not start it, and an older server, tell a plan without it.
  const answer = await client.ask<PlanAnswer>('POST', '/v1/plans', { document }).catch(() => null)
  return answer?.readiness ?? own
}

export function readinessLines(all: readonly ReadinessLine[]): readonly Line[] {
  const told = all.filter(
    ({ id, answer, say }) => answer === 'no' || (answer === 'yes' && id !== 'signers' && !isNothing(say)),
  )
  if (told.length === 0) return []
  return [[], [['As things stand', 'strong']], ...told.map(lineOf)]
}

function isNothing(say: string): boolean {
  return say === 'none' || say.startsWith('0 open')
}

function lineOf({ what, answer, say }: ReadinessLine): Line {
  return answer === 'no' ? [['  ✖ ', 'bad'], `${what}: ${say}`] : [['  ✔ ', 'good'], what, [`: ${say}`, 'dim']]
}

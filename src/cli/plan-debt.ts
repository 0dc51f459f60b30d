/** Below a plan: steps that its last releases let pass again and again. */
import { access } from 'node:fs/promises'
import type { Plan } from '../core/plan/plan.ts'
import { type Debt, debtWords } from '../report/debt.ts'
import { dateWords } from '../report/words.ts'
import type { Context } from './context.ts'
import type { Line } from './terminal/line.ts'

export async function planDebt(context: Context, { service, name }: Plan): Promise<readonly Line[]> {
  if (!(await wasEverUsed(context))) return []
  const client = await context.client()
  const asked = new URLSearchParams({ service, checklist: name })
  // An older server does not know the question: a plan is told without its debt.
  const debt = await client.ask<readonly Debt[]>('GET', `/v1/debt?${asked.toString()}`).catch(() => [])
  if (debt.length === 0) return []
  return [
    [],
    [['Let pass again and again', 'strong']],
    ...debt.map((one): Line => [`  ${one.text}`, [`  ${debtWords(one)} (since ${dateWords(one.since)})`, 'warn']]),
  ]
}

/** No engine is started to say that nothing was ever released here. */
export async function wasEverUsed(context: Context): Promise<boolean> {
  if (context.config.server !== null) return true
  return access(context.config.home).then(
    () => true,
    () => false,
  )
}

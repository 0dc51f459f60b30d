/** `windows`: what the windows of a checklist are now, and when they open and close next. */
import type { RegisteredChecklist } from '../../core/access/access.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { windowViews } from '../../report/windows-view.ts'
import type { Run, Values } from '../command-entry.ts'
import { type Context, printJson } from '../context.ts'
import { loadPlan } from '../document.ts'
import { loadRegistered } from '../registered-checklist.ts'
import { paint } from '../terminal/line.ts'
import { instantGiven } from '../start-time.ts'
import { text } from '../values.ts'
import { windowLines } from '../windows-text.ts'

export const windows: Run = async (context, [file], options) => {
  if (file === undefined) return ofRegistered(context, options)
  const { plan } = await loadPlan(file)
  const views = windowViews(plan, instantOf(options))
  if (context.json) {
    printJson(context, views)
    return 0
  }
  if (views.length === 0) context.out('this checklist declares no windows: its releases may begin at any time')
  print(context, plan, options)
  return 0
}

/** Of every checklist that a project has registered and that has any. */
async function ofRegistered(context: Context, options: Values): Promise<0> {
  const client = await context.client()
  const checklists = await client.ask<readonly RegisteredChecklist[]>('GET', '/v1/checklists')
  const found: { readonly checklist: string; readonly plan: Plan }[] = []
  for (const { project, name } of checklists) {
    const checklist = `${project}/${name}`
    const { plan } = await loadRegistered(client, checklist)
    if (Object.keys(plan.windows).length > 0) found.push({ checklist, plan })
  }
  if (context.json) {
    const now = instantOf(options)
    printJson(
      context,
      found.flatMap(({ checklist, plan }) => windowViews(plan, now).map((view) => ({ checklist, ...view }))),
    )
    return 0
  }
  if (found.length === 0)
    context.err('no registered checklist declares windows; of a file: holdpoint windows RELEASE.md')
  for (const [at, { checklist, plan }] of found.entries()) {
    if (at > 0) context.out('')
    context.out(checklist)
    print(context, plan, options)
  }
  return 0
}

function print(context: Context, plan: Plan, options: Values): void {
  for (const line of windowLines(windowViews(plan, instantOf(options)))) context.out(paint(line, context.paper()))
}

function instantOf(options: Values): number {
  const at = text(options, 'at')
  return at === null ? Date.now() : instantGiven(at, 'UTC')
}

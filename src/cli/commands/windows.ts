/** `windows`: what the windows of a checklist are now, and when they open and close next. */
import { windowViews } from '../../report/windows-view.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { loadPlan } from '../document.ts'
import { paint } from '../terminal/line.ts'
import { instantGiven } from '../start-time.ts'
import { text } from '../values.ts'
import { windowLines } from '../windows-text.ts'

export const windows: Run = async (context, [file = ''], options) => {
  const { plan } = await loadPlan(file)
  const at = text(options, 'at')
  const views = windowViews(plan, at === null ? Date.now() : instantGiven(at, 'UTC'))
  if (context.json) {
    printJson(context, views)
    return 0
  }
  if (views.length === 0) context.out('this checklist declares no windows: its releases may begin at any time')
  for (const line of windowLines(views)) context.out(paint(line, context.paper()))
  return 0
}

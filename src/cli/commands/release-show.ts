/** `release show`: everything about one release, the bar first. */
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { findRelease } from '../release-argument.ts'
import { page } from '../terminal/screen.ts'

export const releaseShow: Run = async (context, words) => {
  const client = await context.client()
  const view = await findRelease(client, words[0], true)
  if (context.json) printJson(context, view)
  else for (const line of page(view, context.paper())) context.out(line)
  return 0
}

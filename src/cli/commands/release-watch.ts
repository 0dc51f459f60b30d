/** `release watch`: attends a release that runs already. */
import { attend } from '../attend/attend.ts'
import type { Run } from '../command-entry.ts'
import { findRelease } from '../release-argument.ts'
import { patienceOf } from './run.ts'

export const releaseWatch: Run = async (context, words, options) => {
  const client = await context.client()
  const view = await findRelease(client, words[0], true)
  // On a terminal the past is in the view; a pipe gets the whole log, so that it reads like the run itself.
  const after = context.interactive ? view.version : 0
  return attend(context, client, view.release, { ...patienceOf(options), after })
}

/** `release readiness`: yes and no for all that is asked before a rollout; exit 1 while something is no. */
import type { Readiness, ReadinessLine } from '../../report/readiness.ts'
import { printFolded, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { findRelease } from '../release-argument.ts'

const marks: Readonly<Record<ReadinessLine['answer'], string>> = {
  yes: '✔ yes',
  no: '✖ no',
  'not asked': '– not asked',
}

export const readiness: Run = async (context, words) => {
  const client = await context.client()
  const { release } = await findRelease(client, words[0], true)
  const told = await client.ask<Readiness>('GET', `/v1/releases/${segment(release)}/readiness`)
  if (context.json) printJson(context, told)
  else {
    for (const { answer, what, say } of told.lines)
      printFolded(context, [marks[answer].padEnd(13), [what, 'strong'], `  ${say}`])
    context.err(`${told.service} ${told.version} is ${told.ready ? 'ready' : 'not ready'}`)
  }
  return told.ready ? 0 : 1
}

/** `targets`: who holds each target and who stands in line. `release leave-queue`: takes a start out of its line. */
import { refusal } from '../ask-engine.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { targetLines } from '../targets-text.ts'
import { paint } from '../terminal/line.ts'
import { text } from '../values.ts'

export const targets: Run = async (context, _words, options) => {
  const client = await context.client()
  const service = text(options, 'service')
  const environment = text(options, 'env')
  const found = await client.targets({
    ...(service === null ? {} : { service }),
    ...(environment === null ? {} : { environment }),
  })
  if (context.json) printJson(context, found)
  else if (found.length === 0)
    context.err('nothing was released yet; for example: holdpoint run RELEASE.md --version 1')
  else {
    const paper = context.paper()
    for (const line of targetLines(found, Date.now(), paper.width)) context.out(paint(line, paper))
  }
  return 0
}

export const leaveQueue: Run = async (context, words, options) => {
  const client = await context.client()
  const start = words[0] ?? ''
  const answer = await client.leaveLine(start, text(options, 'reason') ?? '')
  if ('kind' in answer) throw refusal(answer)
  if (context.json) printJson(context, { start, left: true })
  else context.out(`${start} has left the line; nothing of it began`)
  return 0
}

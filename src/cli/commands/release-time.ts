/** The verbs about when a release goes on: opening a closed window, moving the planned start. */
import { askEngine } from '../ask-engine.ts'
import type { Run } from '../command-entry.ts'
import { findRelease, findTarget } from '../release-argument.ts'
import { instantGiven } from '../start-time.ts'
import { text } from '../values.ts'

export const override: Run = async (context, words, options) => {
  const client = await context.client()
  const { view, rest } = await findTarget(client, words, 1)
  const command = {
    kind: 'OverrideWindow',
    phase: rest[0] ?? null,
    role: text(options, 'role') ?? '',
    reason: text(options, 'reason') ?? '',
  } as const
  return askEngine(context, client, view, command, text(options, 'sign'))
}

export const reschedule: Run = async (context, words, options) => {
  const client = await context.client()
  const view = await findRelease(client, words[0])
  const to = instantGiven(text(options, 'at') ?? '', view.time?.zone ?? 'UTC')
  const command = { kind: 'Reschedule', to, reason: text(options, 'reason') ?? '' } as const
  return askEngine(context, client, view, command, text(options, 'sign'))
}

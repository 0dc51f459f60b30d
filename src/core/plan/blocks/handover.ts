/** `yaml handover`: who hands over to whom, and who is asked next when nobody acknowledges. */
import type { Compiling } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import type { HandoverBlock } from '../plan.ts'
import { checkRole, positive } from './common.ts'

const example = '```yaml handover\nfrom: release-engineer\nto: [on-call, engineering-manager]\nwithin: 15m\n```'

export function readHandover(block: ReadBlock, compiling: Compiling): HandoverBlock {
  const { settings } = block
  const fromPlace = settings.placeOf('from')
  const from = settings.text('from')
  if (from !== null) checkRole(from, fromPlace, compiling)
  const toPlace = settings.placeOf('to')
  if (!settings.has('to')) settings.missing('to', 'to: the role that acknowledges', example)
  const to = settings.names('to') ?? []
  for (const role of to) checkRole(role, toPlace, compiling)
  const isTimed = settings.has('within')
  const withinMs = positive(settings, 'within')
  if (to.length > 1 && !isTimed)
    settings.missing('within', 'within: how long each of them has before the next is asked', example)
  settings.finish(example)
  return { word: 'handover', from, to, withinMs }
}

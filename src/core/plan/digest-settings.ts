/** Reads `digest` of the front matter: how many messages to one channel are too many. */
import { positive } from './blocks/common.ts'
import type { DigestPlan } from './plan.ts'
import type { Settings } from './settings.ts'

/** Where nothing else is said: this many messages of one release go to one channel within a minute as they come. */
export const usualDigest: DigestPlan = { moreThan: 10, withinMs: 60_000 }
const example = 'digest: { more-than: 20, within: 5m }'

export function readDigest(settings: Settings): DigestPlan | null {
  const group = settings.group('digest')
  if (group === null) return null
  const digest = {
    moreThan: group.whole('more-than', 1, 1000) ?? usualDigest.moreThan,
    withinMs: positive(group, 'within') ?? usualDigest.withinMs,
  }
  group.finish(example)
  return digest
}

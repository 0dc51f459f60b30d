/** Reads `follow-ups` of the front matter: tasks that a release leaves behind. */
import { membersOf, type Read } from './front-matter-members.ts'
import { readDeadline } from './incident-settings.ts'
import { nearest } from './nearest.ts'
import type { FollowUpAfter, FollowUpPlan } from './plan.ts'
import type { Settings } from './settings.ts'

const example =
  'follow-ups: { retrospective: { title: Retrospective held, after: major, due: 5 working days, owner: lead } }'
const occasions: readonly FollowUpAfter[] = [
  'release',
  'major',
  'minor',
  'patch',
  'hotfix',
  'rollback',
  'incident',
  'rehearsal',
]

export const readFollowUp: Read<FollowUpPlan> = (name, entry, from) => {
  const settings = membersOf('follow-ups', name, entry, from)
  const followUp: FollowUpPlan = {
    title: settings.text('title') ?? name,
    after: readAfter(settings),
    owner: settings.text('owner'),
    severity: settings.choice('severity', ['high', 'normal', 'low']) ?? 'normal',
    due: settings.parse('due', readDeadline),
  }
  settings.finish(example)
  return followUp
}

function readAfter(settings: Settings): readonly FollowUpAfter[] {
  const place = settings.placeOf('after')
  const given = settings.names('after') ?? ['release']
  for (const stranger of given.filter((each) => !occasions.includes(each as FollowUpAfter)))
    settings.error('bad-value', place, {
      found: `"${stranger}" for "after" in ${settings.what}`,
      expected: nearest(stranger, occasions),
      example,
    })
  return given as readonly FollowUpAfter[]
}

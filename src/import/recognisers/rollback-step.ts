/** Steps of a rollback: everything to be done in a section that takes a release back. */
import type { Recogniser } from '../item.ts'
import { finding } from '../reading/finding.ts'
import { isRollbackPlace, isStep } from '../reading/place.ts'

export const rollbackStep: Recogniser = {
  name: 'rollback-step',
  recognise: (item, around) => {
    if (!isStep(item, around) || !isRollbackPlace(item)) return null
    const isHotfix = /\b(?:hot-?fix|fix forward|roll forward)\b/i.test(around.parent?.text ?? '')
    if (isHotfix || /^\W*if\s+hot-?fix/i.test(item.text)) return null
    const branch = /\bif\s+(roll\s?back)\b/i.exec(around.parent?.text ?? item.text)?.[1]
    return finding(item, around, {
      kind: 'rollback-step',
      confidence: 0.82,
      why: 'It stands in a section that takes the release back.',
      params: branch === undefined ? {} : { branch: 'rollback' },
    })
  },
}

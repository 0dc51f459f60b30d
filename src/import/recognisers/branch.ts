/** Exclusive ways on: "If rollback:" and "If hotfix:", of which only one is taken. */
import type { Recogniser } from '../item.ts'
import { finding } from '../reading/finding.ts'
import { holdsItems, isStep } from '../reading/place.ts'

export const branch: Recogniser = {
  name: 'branch',
  recognise: (item, around) => {
    if (!isStep(item, around) || !holdsItems(item)) return null
    const name =
      /^\W*(?:if|in case of|when)\s+(?:an?\s+|the\s+)?([\w][\w -]{1,40}?)\s*(?:is (?:needed|chosen))?\s*:?$/i.exec(
        item.text,
      )?.[1]
    if (name === undefined) return null
    return finding(item, around, {
      kind: 'decision-rule',
      confidence: 0.88,
      params: { branch: name.toLowerCase() },
      why: 'It is one of several ways on; the others then do not apply.',
    })
  },
}

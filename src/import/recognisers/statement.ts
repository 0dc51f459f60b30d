/** What nobody else knows: a person does it, with whatever its words say about numbers, conditions and people. */
import type { Recogniser } from '../item.ts'
import { finding } from '../reading/finding.ts'
import { isListItem, isStep } from '../reading/place.ts'

export const statement: Recogniser = {
  name: 'statement',
  recognise: (item, around) => {
    if (!isStep(item, around) || !isListItem(item)) return null
    const isLink = item.checked === null && item.links.length === 1 && item.links[0]?.text === item.text
    if (isLink) return null
    return finding(item, around, { kind: 'manual', confidence: 0.01, why: 'A person does this and says so.' })
  },
}

/** Lines about the document itself: its version, its date, its owner, what it is for. */
import type { Recogniser } from '../item.ts'
import { finding } from '../reading/finding.ts'
import { isListItem } from '../reading/place.ts'

const stamp =
  /^(?:(?:document|checklist|template)\s+)?(?:version|last\s+(?:updated|modified|reviewed|changed)|updated|owners?|authors?|maintainers?|maintained by|date|revision|status|created)\s*:\s*[^_\s]/i

export const metadata: Recogniser = {
  name: 'metadata',
  recognise: (item, around) => {
    if (item.form !== 'prose' && !(isListItem(item) && item.checked === null && item.section.length <= 1)) return null
    if (stamp.test(item.text))
      return finding(item, around, {
        kind: 'metadata',
        role: 'note',
        why: 'It tells about the document itself.',
        confidence: 0.9,
      })
    const isFirst = item.form === 'prose' && around.previous === null && item.section.length <= 2
    if (
      isFirst &&
      /^(?:comprehensive\s+)?(?:checklist|this (?:document|page|guide|runbook)|overview)\b/i.test(item.text) &&
      !/\b(?:must|before|complete all)\b/i.test(item.text)
    )
      return finding(item, around, {
        kind: 'metadata',
        role: 'note',
        why: 'It says what the document is for.',
        confidence: 0.7,
      })
    return null
  },
}

/** Contents lists, links to read, and labels: kept and shown, never steps. */
import type { Recogniser } from '../item.ts'
import { finding } from '../reading/finding.ts'
import { isListItem } from '../reading/place.ts'

const places =
  /^(?:table of )?contents$|\b(?:references?|related|links|see also|resources|further reading|appendix|documentation links)\b/i

export const reference: Recogniser = {
  name: 'reference',
  recognise: (item, around) => {
    if (item.checked !== null || item.form === 'task') return null
    const say = (why: string, confidence: number) =>
      finding(item, around, { kind: 'reference', role: 'note', why, confidence })
    if (isListItem(item)) {
      const [link] = item.links
      if (item.links.length === 1 && link?.url.startsWith('#') && link.text === item.text)
        return say('It is a line of the contents list.', 0.95)
      if (places.test(item.section.at(-1) ?? '')) return say('It stands in a list of things to read.', 0.95)
      if (item.links.length === 1 && link?.text === item.text) return say('It is only a link.', 0.8)
      if (/^(?:see|cf\.|refer to|more (?:in|on))\b/i.test(item.text) && item.links.length > 0)
        return say('It points to something to read.', 0.8)
    }
    if (item.form === 'prose' && /^(?:see|refer to|for (?:more|details|full))\b/i.test(item.text))
      return say('It points to something to read.', 0.85)
    return null
  },
}

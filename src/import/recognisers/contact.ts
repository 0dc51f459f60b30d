/** People to call, channels to meet in, and who has to be there. */
import type { Recogniser } from '../item.ts'
import { finding, byWording } from '../reading/finding.ts'
import { isListItem, sectionText } from '../reading/place.ts'
import { sieved } from '../sieve/sieve.ts'

const places =
  /\b(?:contacts?|on-?call|escalation|communication channels?|support channels?|who to call|people|stakeholders)\b/i
const steps = byWording('contact', [
  {
    text: /\bon-?call\b/i,
    why: 'It needs somebody who is on call.',
    confidence: 0.78,
    unless: /\bnotif/i,
    alsoKinds: ['manual'],
  },
  {
    text: /\bwar[- ]?room\b(?!.*\bschedul)/i,
    why: 'It needs a place where people meet.',
    confidence: 0.76,
    alsoKinds: ['schedule'],
  },
  { text: /\bescalation (?:contacts?|path|list)|\bcontact list\b/i, why: 'It needs people to call.', confidence: 0.76 },
  {
    text: /\b(?:team members?|people|engineers|staff)\b.{0,20}\b(?:available|present|on hand|standby)\b/i,
    why: 'It needs people who are there.',
    confidence: 0.8,
    alsoKinds: ['approval-n'],
  },
])

const present = sieved(/\b(?:team members?|people|engineers)\b.{0,30}\b(?:available|present)\b/i)

export const contact: Recogniser = {
  name: 'contact',
  recognise: (item, around) => {
    if (
      isListItem(item) &&
      item.checked === null &&
      item.form === 'bullet' &&
      places.test(sectionText(item).split(' > ').slice(-2).join(' '))
    ) {
      const pair = /^([^:]{1,60}):\s*(.{1,200})$/.exec(item.text)
      const isReachable =
        /@|#[a-z]|\+?\d[\d ()-]{6,}|https?:|\b(?:pagerduty|opsgenie|slack|teams|listed|manager|lead|engineer|team|director)\b|\w\.\w{2,}/i.test(
          pair?.[2] ?? '',
        )
      if (pair && isReachable)
        return finding(item, around, {
          kind: 'contact',
          role: 'contact',
          confidence: 0.9,
          params: { who: pair[1] ?? '', how: pair[2] ?? '' },
          why: 'It says whom to reach, and how.',
        })
    }
    if (isListItem(item) && item.checked === null && item.form === 'bullet' && present.test(item.text))
      return finding(item, around, {
        kind: 'contact',
        role: 'rule',
        confidence: 0.85,
        why: 'It says who has to be there.',
        alsoKinds: ['approval-n'],
      })
    return steps(item, around)
  },
}

/** When changes are allowed: quiet hours, no Fridays, no eves of holidays, freezes, and one at a time. */
import type { Recogniser } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { finding } from '../reading/finding.ts'
import { isListItem, isStep } from '../reading/place.ts'
import { sieved } from '../sieve/sieve.ts'

const days = sieved(
  /\b(mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|weekends?|holidays?)\b/gi,
)

const forbidden = sieved(/\b(?:don['’]?t|do not|never|no|avoid|not)\b/i)
const acting = sieved(/\b(?:deploy|release|ship|change|rollout|roll out|push)/i)
const quiet = sieved(/\b(?:low|quiet|off)[- ]?(?:traffic|peak|hours)\b|\bbusiness hours\b/i)
const frozen = sieved(/\b(?:code|change|schema|feature|content)?\s*freeze\b/i)
const together = sieved(/\b(?:multiple|several|two)\b.*\b(?:simultaneous|at once|same time|in parallel|together)/i)
const single = sieved(/\bone (?:change|deployment|release) at a time\b/i)

export const changeWindow: Recogniser = {
  name: 'change-window',
  recognise: (item, around) => {
    if (!isListItem(item) && item.form !== 'prose') return null
    const text = item.text.slice(0, 400)
    const heading = item.section.at(-1) ?? ''
    const params: Record<string, Json> = {}
    const acts = acting.test(text)
    const named = [...days.all(text)].map((match) => (match[1] ?? '').toLowerCase())
    if (named.length > 0 && acts && /\b(?:on|before|after|during|no)\b/i.test(text))
      Object.assign(params, {
        operator: forbidden.test(`${text} ${heading}`) ? 'not-in' : 'in',
        value: named,
        eves: /\bbefore\b/i.test(text),
        severity: 'blocker',
      })
    else if (quiet.test(text) && acts)
      Object.assign(params, { operator: 'in', value: 'low-traffic', severity: 'blocker' })
    else if (frozen.test(text) && !/\bwindow\b.*\bnotify\b/i.test(text))
      Object.assign(params, { operator: 'eq', value: 0, subject: 'changes after the freeze', severity: 'blocker' })
    else if (together.test(text) || single.test(text))
      Object.assign(params, { operator: 'le', value: 1, severity: 'blocker' })
    else return null
    if (item.form === 'prose' && text.length > 200) return null
    const role = isStep(item, around) ? 'step' : 'rule'
    return finding(item, around, {
      kind: 'change-freeze',
      role,
      confidence: 0.86,
      params,
      why: 'It says when changes are allowed; a window in the front matter holds to it.',
    })
  },
}

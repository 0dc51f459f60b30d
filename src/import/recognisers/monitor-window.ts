/** Watching for a time: "monitor for 30 minutes", headings such as "0-15 minutes" or "first 24 hours". */
import type { Recogniser } from '../item.ts'
import { finding } from '../reading/finding.ts'
import { isListItem, isStep } from '../reading/place.ts'
import { quantitiesIn } from '../reading/quantities.ts'
import { sieved } from '../sieve/sieve.ts'

const watching = sieved(
  /^\W*(?:closely\s+)?(?:monitor|watch|observe|keep an eye)\b|\b(?:monitor(?:ed|ing)?|soak)\s+for\b/i,
)

export const monitorWindow: Recogniser = {
  name: 'monitor-window',
  recognise: (item, around) => {
    const text = item.text.slice(0, 300)
    const span = quantitiesIn(text).find(({ sense, unit }) => sense === 'duration' || /^(?:s|min|h|d)$/.test(unit))
    if (item.form === 'heading') {
      const isRange =
        span?.operator === 'between' && /^(?:min|h|s)$/.test(span.unit) && /\d\s*(?:-|–|to)\s*\d/.test(text)
      const isFirst = /\bfirst\s+\d+\s*(?:h|hours?|min|minutes?|days?)\b/i.test(text)
      if (!span || !(isRange || isFirst) || /\bbefore\b/i.test(text)) return null
      const value = span.upTo === null ? span.value : [span.value, span.upTo]
      return finding(item, around, {
        kind: 'monitor-window',
        role: 'rule',
        confidence: 0.9,
        params: { operator: span.operator, value, unit: span.unit },
        why: 'It says from when to when this is looked at.',
      })
    }
    if (!isListItem(item) || !watching.test(text)) return null
    const closely = /\b(?:metrics|systems?|dashboards?)\b.*\bduring\s+(?:the\s+)?(?:deploy|release|rollout)/i.test(text)
    if (!span && !closely) return null
    const isOwn = isStep(item, around)
    return finding(item, around, {
      kind: 'monitor-window',
      role: isOwn ? 'step' : 'rule',
      confidence: 0.9,
      staysStep: true,
      alsoKinds: /\bsign/i.test(text) ? ['approval'] : [],
      params: span
        ? {
            for: {
              value: span.upTo ?? span.value,
              unit: span.unit,
            },
          }
        : {},
      why: 'Somebody watches for this long; a `yaml watch` with its metrics does it by itself.',
    })
  },
}

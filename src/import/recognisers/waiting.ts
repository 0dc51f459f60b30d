/** Steps that only let time pass: "Wait 30 minutes", "Let it bake for 2 hours". What is waited for is a matter of others. */
import type { Recogniser } from '../item.ts'
import { durationOf } from '../joined/limits.ts'
import { finding } from '../reading/finding.ts'
import { isStep } from '../reading/place.ts'

const lead =
  /^\W*(?:then\s+)?(?:wait|pause|hold off|let (?:it|this|that|the \w+(?: \w+)?) (?:soak|bake|run|settle|sit))\b/i
const length =
  /^\s+(?:for\s+)?(?:at least\s+|about\s+|around\s+|another\s+|~\s*)?(\d{1,4})(?:\s*(?:-|–|to)\s*(\d{1,4}))?\s?(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b/i

export const waiting: Recogniser = {
  name: 'waiting',
  recognise: (item, around) => {
    if (!isStep(item, around)) return null
    const text = item.text.slice(0, 300)
    const opening = lead.exec(text)
    const span = opening && length.exec(text.slice(opening[0].length))
    const unit = span?.[3]
      ?.toLowerCase()
      .replace(/^m.*/, 'min')
      .replace(/^([shd]).*/, '$1')
    if (!span || unit === undefined) return null
    const value = Number(span[2] ?? span[1])
    const time = durationOf(value, unit)
    return finding(item, around, {
      kind: 'monitor-window',
      confidence: 0.86,
      staysStep: true,
      params: { for: { value, unit } },
      why: 'It lets time pass, which needs nobody.',
      proposal: time === null ? null : { block: `\`\`\`yaml wait\nfor: ${time}\n\`\`\``, risk: 'reads' },
    })
  },
}

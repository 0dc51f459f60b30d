/** Blanks, Yes / No lines and choices: values that somebody fills in, as typed fields. */
import type { ImportItem, Recogniser } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { type FieldType, keyOf, typeOf } from '../reading/field-words.ts'
import { finding } from '../reading/finding.ts'
import { isListItem } from '../reading/place.ts'
import { yamlText } from '../reading/proposals.ts'
import { sieved } from '../sieve/sieve.ts'

const filledIn = /_{3}|\.{5}|…{2}|\[_/
const blankLine = /^(.{1,120}?)\s*:?\s*(?:_{3,}|\.{5,}|…{2,}|\[_+\])/
const choiceLine = sieved(
  /^([^:]{1,120}):\s*(yes\s*\/\s*no|pass\s*\/\s*fail|go\s*\/\s*no-?go|y\s*\/\s*n|done\s*\/\s*not done)(?:\s*\/\s*n\/?a)?\s*$/i,
)

/** Label, type and options of one field; null = it has none to fill in. */
export function fieldOf({
  text,
  form,
}: ImportItem): { label: string; type: FieldType; options: readonly string[] } | null {
  const words = text.slice(0, 400)
  const blank = filledIn.test(words) ? blankLine.exec(words) : null
  if (blank) return { label: labelOf(blank[1]), type: typeOf(words), options: [] }
  const choice = choiceLine.exec(words)
  if (choice) return { label: labelOf(choice[1]), type: 'choice', options: (choice[2] ?? '').split(/\s*\/\s*/) }
  const isLabelOnly =
    /^(?:name|date|signature|signed|approved by|approval date|reviewed by|tested by|deployed by|time|version)\s*:?\s*$/i.exec(
      words,
    )
  if (isLabelOnly && (form === 'task' || form === 'bullet' || form === 'field'))
    return { label: labelOf(words), type: typeOf(words), options: [] }
  if (form === 'field') {
    const boxes = /^([^:]{1,120}):\s*(.*)$/.exec(words)
    const options = [...(boxes?.[2] ?? '').matchAll(/\[ ?[xX]?\]\s*([\p{L}][\p{L}\d ]{0,30})/gu)].map((match) =>
      (match[1] ?? '').trim(),
    )
    if (options.length > 1) return { label: labelOf(boxes?.[1]), type: 'choice', options }
  }
  return null
}

function labelOf(text: string | undefined): string {
  return (
    (text ?? '')
      .replace(/[*:_\s]+$/g, '')
      .replace(/^[*\s]+/, '')
      .trim() || 'Value'
  )
}

export const blank: Recogniser = {
  name: 'blank',
  recognise: (item, around) => {
    if (!isListItem(item) && item.form !== 'field' && item.form !== 'prose') return null
    const field = fieldOf(item)
    if (!field) return null
    const name = keyOf(field.label, 'value')
    const kind: string =
      field.options.length > 0 ? `options: [${field.options.map(yamlText).join(', ')}]` : `type: ${field.type}`
    const isSigned =
      /\b(?:name|date|signature|approv)/i.test(field.label) &&
      around.parent !== null &&
      /\b(?:approv|sign)/i.test(around.parent.text)
    const params: Record<string, Json> = { label: field.label, type: field.type }
    if (field.options.length > 0) params.options = field.options
    return finding(item, around, {
      kind: 'form-field',
      role: 'field',
      confidence: 0.97,
      params,
      alsoKinds: /\b(?:approved|sign)/i.test(field.label)
        ? ['approval']
        : field.options.length > 0
          ? ['decision-rule']
          : ['metric-baseline'],
      why: field.options.length > 0 ? 'One of these answers is to be chosen.' : 'A blank that somebody fills in.',
      proposal:
        isSigned || item.insert === null || !isListItem(item)
          ? null
          : {
              block: `\`\`\`yaml fields\n${name}: { label: ${yamlText(field.label)}, ${kind} }\n\`\`\``,
              risk: 'reads',
            },
    })
  },
}

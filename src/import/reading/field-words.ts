/** Words of a document as the name and the type of a value to fill in. */

type FieldType = 'text' | 'number' | 'percent' | 'duration' | 'date' | 'boolean' | 'choice'

export function typeOf(text: string): FieldType {
  if (/\bdate\b/i.test(text)) return 'date'
  if (/%|\b(?:rate|percent\w*|utili[sz]ation|usage|coverage)\b/i.test(text)) return 'percent'
  if (/\b(?:time|duration|latency|rto|rpo)\b/i.test(text) && !/\btime zone|date/i.test(text)) return 'duration'
  if (/\b(?:number|count|connections?|total|how many)\b/i.test(text)) return 'number'
  return 'text'
}

/** `Target fix` is `target-fix`; what cannot begin a name stands behind `other`. */
export function keyOf(label: string, other: string): string {
  const key = label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  if (key === '') return other
  return /^[a-z]/.test(key) ? key : `${other}-${key}`
}

export type { FieldType }

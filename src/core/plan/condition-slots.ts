/** `{{ name }}` in a condition would be compared as the text it is: there, names stand by themselves. */

const slot = /\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}/g
const literal = /(["'])((?:\\.|(?!\1)[^\\])*)\1/g

/** The same expression with its slots written as names; null when there is none. */
export function withoutSlots(source: string): string | null {
  if (source.search(slot) === -1) return null
  return source.replace(literal, (_whole, quote: string, inner: string) => joined(quote, inner)).replace(slot, '$1')
}

/** `"v{{ version }}"` becomes `"v" + version`. */
function joined(quote: string, inner: string): string {
  const parts = inner.split(slot).map((part, index) => (index % 2 === 1 ? part : `${quote}${part}${quote}`))
  const written = parts.filter((part) => part !== `${quote}${quote}`)
  return written.length === 0 ? `${quote}${quote}` : written.join(' + ')
}

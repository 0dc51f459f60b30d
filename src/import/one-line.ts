/** Words on one line: single blanks between them, none around them. */

/** Most texts are so already, and looking is cheaper than writing them anew. */
const loose = /^\s|\s$|[^\S ]| {2}/

export function oneLine(text: string): string {
  return loose.test(text) ? text.replace(/\s+/g, ' ').trim() : text
}

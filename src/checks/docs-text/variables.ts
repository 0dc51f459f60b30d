/** Environment variables that code reads, in the ways that common languages write it. */

const ways: readonly RegExp[] = [
  /\bprocess\.env\.([A-Z][A-Z0-9_]+)/g,
  /\bprocess\.env\[\s*["'`]([A-Z][A-Z0-9_]+)["'`]\s*\]/g,
  /\bimport\.meta\.env\.([A-Z][A-Z0-9_]+)/g,
  /\bos\.environ(?:\.get\(\s*|\[\s*)["']([A-Z][A-Z0-9_]+)["']/g,
  /\bos\.(?:getenv|Getenv|LookupEnv)\(\s*["']([A-Z][A-Z0-9_]+)["']/g,
  /\b(?:std::)?env::var(?:_os)?\(\s*"([A-Z][A-Z0-9_]+)"/g,
  /\benv!\(\s*"([A-Z][A-Z0-9_]+)"/g,
  /\bSystem\.getenv\(\s*"([A-Z][A-Z0-9_]+)"/g,
  /\bENV(?:\.fetch\(\s*|\[\s*)["']([A-Z][A-Z0-9_]+)["']/g,
  /\bgetenv\(\s*["']([A-Z][A-Z0-9_]+)["']/g,
]

export function variablesIn(code: string): readonly string[] {
  return [...new Set(ways.flatMap((way) => [...code.matchAll(way)].map((found) => found[1] ?? '')))]
}

/** As a word of its own: PORT is not documented by REPORT or PORT_2. */
export function isNamedIn(name: string, text: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
    if (!/\w/.test(text[at - 1] ?? ' ') && !/\w/.test(text[at + name.length] ?? ' ')) return true
  return false
}

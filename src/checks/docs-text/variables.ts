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
  /\bGetEnvironmentVariable\(\s*"([A-Z][A-Z0-9_]+)"/g,
  /\bSystem\.(?:get|fetch)_env!?\(\s*"([A-Z][A-Z0-9_]+)"/g,
  /\bDeno\.env\.get\(\s*["'`]([A-Z][A-Z0-9_]+)["'`]/g,
  /\$ENV\{["']?([A-Z][A-Z0-9_]+)["']?\}/g,
]

const taken = /\{([^{}]{1,2000})\}\s*=\s*(?:process|import\.meta)\.env\b/g

export function variablesIn(code: string): readonly string[] {
  const named = ways.flatMap((way) => [...code.matchAll(way)].map((found) => found[1] ?? ''))
  const apart = [...code.matchAll(taken)].flatMap(([, inner = '']) =>
    inner.split(',').flatMap((part) => /^\s*([A-Z][A-Z0-9_]+)\b/.exec(part)?.[1] ?? []),
  )
  return [...new Set([...named, ...apart])]
}

/** Of code in a language that is not understood here, or of other files than were meant, nothing can be said. */
export function whyNoneRead(count: number, patterns: readonly string[]): string | null {
  if (count > 0) return null
  return `nothing in ${patterns.join(', ')} reads an environment variable in a way that is known here, so nothing was compared`
}

/** As a word of its own: PORT is not documented by REPORT or PORT_2. */
export function isNamedIn(name: string, text: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
    if (!/\w/.test(text[at - 1] ?? ' ') && !/\w/.test(text[at + name.length] ?? ' ')) return true
  return false
}

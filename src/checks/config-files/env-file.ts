/** Files of `NAME=value` lines, as shells, compose and dotenv agree on them. */

export interface EnvFile {
  readonly values: Readonly<Record<string, string>>
  /** With the line each is about; never a value. */
  readonly problems: readonly { readonly line: number; readonly why: string }[]
}

const named = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=(.*)$/

export function readEnvFile(text: string): EnvFile {
  const values: Record<string, string> = Object.create(null) as Record<string, string>
  const seen = new Map<string, number>()
  const problems: { line: number; why: string }[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (/^\s*(?:#|$)/.test(line)) continue
    const [, name, rest] = named.exec(line) ?? []
    const number = at + 1
    if (name === undefined || rest === undefined) {
      problems.push({ line: number, why: 'expected NAME=value' })
      continue
    }
    const read = valueOf(rest.trim(), lines, at)
    if (read === null) problems.push({ line: number, why: `the quotes of ${name} are never closed` })
    else at = read.last
    if (seen.has(name)) problems.push({ line: number, why: `${name} was set in line ${seen.get(name)} already` })
    seen.set(name, number)
    values[name] = read?.value ?? ''
  }
  return { values, problems }
}

interface Read {
  readonly value: string
  /** Index of the line where it ends. */
  readonly last: number
}

/** null = quotes without an end. */
function valueOf(rest: string, lines: readonly string[], at: number): Read | null {
  const quote = /^["'`]/.exec(rest)?.[0]
  if (quote === undefined) return { value: rest.replace(/(?:^|\s+)#.*$/, '').trim(), last: at }
  let text = rest.slice(1)
  for (let last = at; ; last += 1) {
    const end = endOf(text, quote)
    if (end >= 0) return { value: unescaped(text.slice(0, end), quote), last }
    const next = lines[last + 1]
    if (next === undefined) return null
    text += `\n${next}`
  }
}

function endOf(text: string, quote: string): number {
  for (let at = 0; at < text.length; at += 1) {
    if (quote === '"' && text[at] === '\\') at += 1
    else if (text[at] === quote) return at
  }
  return -1
}

function unescaped(text: string, quote: string): string {
  if (quote !== '"') return text
  const meant: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
  return text.replaceAll(/\\(.)/gs, (_, letter: string) => meant[letter] ?? letter)
}

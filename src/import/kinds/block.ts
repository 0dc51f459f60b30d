/** Writes blocks of a kind: its settings in YAML, and names of values in the way that settings take them. */

/** What a step becomes: one fence or several, each below the other. */
export interface OwnBlock {
  readonly block: string
  readonly risk: 'reads' | 'changes'
  /** One sentence: what it sees or does besides the words of the step, or what of them it does not see. '' = nothing. */
  readonly remark: string
}

type Entries = Readonly<Record<string, string | number | readonly string[]>>

type Value = string | number | boolean | Entries | readonly (string | Entries)[]

export type Settings = readonly (readonly [name: string, value: Value])[]

/** A check; `info` is what stands behind its word. */
export function check(kind: string, settings: Settings, info = ''): string {
  return fence(`yaml check${info === '' ? '' : ` ${info}`}`, kind, settings)
}

/** An action. One that others see asks for the typed word first. */
export function run(kind: string, settings: Settings, info = 'danger'): string {
  return fence(`yaml run${info === '' ? '' : ` ${info}`}`, kind, settings)
}

function fence(info: string, kind: string, settings: Settings): string {
  const lines = settings.map(([name, value]) => `${name}: ${valueOf(value)}`)
  return [`\`\`\`${info}`, `kind: ${kind}`, ...lines, '```'].join('\n')
}

function valueOf(value: Value): string {
  return typeof value === 'string' ? textOf(value) : inline(value)
}

/** In lists and maps on one line, braces of a name would begin another map. */
function inline(value: Value): string {
  if (typeof value === 'string') return value.includes('{') ? JSON.stringify(value) : textOf(value)
  if (isList(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value).map(([name, each]) => `${name}: ${inline(each)}`)
  return `{ ${entries.join(', ')} }`
}

function isList(value: Value): value is readonly (string | Entries)[] {
  return Array.isArray(value)
}

const plain = /^[A-Za-z./][\w./:@= -]*$/
const isWord = /^(?:yes|no|y|n|true|false|on|off|null)$/i

/** A string that YAML reads back as it is. */
function textOf(text: string): string {
  if (/^\d+(?:ms|[smhd])$/.test(text)) return text
  const isPlain = plain.test(text.replace(/\{\{ [\w.]+ \}\}/g, 'x')) && !text.startsWith('{{')
  return isPlain && !isWord.test(text) && !/: |\s$|:$/.test(text) ? text : JSON.stringify(text)
}

export function input(name: string): string {
  return `{{ input.${name} }}`
}

/** Names as shell has them, as settings have them; null = another variable, a command or braces of another tool stand in it. */
export function withNames(text: string): string | null {
  if (text.includes('{{')) return null
  const named = text.replace(/\$\{HOLDPOINT_([A-Z0-9_]+)\}/g, (_, name: string) =>
    name.startsWith('INPUT_') ? input(name.slice(6).toLowerCase()) : `{{ ${name.toLowerCase()} }}`,
  )
  return /[$`]/.test(named) ? null : named
}

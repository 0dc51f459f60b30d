/** The mark that makes a document a checklist of ours, and the note that tells how to take it out again. */
import { Problems } from '../core/plan/problem.ts'
import { readYaml } from '../core/plan/yaml.ts'
import { databaseSecret, inputMeaning, type SourceName } from './inputs.ts'
import type { Outline } from './item.ts'
import { joinLines, linesOf, usualEnd, type SourceLine } from './lines.ts'

/** Places that are asked until somebody says where: the usual addresses of a Prometheus and of `kubectl proxy`, and a database whose address is a secret. */
const places: Readonly<Record<SourceName, string>> = {
  metrics: '{ kind: prometheus, url: "http://127.0.0.1:9090" }',
  cluster: '{ kind: kubernetes, server: "http://127.0.0.1:8001", token: false }',
  database: `{ kind: postgres, url: "{{ secret.${databaseSecret} }}" }`,
}
const sourceNames = ['metrics', 'cluster', 'database'] as const

function sourcesOf(names: readonly SourceName[]): string {
  const entries = sourceNames.filter((name) => names.includes(name)).map((name) => `${name}: ${places[name]}`)
  return `{ ${entries.join(', ')} }`
}

/** As importing writes them, whichever of them the blocks need. */
const allSources: readonly string[] = Array.from({ length: 2 ** sourceNames.length }, (_, bits) =>
  sourceNames.filter((_name, at) => (bits >> at) % 2 === 1),
).map((names) => `sources: ${sourcesOf(names)}`)

function secretsOf(names: readonly string[]): string {
  return `{ ${names.map((name) => `${name}: env`).join(', ')} }`
}

/** As importing writes them: a secret that comes from elsewhere is a person's. */
function areSecretsOfOurs(text: string): boolean {
  return /^secrets: \{ \w+: env(?:, \w+: env)* \}$/.test(text)
}

/** What importing wrote into the front matter, as the note there says. */
export interface Note {
  /** `front matter`, or the names of lines that were added. */
  readonly added: readonly string[]
  /** Prints of blocks that were in the document before; they are not ours to take out. */
  readonly own: readonly string[]
  /** Prints of items whose proposal a person did not want. */
  readonly skipped: readonly string[]
  /** Print of the document that was copied; null = unknown. */
  readonly of: string | null
}

const noteLine = /^# holdpoint import: (added|of|own|skipped) (.+?)\s*$/
const perLine = 10

export interface Head {
  readonly note: Note
  /** Lines for the front matter, without line ends. */
  readonly lines: readonly string[]
}

/** null = there is front matter, and it is no mapping: nothing can stand beside it. */
export function headFor(
  outline: Outline,
  facts: Pick<Note, 'own' | 'skipped' | 'of'> & {
    readonly headingsAreSteps: boolean
    /** Lines that people added to a front matter that importing made. */
    readonly extra: readonly string[]
    /** Inputs that the blocks need, each a value that is given at the start. */
    readonly inputs: readonly string[]
    /** Sources that the blocks ask, and that nobody declares yet. */
    readonly sources: readonly SourceName[]
    /** Secrets that the blocks need, and that nobody declares yet. */
    readonly secrets: readonly string[]
  },
): Head | null {
  const { frontMatter } = outline
  const foreign = frontMatter ? namesIn(frontMatter.text) : []
  if (foreign === null) return null
  const isDeclared = foreign.includes('holdpoint')
  const lines: string[] = []
  const added: string[] = []
  const add = (name: string, value: string): void => {
    added.push(name)
    lines.push(`${name}: ${value}`)
  }
  if (!isDeclared) add('holdpoint', '1')
  if (!isDeclared && foreign.length > 0) add('others', `[${foreign.map((name) => JSON.stringify(name)).join(', ')}]`)
  const declares = (name: string): boolean =>
    foreign.includes(name) || facts.extra.some((line) => line.startsWith(`${name}:`))
  if (facts.inputs.length > 0 && !declares('inputs')) add('inputs', inputsOf(facts.inputs))
  if (facts.secrets.length > 0 && !declares('secrets')) add('secrets', secretsOf(facts.secrets))
  if (facts.sources.length > 0 && !declares('sources')) add('sources', sourcesOf(facts.sources))
  if (facts.headingsAreSteps && !foreign.includes('steps')) add('steps', 'headings')
  const kept = frontMatter ? added : ['front matter', ...added]
  const note: Note = { added: kept, own: facts.own, skipped: facts.skipped, of: facts.of }
  return { note, lines: [...lines, ...noteLines(note), ...(frontMatter ? [] : facts.extra)] }
}

function inputsOf(names: readonly string[]): string {
  return `{ ${names.map(inputEntry).join(', ')} }`
}

/** As importing writes them: with a default or another word of a person they are the person's. */
function areInputsOfOurs(text: string): boolean {
  const entry = /(\w+): \{(?: description: "(?:[^"\\]|\\.)*" )?\}/g
  const entries = Array.from(text.slice('inputs: {'.length).matchAll(entry), ([all, name = '']) => ({ all, name }))
  // An earlier version may have had no words for a name.
  const isOurs = entries.every(({ all, name }) => all === `${name}: {}` || all === inputEntry(name))
  return isOurs && text === `inputs: { ${entries.map(({ all }) => all).join(', ')} }`
}

function inputEntry(name: string): string {
  const meaning = inputMeaning(name)
  return meaning === null ? `${name}: {}` : `${name}: { description: ${JSON.stringify(meaning)} }`
}

function noteLines({ added, own, skipped, of }: Note): readonly string[] {
  const lines = [`# holdpoint import: added ${added.length > 0 ? added.join(', ') : 'blocks'}`]
  if (of !== null) lines.push(`# holdpoint import: of ${of}`)
  for (const [name, prints] of [
    ['own', own],
    ['skipped', skipped],
  ] as const)
    for (let at = 0; at < prints.length; at += perLine)
      lines.push(`# holdpoint import: ${name} ${prints.slice(at, at + perLine).join(' ')}`)
  return lines
}

function namesIn(yaml: string): readonly string[] | null {
  const map = readYaml(yaml, { file: '', line: 1, column: 1 }, new Problems(''))
  return map && [...map.entries.keys()]
}

/** `source` is without a byte order mark. */
export function withHead(source: string, outline: Outline, head: Head): string {
  const lines = linesOf(source)
  const end = usualEnd(lines)
  const own = head.lines.map((text) => ({ text, end }))
  if (outline.frontMatter) return joinLines([...lines.slice(0, 1), ...own, ...lines.slice(1)])
  return joinLines([{ text: '---', end }, ...own, { text: '---', end }, ...lines])
}

/** null = no note: the document is no copy that importing wrote. */
export function noteOf(outline: Outline): Note | null {
  const found: Record<string, string[]> = { added: [], of: [], own: [], skipped: [] }
  let isThere = false
  for (const line of (outline.frontMatter?.text ?? '').split('\n')) {
    const match = noteLine.exec(line)
    if (!match) continue
    isThere = true
    const [, name = '', rest = ''] = match
    found[name]?.push(...rest.split(name === 'added' ? ', ' : ' ').filter((word) => word !== ''))
  }
  const { added = [], own = [], skipped = [], of = [] } = found
  return isThere ? { added: added.filter((word) => word !== 'blocks'), own, skipped, of: of[0] ?? null } : null
}

/**
 * The lines of a front matter without those that importing wrote. A front matter that importing made goes as a whole:
 * what people added to it is `extra`.
 */
export function withoutHead(
  lines: readonly SourceLine[],
  note: Note,
): { readonly lines: readonly SourceLine[]; readonly extra: readonly string[] } {
  const names = new Set(note.added)
  const isOurs = (text: string): boolean => {
    if (noteLine.test(text)) return true
    if (allSources.includes(text)) return names.delete('sources')
    if (text.startsWith('secrets:')) return areSecretsOfOurs(text) && names.delete('secrets')
    if (text.startsWith('inputs:')) return areInputsOfOurs(text) && names.delete('inputs')
    const name = /^(holdpoint|others|steps):/.exec(text)?.[1]
    return name !== undefined && names.delete(name)
  }
  const kept = lines.filter(({ text }) => !isOurs(text))
  if (!note.added.includes('front matter')) return { lines: kept, extra: [] }
  return { lines: [], extra: kept.slice(1, -1).map(({ text }) => text) }
}

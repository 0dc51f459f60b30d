/** Ids: heading path, parent steps and text, as short words. `id=` fixes one. */
import type { Draft, DraftStep } from './draft.ts'
import type { Problems } from './problem.ts'

const longestSlug = 60
const leastSlug = 20

/** An id, or a part of one, with what it is for CEL. */
interface Named {
  readonly id: string
  readonly name: string
}

/** Letters and digits of any script, joined by hyphens; a number before a heading ("3. Deploy") is no part of its name. */
export function slug(text: string): string {
  return partOf(text).id
}

/** What a heading or the text of a step adds to an id, and to its name. */
function partOf(text: string): Named {
  if (!/[^\x20-\x7e]/.test(text)) return plainPart(text)
  const joined = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(number, '')
    .replace(/['’`]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  const id = joined.slice(0, lengthOfCut(joined.length, joined.lastIndexOf('-', longestSlug))).toWellFormed()
  return { id, name: underscored(id) }
}

const number = /^\s*\d+(?:\.\d+)*[.)]\s+/

/** Where a slug ends that would be too long: before its last whole word, if that leaves enough of it. */
function lengthOfCut(length: number, lastHyphen: number): number {
  if (length <= longestSlug) return length
  return lastHyphen > leastSlug ? lastHyphen : lastHyphen === leastSlug - 1 ? leastSlug - 1 : leastSlug
}

const hyphen = 45
const underscore = 95

/** What becomes of each ASCII character: itself in lower case, nothing (quotes), or a hyphen. */
const kept = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code).toLowerCase()
  return /[a-z0-9]/.test(character) ? character.charCodeAt(0) : /['`]/.test(character) ? 0 : hyphen
})

/** The same for ASCII, which nearly every text is: in one go, and no further than an id may be long. */
function plainPart(text: string): Named {
  const codes: number[] = []
  const hyphens: number[] = []
  let length = 0
  let isApart = false
  for (let at = afterNumber(text); at < text.length && length <= longestSlug; at++) {
    const code = kept[text.charCodeAt(at)] ?? hyphen
    if (code === hyphen) isApart = length > 0
    else if (code !== 0) {
      if (isApart) {
        hyphens.push(length++)
        codes.push(hyphen)
        isApart = false
      }
      length = codes.push(code)
    }
  }
  if (length > longestSlug) codes.length = lengthOfCut(length, hyphens.at(-1) ?? -1)
  const id = asText(codes)
  for (const at of hyphens) if (at < codes.length) codes[at] = underscore
  return { id, name: asText(codes) }
}

/** Only what begins with a blank or a digit can begin with a number: they stand before all letters. */
function afterNumber(text: string): number {
  return text.charCodeAt(0) < 58 ? (number.exec(text)?.[0].length ?? 0) : 0
}

function asText(codes: number[]): string {
  return String.fromCharCode.apply(null, codes)
}

/** The id as CEL sees it. */
export function nameOf(id: string): string {
  return notDigitFirst(underscored(id))
}

function notDigitFirst(name: string): string {
  return name.charCodeAt(0) < 58 ? `_${name}` : name
}

function underscored(id: string): string {
  const usual = id.includes('-') ? id.replaceAll('-', '_') : id
  return /\W/.test(usual) ? usual.replace(/\W/g, '_') : usual
}

/** Gives every phase and step its id. Explicit ids are taken first, so that an implicit one never displaces them. */
export function assignIds(draft: Draft, problems: Problems): void {
  const phases = new Map<string, number>()
  for (const phase of draft.phases) phase.id = distinct(slug(phase.plan.title) || 'phase', phases)
  const taken = new Set<string>()
  for (const step of draft.steps) takeExplicit(step, taken, problems)
  const implicit: Implicit = { taken, ordinals: new Map(), above: new Map(), problems }
  for (const step of draft.steps) if (step.id === '') takeImplicit(step, implicit)
}

interface Implicit {
  readonly taken: Set<string>
  readonly ordinals: Map<string, number>
  /** What the ids below the same headings begin with. */
  readonly above: Map<readonly string[], Named>
  readonly problems: Problems
}

function takeExplicit(step: DraftStep, taken: Set<string>, problems: Problems): void {
  const { id } = step.common
  if (!id) return
  const name = nameOf(id.text)
  if (taken.has(name)) {
    problems.error('duplicate-id', id.place, {
      found: `the id "${id.text}" a second time`,
      expected: 'each id once; in conditions "-", "." and "/" are all written "_"',
      example: `id=${id.text}-2`,
    })
  }
  taken.add(name)
  step.id = id.text
  step.name = name
}

const nothing: Named = { id: '', name: '' }

function extended(above: Named, part: Named): Named {
  if (part.id === '') return above
  if (above.id === '') return { id: part.id, name: notDigitFirst(part.name) }
  return { id: `${above.id}/${part.id}`, name: `${above.name}_${part.name}` }
}

function aboveOf({ parent, section }: DraftStep, known: Map<readonly string[], Named>): Named {
  if (parent) {
    if (section.length <= parent.path.length) return parent
    return section.slice(parent.path.length).map(partOf).reduce(extended, parent)
  }
  const before = known.get(section)
  if (before) return before
  const made = section.map(partOf).reduce(extended, nothing)
  known.set(section, made)
  return made
}

const unnamed: Named = { id: 'step', name: 'step' }

function takeImplicit(step: DraftStep, implicit: Implicit): void {
  const { taken } = implicit
  const own = partOf(step.text)
  const usual = extended(aboveOf(step, implicit.above), own.id === '' ? unnamed : own)
  const before = taken.size
  taken.add(usual.name)
  const { id, name } = taken.size > before ? usual : another(step, usual.id, implicit)
  step.id = id
  step.name = name
}

/** The next free one with a number, which is lost to conditions when steps move. */
function another(step: DraftStep, base: string, { taken, ordinals, problems }: Implicit): Named {
  let ordinal = ordinals.get(base) ?? 1
  let id: string
  do id = `${base}-${++ordinal}`
  while (taken.has(nameOf(id)))
  ordinals.set(base, ordinal)
  taken.add(nameOf(id))
  problems.warn(
    'duplicate-text',
    { line: step.line, column: 1 },
    {
      found: `the text "${step.text.slice(0, 60)}" a second time in the same place`,
      expected: `another text, or an id of its own; it is called "${id}" now, and is lost to conditions when steps move`,
      example: '```yaml answer id=a-name-of-its-own',
    },
  )
  return { id, name: nameOf(id) }
}

/** Appends -2, -3, … to what was used before. */
export function distinct(base: string, used: Map<string, number>): string {
  const count = (used.get(base) ?? 0) + 1
  used.set(base, count)
  if (count === 1) return base
  const candidate = `${base}-${count}`
  return used.has(candidate) ? distinct(base, used) : distinct(candidate, used)
}

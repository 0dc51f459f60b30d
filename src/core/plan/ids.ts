/** Ids: heading path, parent steps and text, as short words. `id=` fixes one. */
import type { Draft, DraftStep } from './draft.ts'
import type { Problems } from './problem.ts'

const longestSlug = 60

/** Letters and digits of any script, joined by hyphens; a number before a heading ("3. Deploy") is no part of its name. */
export function slug(text: string): string {
  const isPlain = !/[^\x20-\x7e]/.test(text)
  const words = (isPlain ? text : text.normalize('NFKC')).toLowerCase().replace(/^\s*\d+(?:\.\d+)*[.)]\s+/, '')
  const joined = isPlain ? joinedPlainly(words) : joinedWords(words)
  if (joined.length <= longestSlug) return joined
  const cut = joined.slice(0, longestSlug)
  return (joined[longestSlug] === '-' ? cut : cut.slice(0, Math.max(20, cut.lastIndexOf('-'))))
    .replace(/-+$/, '')
    .toWellFormed()
}

function joinedWords(words: string): string {
  return words
    .replace(/['’`]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
}

/** The same for ASCII in lower case, which nearly every text is. */
function joinedPlainly(text: string): string {
  const words = /['`]/.test(text) ? text.replace(/['`]/g, '') : text
  let joined = ''
  let from = -1
  for (let at = 0; at <= words.length; at++) {
    const code = at < words.length ? words.charCodeAt(at) : 0
    if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57)) {
      if (from < 0) from = at
    } else if (from >= 0) {
      joined += joined === '' ? words.slice(from, at) : `-${words.slice(from, at)}`
      from = -1
    }
  }
  return joined
}

/** The id as CEL sees it. */
export function nameOf(id: string): string {
  const name = underscored(id)
  return /^\d/.test(name) ? `_${name}` : name
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

/** An id, or the beginning of one, with what it is for CEL. */
interface Named {
  readonly id: string
  readonly name: string
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

function extended(above: Named, part: string): Named {
  if (part === '') return above
  if (above.id === '') return { id: part, name: nameOf(part) }
  return { id: `${above.id}/${part}`, name: `${above.name}_${underscored(part)}` }
}

function aboveOf({ parent, section }: DraftStep, known: Map<readonly string[], Named>): Named {
  if (parent) return section.slice(parent.path.length).map(slug).reduce(extended, parent)
  const before = known.get(section)
  if (before) return before
  const made = section.map(slug).reduce(extended, nothing)
  known.set(section, made)
  return made
}

function takeImplicit(step: DraftStep, { taken, ordinals, above, problems }: Implicit): void {
  const { id: base, name: first } = extended(aboveOf(step, above), slug(step.text) || 'step')
  let [id, name] = [base, first]
  for (let ordinal = ordinals.get(base) ?? 1; taken.has(name); ordinals.set(base, ordinal)) {
    id = `${base}-${++ordinal}`
    name = nameOf(id)
  }
  if (id !== base) {
    problems.warn(
      'duplicate-text',
      { line: step.line, column: 1 },
      {
        found: `the text "${step.text.slice(0, 60)}" a second time in the same place`,
        expected: `another text, or an id of its own; it is called "${id}" now, and is lost to conditions when steps move`,
        example: '```yaml answer id=a-name-of-its-own',
      },
    )
  }
  taken.add(name)
  step.id = id
  step.name = name
}

/** Appends -2, -3, … to what was used before. */
export function distinct(base: string, used: Map<string, number>): string {
  const count = (used.get(base) ?? 0) + 1
  used.set(base, count)
  if (count === 1) return base
  const candidate = `${base}-${count}`
  return used.has(candidate) ? distinct(base, used) : distinct(candidate, used)
}

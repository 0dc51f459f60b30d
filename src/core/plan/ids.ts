/** Ids: heading path, parent steps and text, as short words. `id=` fixes one. */
import type { Draft, DraftStep } from './draft.ts'
import type { Problems } from './problem.ts'

const longestSlug = 60

/** Letters and digits of any script, joined by hyphens; a number before a heading ("3. Deploy") is no part of its name. */
export function slug(text: string): string {
  const joined = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^\s*\d+(?:\.\d+)*[.)]\s+/, '')
    .replace(/['’`]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  if (joined.length <= longestSlug) return joined
  const cut = joined.slice(0, longestSlug)
  return (joined[longestSlug] === '-' ? cut : cut.slice(0, Math.max(20, cut.lastIndexOf('-'))))
    .replace(/-+$/, '')
    .toWellFormed()
}

/** The id as CEL sees it. */
export function nameOf(id: string): string {
  const name = id.replace(/\W/g, '_')
  return /^\d/.test(name) ? `_${name}` : name
}

/** Gives every phase and step its id. Explicit ids are taken first, so that an implicit one never displaces them. */
export function assignIds(draft: Draft, problems: Problems): void {
  const phases = new Map<string, number>()
  for (const phase of draft.phases) phase.id = distinct(slug(phase.plan.title) || 'phase', phases)
  const taken = new Set<string>()
  for (const step of draft.steps) takeExplicit(step, taken, problems)
  const ordinals = new Map<string, number>()
  for (const step of draft.steps) if (step.id === '') takeImplicit(step, taken, ordinals, problems)
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

function takeImplicit(step: DraftStep, taken: Set<string>, ordinals: Map<string, number>, problems: Problems): void {
  const above = step.parent
    ? [step.parent.id, ...step.section.slice(step.parent.path.length).map(slug)]
    : step.section.map(slug)
  const base = [...above, slug(step.text) || 'step'].filter((part) => part !== '').join('/')
  let id = base
  for (let ordinal = ordinals.get(base) ?? 1; taken.has(nameOf(id)); ordinals.set(base, ordinal))
    id = `${base}-${++ordinal}`
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
  taken.add(nameOf(id))
  step.id = id
  step.name = nameOf(id)
}

/** Appends -2, -3, … to what was used before. */
export function distinct(base: string, used: Map<string, number>): string {
  const count = (used.get(base) ?? 0) + 1
  used.set(base, count)
  if (count === 1) return base
  const candidate = `${base}-${count}`
  return used.has(candidate) ? distinct(base, used) : distinct(candidate, used)
}

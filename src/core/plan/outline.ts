/** Questions about the headings of a document: its title, what stands below, whether it has tasks. */
import type { List, Section } from './document.ts'

/** The one heading that all others stand under is the document's title; the level below it opens phases. */
export function titleSection(root: Section): Section | null {
  const [first, ...others] = sectionsOf(root)
  return first && others.length === 0 && sectionsOf(first).length > 0 ? first : null
}

export function sectionsOf(section: Section): readonly Section[] {
  return section.parts.flatMap((part) => (part.kind === 'section' ? [part.section] : []))
}

export function hasTask(section: Section): boolean {
  const inList = (list: List): boolean => list.items.some((item) => item.form === 'task' || item.lists.some(inList))
  return section.parts.some((part) =>
    part.kind === 'list' ? inList(part.list) : part.kind === 'section' && hasTask(part.section),
  )
}

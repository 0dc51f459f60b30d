/** Asks every recogniser about every item, and makes one answer of what they say. */
import type { Around, Finding, Form, ImportItem, Kind, Outline, Recogniser, Role } from './item.ts'
import { withJoined } from './joined/joined.ts'

/** An item with what it was taken for. `by` names the recogniser that decided; null = none knew it. */
export interface Recognised extends Finding {
  readonly item: ImportItem
  readonly by: string | null
}

export function recogniseAll(outline: Outline, recognisers: readonly Recogniser[]): readonly Recognised[] {
  const places = placesOf(outline)
  const hasTask = outline.items.some(({ form }) => form === 'task')
  const seen = outline.items.map((item, at) => {
    const around = places[at]
    const found = around ? ask(item, around, recognisers) : []
    return { item, ...(joined(found) ?? plain(item, hasTask)) }
  })
  return withJoined(withoutEchoes(seen))
}

type Named = Finding & { readonly by: string }

function ask(item: ImportItem, around: Around, recognisers: readonly Recogniser[]): readonly Named[] {
  const found: Named[] = []
  for (const { name, recognise } of recognisers) {
    const finding = recognise(item, around)
    if (finding) found.push({ ...finding, by: name })
  }
  // The sort is stable: among equals the order of the list decides.
  return found.sort((a, b) => b.confidence - a.confidence)
}

/** The surest decides role and kind; the others add what they know. */
function joined(found: readonly Named[]): Named | null {
  const [first, ...others] = found
  if (!first) return null
  // What hardly anybody is sure of adds its params, and is no second kind.
  const named = others.filter(({ confidence }) => confidence >= 0.1)
  const also = new Set<Kind>([...first.alsoKinds, ...named.flatMap(({ kind, alsoKinds }) => [kind, ...alsoKinds])])
  also.delete(first.kind)
  return {
    ...first,
    alsoKinds: [...also],
    params: Object.assign({}, ...others.map(({ params }) => params).reverse(), first.params) as Finding['params'],
    ...proposed(first, others),
  }
}

/** The block, and where somebody adds it who knows nothing else, what that one says of it. */
function proposed(first: Named, others: readonly Named[]): Pick<Finding, 'proposal' | 'why'> {
  const by = first.proposal ? first : others.find(({ proposal }) => proposal)
  const why = !by || by === first || by.confidence >= 0.1 ? first.why : `${first.why} ${by.why}`
  return { proposal: by?.proposal ?? null, why }
}

/** Nobody knew it: a person does it, which is the usual case. */
function plain(item: ImportItem, hasTask: boolean): Finding & { readonly by: null } {
  const finding = { alsoKinds: [], params: {}, proposal: null, confidence: 0, by: null } as const
  const isStep = item.form === 'task' || item.checked !== null || item.form === 'ordered'
  if (isStep || (item.form === 'bullet' && !hasTask && !isOnlyLink(item))) {
    const holdsSteps = item.children.length > item.fences.length
    if (holdsSteps) return { ...finding, role: 'group', kind: 'group', why: 'It holds the steps below it.' }
    return { ...finding, role: 'step', kind: 'manual', why: 'A person does this and says so.' }
  }
  return { ...finding, ...plainForms[item.form === 'bullet' ? 'prose' : item.form] }
}

function isOnlyLink({ text, links }: ImportItem): boolean {
  return links.length === 1 && links[0]?.text === text
}

const plainForms: Readonly<
  Record<Exclude<Form, 'bullet'>, { readonly role: Role; readonly kind: Kind; readonly why: string }>
> = {
  task: { role: 'step', kind: 'manual', why: 'A person does this and says so.' },
  ordered: { role: 'step', kind: 'manual', why: 'A person does this and says so.' },
  heading: { role: 'group', kind: 'group', why: 'A heading groups what stands below it.' },
  field: { role: 'field', kind: 'form-field', why: 'A blank that somebody fills in.' },
  fence: { role: 'note', kind: 'reference', why: 'A block to read; nothing in it runs.' },
  'table-row': { role: 'note', kind: 'reference', why: 'A row to read.' },
  prose: { role: 'note', kind: 'reference', why: 'Words to read.' },
}

/** A block that its item proposes already is not proposed a second time by the fence itself. */
function withoutEchoes(all: readonly Recognised[]): readonly Recognised[] {
  const proposing = new Set<number>()
  for (const { item, proposal } of all) if (proposal && item.form !== 'fence') proposing.add(item.line)
  return all.map((each) => {
    const { item, proposal } = each
    if (item.form !== 'fence' || !proposal || item.parent === null || !proposing.has(item.parent)) return each
    return { ...each, proposal: null }
  })
}

function placesOf(outline: Outline): readonly Around[] {
  const sections = new Map<ImportItem | null, ImportItem[]>()
  const facts: { heading: ImportItem | null; parent: ImportItem | null; previous: ImportItem | null }[] = []
  const openAt: ImportItem[] = []
  let heading: ImportItem | null = null
  const lastIn = new Map<ImportItem | null, ImportItem>()
  const nextOf = new Map<ImportItem, ImportItem>()
  for (const item of outline.items) {
    while (openAt.length > 0 && !isInside(item, openAt.at(-1))) openAt.pop()
    const parent = item.parent === null ? null : (openAt.at(-1) ?? null)
    const isSection = item.form === 'heading' && item.parent === null
    const holder: ImportItem | null = parent ?? heading
    const previous: ImportItem | null = isSection ? null : (lastIn.get(holder) ?? null)
    if (previous) nextOf.set(previous, item)
    if (!isSection) lastIn.set(holder, item)
    facts.push({ heading, parent, previous })
    const section: ImportItem[] = sections.get(heading) ?? []
    if (!isSection) section.push(item)
    sections.set(heading, section)
    if (isSection) heading = item
    else if (isListItem(item)) openAt.push(item)
  }
  return outline.items.map((item, at) => {
    const { heading: above = null, parent = null, previous = null } = facts[at] ?? {}
    const next = nextOf.get(item) ?? null
    return { outline, sectionItems: sections.get(above) ?? [], heading: above, parent, previous, next }
  })
}

function isListItem({ form }: ImportItem): boolean {
  return form === 'task' || form === 'bullet' || form === 'ordered'
}

function isInside(item: ImportItem, outer: ImportItem | undefined): boolean {
  if (!outer) return false
  return item.line >= outer.line && item.endLine <= outer.endLine && item.depth > outer.depth
}

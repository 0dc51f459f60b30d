/** Builds what a recogniser says, so that params and roles are made the same way by all of them. */
import type { Around, Finding, ImportItem, Kind, Proposal, Role } from '../item.ts'
import type { Json } from '../../core/units.ts'
import { mayFitAny, sieved, type Sieved } from '../sieve/sieve.ts'
import { hasTask, holdsItems, isListItem, isStep, paramsOf } from './place.ts'

export interface Meaning {
  readonly kind: Kind
  readonly why: string
  readonly confidence: number
  readonly role?: Role
  readonly alsoKinds?: readonly Kind[]
  readonly params?: Readonly<Record<string, Json>>
  readonly proposal?: Proposal | null
  /** What it is stays its main thing although it holds other items: a watch, an approval, a stage. */
  readonly staysStep?: boolean
}

export function finding(item: ImportItem, around: Around, meaning: Meaning): Finding {
  const params = { ...paramsOf(item, around), ...meaning.params }
  const also = meaning.alsoKinds ?? []
  const { why, confidence } = meaning
  const proposal = canHold(item, around) ? (meaning.proposal ?? null) : null
  if (holdsItems(item) && !meaning.staysStep)
    return {
      role: 'group',
      kind: 'group',
      alsoKinds: [meaning.kind, ...also],
      why: `It holds the steps below it. ${why}`,
      params,
      proposal,
      confidence,
    }
  return { role: meaning.role ?? 'step', kind: meaning.kind, alsoKinds: also, why, params, proposal, confidence }
}

/** Where boxes are the steps, an item without one can hold no block. */
function canHold(item: ImportItem, { outline, parent }: Around): boolean {
  if (item.insert === null) return false
  const holder = isListItem(item) ? item : parent
  return holder === null || holder.form === 'task' || !hasTask(outline)
}

/** One way to say a kind of thing. `text` is matched against the item's words, `above` against headings and the item around. */
export interface Wording {
  readonly text: RegExp
  readonly above?: RegExp
  readonly unless?: RegExp
  readonly why: string
  readonly confidence: number
  readonly kind?: Kind
  readonly alsoKinds?: readonly Kind[]
}

interface SievedWording extends Omit<Wording, 'text' | 'above' | 'unless'> {
  readonly text: Sieved
  readonly above: Sieved | null
  readonly unless: Sieved | null
}

/** The surest wording that fits, for items that somebody has to do. */
export function byWording(kind: Kind, wordings: readonly Wording[]) {
  const all = wordings.map(
    (each): SievedWording => ({
      ...each,
      text: sieved(each.text),
      above: each.above ? sieved(each.above) : null,
      unless: each.unless ? sieved(each.unless) : null,
    }),
  )
  const mayFit = mayFitAny(wordings.map(({ text }) => text))
  return (item: ImportItem, around: Around): Finding | null => {
    if (!isStep(item, around)) return null
    const text = item.text.slice(0, 600)
    if (!mayFit(text)) return null
    let best: SievedWording | null = null
    for (const each of all) {
      if (best && best.confidence >= each.confidence) continue
      if (!each.text.test(text) || each.unless?.test(text) || (each.above && !each.above.test(above(item, around))))
        continue
      best = each
    }
    if (!best) return null
    const { why, confidence, alsoKinds } = best
    return finding(item, around, { why, confidence, ...(alsoKinds && { alsoKinds }), kind: best.kind ?? kind })
  }
}

function above(item: ImportItem, around: Around): string {
  return `${item.section.slice(-3).join(' > ')} > ${around.parent?.text ?? ''}`.slice(0, 400)
}

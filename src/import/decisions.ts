/** What people decided about a document before, found again in the copy, however the document has changed since. */
import { sha256Hex } from '../core/log/canonical.ts'
import type { Import } from './import.ts'
import type { ImportItem, Outline } from './item.ts'
import { readOutline } from './outline.ts'
import { removeBlocks } from './remove.ts'
import type { Accepted } from './copy.ts'

export interface Decisions {
  /** Blocks that stand in the copy, each at the item it belongs to now. */
  readonly accepted: readonly Accepted[]
  /** Items whose proposal was not wanted, by their place in `imported.items`. */
  readonly skipped: ReadonlySet<number>
  /** Blocks whose item is gone, with the line they stood at. */
  readonly lost: readonly { readonly block: string; readonly text: string }[]
  /** Lines that people added to the front matter that importing made. */
  readonly extra: readonly string[]
  /** People changed more in the copy than blocks and that front matter: writing it anew would lose it. */
  readonly isChanged: boolean
}

export const noDecisions: Decisions = { accepted: [], skipped: new Set(), lost: [], extra: [], isChanged: false }

/** A short print of each item, from its headings, its words, and how many like it stood before. */
export function printsOf(outline: Outline): readonly string[] {
  const seen = new Map<string, number>()
  return outline.items.map((item) => {
    const words = JSON.stringify([item.form === 'heading' ? 'heading' : 'item', item.section, item.text])
    const before = seen.get(words) ?? 0
    seen.set(words, before + 1)
    return sha256Hex(`${before} ${words}`).slice(0, 8)
  })
}

/** null = `copy` is no copy that importing wrote. */
export function decisionsIn(copy: string, now: Import): Decisions | null {
  const removed = removeBlocks(copy)
  if (!removed) return null
  const old = readOutline(removed.text)
  const newAt = sameItems(old, now.outline)
  const accepted: Accepted[] = []
  const lost: { block: string; text: string }[] = []
  const owners = ownersByLine(old)
  for (const { block, afterLine } of removed.blocks) {
    const candidates = owners.get(afterLine) ?? []
    const places = candidates.flatMap((each) => newAt[each] ?? [])
    const proposed = places.find((at) => now.imported.items[at]?.proposal?.block === block)
    const at = proposed ?? places.find((each) => now.imported.items[each]?.proposal) ?? places[0]
    if (at === undefined) lost.push({ block, text: old.items[candidates[0] ?? -1]?.text ?? '' })
    else accepted.push({ at, block })
  }
  const skippedPrints = new Set(removed.note.skipped)
  const skipped = new Set<number>()
  for (const [index, print] of printsOf(old).entries()) {
    const at = newAt[index]
    if (skippedPrints.has(print) && at !== undefined) skipped.add(at)
  }
  const { extra, isChanged } = removed
  return { accepted: accepted.sort((a, b) => a.at - b.at), skipped, lost, extra, isChanged }
}

/** Items of the old document by the line behind which their blocks stand. */
function ownersByLine(outline: Outline): ReadonlyMap<number, readonly number[]> {
  const owners = new Map<number, number[]>()
  for (const [at, { insert }] of outline.items.entries()) {
    if (!insert) continue
    const here = owners.get(insert.afterLine)
    if (here) here.push(at)
    else owners.set(insert.afterLine, [at])
  }
  return owners
}

/** For each old item the place of the same one now: by its words; where the words changed, by its place among those that did. */
function sameItems(old: Outline, now: Outline): readonly (number | undefined)[] {
  const places = new Map<string, number>()
  for (const [at, print] of printsOf(now).entries()) places.set(print, at)
  const found: (number | undefined)[] = printsOf(old).map((print) => places.get(print))
  const taken = new Set(found)
  const changed = grouped(old.items, (at) => found[at] === undefined)
  const fresh = grouped(now.items, (at) => !taken.has(at))
  for (const [key, lost] of changed) {
    const candidates = fresh.get(key) ?? []
    if (lost.length === candidates.length) for (const [nth, at] of lost.entries()) found[at] = candidates[nth]
  }
  return found
}

/** Places of the items that fit, by their form and their headings. */
function grouped(items: readonly ImportItem[], fits: (at: number) => boolean): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>()
  for (const [at, { form, section, depth }] of items.entries()) {
    if (!fits(at)) continue
    const key = JSON.stringify([form, depth, section])
    const group = groups.get(key)
    if (group) group.push(at)
    else groups.set(key, [at])
  }
  return groups
}

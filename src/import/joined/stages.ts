/** The stages of one rollout, wherever a document says them: headings, steps of a list, rows of a table, or a drawn plan. */
import type { Json } from '../../core/units.ts'
import type { ImportItem } from '../item.ts'
import type { Recognised } from '../recognise.ts'
import { durationOf } from './limits.ts'

/** A rollout of more stages than this is none. */
const most = 40

export interface FoundStage {
  /** Item that says it, by its place. */
  readonly at: number
  readonly weight: number
  readonly soak: string | null
  /** Step of its own that says the soak: `Monitor for 30 minutes`. */
  readonly soakAt?: number | undefined
}

export interface FoundRollout {
  /** `sections`: each stage is a heading with steps of its own, below the heading `at`. Otherwise the block goes to item `at`. */
  readonly form: 'sections' | 'list'
  readonly at: number
  readonly stages: readonly FoundStage[]
}

/** null = no rollout with at least two stages. Sections are surer than steps, steps surer than a drawing. */
export function rolloutIn(seen: readonly Recognised[]): FoundRollout | null {
  if (!seen.some(({ kind, alsoKinds }) => kind === 'canary-stage' || alsoKinds.includes('canary-stage'))) return null
  return sectionsIn(seen) ?? listIn(seen) ?? drawnIn(seen)
}

/** Each stage has a heading, all of them directly below one. */
function sectionsIn(seen: readonly Recognised[]): FoundRollout | null {
  const headings = seen.flatMap((each, at): readonly FoundStage[] => {
    const weight = each.item.form === 'heading' && each.kind === 'canary-stage' ? each.params['weight'] : null
    return typeof weight === 'number' ? [{ at, weight, soak: soakOf(each.params['soak']) }] : []
  })
  return belowOne(headings, seen)
}

/** Stages below the heading that the first of them stands under; null = fewer than two, or no such heading is a phase. */
function belowOne(headings: readonly FoundStage[], seen: readonly Recognised[]): FoundRollout | null {
  const [first] = headings
  const heading = first && seen[first.at]?.item
  if (!first || !heading) return null
  const stages = ascending(
    headings.filter(({ at }) => {
      const item = seen[at]?.item
      return item?.level === heading.level && item.section.join('\n') === heading.section.join('\n')
    }),
  )
  const above = seen.findLastIndex(
    ({ item }, at) => at < first.at && item.form === 'heading' && (item.level ?? 0) < (heading.level ?? 0),
  )
  const holder = seen[above]?.item
  // Below the title each stage would be a phase of its own.
  if (stages.length < 2 || !holder?.insert || isTitle(holder, seen)) return null
  return { form: 'sections', at: above, stages: stages.map((stage) => withSoakBelow(stage, seen)) }
}

/** A stage that is a section holds no watch: `Monitor for 30 minutes` among its steps is its soak, in the last one too. */
function withSoakBelow(stage: FoundStage, seen: readonly Recognised[]): FoundStage {
  if (stage.soak !== null) return stage
  const level = seen[stage.at]?.item.level ?? 0
  for (let at = stage.at + 1; at < seen.length; at++) {
    const each = seen[at]
    if (!each || (each.item.form === 'heading' && (each.item.level ?? 0) <= level)) break
    const soak = each.kind === 'monitor-window' && each.role === 'step' ? soakOf(each.params['for']) : null
    if (soak !== null) return { ...stage, soak, soakAt: at }
  }
  return stage
}

function isTitle(item: ImportItem, seen: readonly Recognised[]): boolean {
  const isOutermost = (other: ImportItem): boolean =>
    other.form === 'heading' && other.parent === null && other.section.length === 0
  return isOutermost(item) && !seen.some((other) => other.item !== item && isOutermost(other.item))
}

interface StageItem extends FoundStage {
  readonly heading: number
  readonly canHold: boolean
}

/** Steps that move traffic, by the list or table they stand in. */
function stageItems(seen: readonly Recognised[]): ReadonlyMap<string, readonly StageItem[]> {
  const hasTask = seen.some(({ item }) => item.form === 'task')
  const groups = new Map<string, StageItem[]>()
  let heading = -1
  for (const [at, each] of seen.entries()) {
    const { item, kind, params } = each
    if (item.form === 'heading' && item.parent === null) heading = at
    if (/^(?:heading|fence|prose)$/.test(item.form) || item.isQuoted) continue
    if ((kind !== 'canary-stage' && kind !== 'traffic-shift') || item.section.some((title) => goingBack.test(title)))
      continue
    const weight = typeof params['weight'] === 'number' ? params['weight'] : kind === 'traffic-shift' ? 100 : null
    if (weight === null) continue
    const key = JSON.stringify([item.parent, heading, item.table?.line ?? null])
    const own = withSoakBehind({ at, weight, soak: soakOf(params['soak']) }, seen)
    const stage = { ...own, heading, canHold: canHold(each, hasTask) }
    const group = groups.get(key)
    if (group) group.push(stage)
    else groups.set(key, [stage])
  }
  return groups
}

const goingBack = /\b(?:roll(?:ing)?[- ]?back|revert|back[- ]?out|emergency)\b/i

/** Neighbours of one list or table, or else steps below headings that stand beside each other. */
function listIn(seen: readonly Recognised[]): FoundRollout | null {
  const groups = stageItems(seen)
  for (const group of groups.values()) {
    const stages = ascending(group)
    const first = group.find(({ at }) => at === stages[0]?.at)
    if (stages.length < 2 || !first) continue
    // What can hold no block has its rollout under the heading.
    const heading = seen[first.heading]
    if (first.canHold) return { form: 'list', at: first.at, stages }
    if (heading?.item.insert && heading.proposal === null && seen[first.at]?.proposal === null)
      return { form: 'list', at: first.heading, stages }
  }
  const headings = [...groups.values()].flatMap(([first]) => (first && first.heading !== -1 ? [first] : []))
  return belowOne(
    headings.map(({ heading, weight, soak, soakAt }) => ({ at: heading, weight, soak, soakAt })),
    seen,
  )
}

/** A command that the item proposes itself moves the traffic already. */
function canHold({ item, role, proposal }: Recognised, hasTask: boolean): boolean {
  if (item.insert === null || proposal !== null) return false
  if (item.form === 'task') return true
  const isItem = item.form === 'bullet' || item.form === 'ordered'
  return isItem && role === 'step' && !hasTask
}

/** `Monitor for 30 minutes` right behind a stage is its soak; behind the last one it is a watch. */
function withSoakBehind(stage: FoundStage, seen: readonly Recognised[]): FoundStage {
  if (stage.soak !== null || stage.weight === 100) return stage
  const item = seen[stage.at]?.item
  for (let at = stage.at + 1; at < Math.min(seen.length, stage.at + 12); at++) {
    const each = seen[at]
    if (!each || each.item.form === 'heading') break
    if (each.item.parent !== item?.parent || each.item.form === 'fence') continue
    const soak = each.kind === 'monitor-window' ? soakOf(each.params['for']) : null
    return soak === null ? stage : { ...stage, soak, soakAt: at }
  }
  return stage
}

function drawnIn(seen: readonly Recognised[]): FoundRollout | null {
  for (const [at, { item, params, kind }] of seen.entries()) {
    const drawn = params['stages']
    if (kind !== 'canary-stage' || !Array.isArray(drawn) || item.insert === null) continue
    const stages = ascending(
      drawn.flatMap((each) => {
        const { weight, soak } = recordOf(each)
        return typeof weight === 'number' ? [{ at, weight, soak: soakOf(soak) }] : []
      }),
    )
    if (stages.length >= 2) return { form: 'list', at, stages }
  }
  return null
}

/** Each with more traffic than the one before it, as far as that goes. */
function ascending(found: readonly FoundStage[]): readonly FoundStage[] {
  const stages: FoundStage[] = []
  for (const { at, weight, soak, soakAt } of found.slice(0, most))
    if (weight > (stages.at(-1)?.weight ?? 0) && weight <= 100) stages.push({ at, weight, soak, soakAt })
  return stages
}

/** `{ value, unit }` or `{ from, to, unit }`: of a span the longer end. */
export function soakOf(soak: Json | undefined): string | null {
  const { value, to, unit } = recordOf(soak ?? null)
  const length = typeof to === 'number' ? to : value
  return typeof length === 'number' && typeof unit === 'string' ? durationOf(length, unit) : null
}

function recordOf(json: Json): { readonly [name: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as { [name: string]: Json }) : {}
}

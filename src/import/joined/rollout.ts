/** Puts the stages of a document and the limits around them into a rollout; what became part of it points to it. */
import type { ImportItem, Proposal } from '../item.ts'
import type { Recognised } from '../recognise.ts'
import { limitsIn } from './limits.ts'
import { namesOf, policyOf, type Policy, type Ruling } from './policy.ts'
import { rolloutBlock, stageBlock } from './rollout-blocks.ts'
import { rolloutIn, type FoundRollout } from './stages.ts'

export interface RolloutProposal {
  readonly rollout: FoundRollout
  readonly policy: Policy
  /** Places of the items whose limits are in it. */
  readonly ruled: ReadonlySet<number>
}

/** Changes the entries of `seen` that say the rollout; null = there is none. */
export function proposeRollout(seen: Recognised[]): RolloutProposal | null {
  const rollout = rolloutIn(seen)
  const holder = rollout && seen[rollout.at]
  if (!rollout || !holder) return null
  const places = placesOf(rollout, seen)
  const rulings = rulingsIn(seen, places, new Set(rollout.stages.map(({ soakAt }) => soakAt)))
  const policy = policyOf(rulings)
  const asks = asksOf(rollout, policy, seen, places)
  const line = holder.item.line
  const told = new Set([rollout.at, ...rollout.stages.map((stage) => stage.at)])
  const ruled = new Set(rulings.map((ruling) => ruling.at))
  const judged = policy.metrics.length === 0 ? 'a person says go at each' : `judged by ${namesOf(policy)}`
  propose(seen, rollout.at, {
    why: `Its ${rollout.stages.length} stages make one rollout, ${judged}.`,
    proposal: { block: rolloutBlock(rollout, policy, asks), risk: 'changes' },
  })
  for (const [nth, stage] of rollout.stages.entries()) {
    if (rollout.form === 'sections')
      propose(seen, stage.at, {
        why: `It is a stage of the rollout proposed at line ${line}, with the steps below it.`,
        proposal: { block: stageBlock(stage, nth, policy, asks), risk: 'changes' },
      })
    else if (stage.at !== rollout.at) pointTo(seen, stage.at, `It is a stage of the rollout proposed at line ${line}.`)
  }
  for (const { soakAt } of rollout.stages) {
    const soak = soakAt === undefined ? undefined : seen[soakAt]
    if (!soak || soakAt === undefined) continue
    told.add(soakAt)
    seen[soakAt] = {
      ...soak,
      proposal: null,
      why: `It is the soak of a stage in the rollout proposed at line ${line}.`,
    }
  }
  for (const [at, { kind, item, proposal }] of seen.entries()) {
    if (rollout.form === 'sections' && isStageElsewhere(seen, at, rollout))
      pointTo(
        seen,
        at,
        `It is a stage too, but stands outside of "${holder.item.text}"; below that heading it would be one of the rollout.`,
      )
    if (told.has(at) || proposal || !places(item, at)) continue
    if (kind === 'canary-stage' && item.form === 'fence')
      pointTo(seen, at, `The rollout proposed at line ${line} has these stages.`)
    else if (ruled.has(at))
      pointTo(
        seen,
        at,
        `${(seen[at]?.why ?? '').replace(/; limits like these.*/, '.')} Its limit is in the rollout proposed at line ${line}.`,
      )
  }
  return { rollout, policy, ruled }
}

function propose(seen: Recognised[], at: number, more: { readonly why: string; readonly proposal: Proposal }): void {
  const each = seen[at]
  // A command that the item proposes already says more about the item itself; the rollout comes before it.
  if (each) seen[at] = { ...each, ...more }
}

function pointTo(seen: Recognised[], at: number, why: string): void {
  const each = seen[at]
  if (each) seen[at] = { ...each, why: why.trim() }
}

/** A later stage under another heading: a rollout is all in one section. */
function isStageElsewhere(seen: readonly Recognised[], at: number, { stages }: FoundRollout): boolean {
  const [each, last] = [seen[at], stages.at(-1)]
  if (!each || !last || at <= last.at || each.item.form !== 'heading' || each.kind !== 'canary-stage') return false
  return typeof each.params['weight'] === 'number' && each.params['weight'] > last.weight
}

/** Stage of an item by its place in the list: null = of all stages, undefined = outside of the rollout. */
type Places = (item: ImportItem, at: number) => { readonly stage: number | null } | undefined

function placesOf({ form, stages, at: holder }: FoundRollout, seen: readonly Recognised[]): Places {
  const around = seen[holder]?.item
  if (form === 'sections') {
    const ends = stages.map(({ at }) => endOfSection(seen, at))
    const end = endOfSection(seen, holder)
    return (_item, at) => {
      if (at <= holder || at >= end) return undefined
      const stage = stages.findIndex((each, nth) => at >= each.at && at < (ends[nth] ?? 0))
      return { stage: stage === -1 ? null : stage }
    }
  }
  // In a list the rules stand behind the first stage, below the same heading.
  const end = around?.form === 'heading' ? endOfSection(seen, holder) : seen.length
  const section = JSON.stringify(seen[stages[0]?.at ?? holder]?.item.section ?? [])
  return (item, at) =>
    at >= holder && at < end && JSON.stringify(item.section) === section ? { stage: null } : undefined
}

function endOfSection(seen: readonly Recognised[], at: number): number {
  const level = seen[at]?.item.level ?? 0
  const next = seen.findIndex(({ item }, index) => index > at && item.parent === null && (item.level ?? 99) <= level)
  return next === -1 ? seen.length : next
}

interface PlacedRuling extends Ruling {
  readonly at: number
}

function rulingsIn(
  seen: readonly Recognised[],
  places: Places,
  soaks: ReadonlySet<number | undefined>,
): readonly PlacedRuling[] {
  // What is looked at in a watch of its own is judged there.
  const watches = new Set(
    seen.flatMap(({ kind, item }, at) =>
      kind === 'monitor-window' && item.form !== 'heading' && !soaks.has(at) ? [item.line] : [],
    ),
  )
  return seen.flatMap(({ item, kind, params, role }, at) => {
    if (item.parent !== null && watches.has(item.parent)) return []
    const place = places(item, at)
    if (!place || item.form === 'heading' || item.form === 'fence') return []
    const isRule = kind === 'decision-rule' || kind === 'rollback-trigger'
    const consequence = isRule ? params['consequence'] : null
    const isStep = role === 'step' && (kind === 'metric-threshold' || kind === 'metric-baseline')
    if (consequence !== 'rollback' && consequence !== 'proceed' && !isStep) return []
    const zone = consequence === 'rollback' ? 'rollback' : 'go'
    return limitsIn(item.text).map((limit) => ({ limit, zone, stage: place.stage, at }) as const)
  })
}

/** Where there is nothing to judge by, or rules that are no numbers, a person lets a stage go on. */
function asksOf(
  { stages, form }: FoundRollout,
  { metrics }: Policy,
  seen: readonly Recognised[],
  places: Places,
): ReadonlySet<number> {
  const all = stages.map((_, nth) => nth)
  if (metrics.length === 0) return new Set(all)
  const asks = new Set<number>()
  for (const [at, { item, kind, params }] of seen.entries()) {
    const place = kind === 'decision-rule' && params['consequence'] !== undefined ? places(item, at) : undefined
    if (!place || isOnlyNumbers(item.text)) continue
    if (place.stage !== null) asks.add(place.stage)
    else if (form === 'list') for (const nth of all) asks.add(nth)
  }
  return asks
}

function isOnlyNumbers(text: string): boolean {
  const parts = text.replace(/^[^:]*:/, '').split(/,|;|\s(?:or|and)\s/)
  return parts.every((part) => part.trim() === '' || limitsIn(part).length > 0)
}
